/*
 * store_model - a backend that keeps users and devices in plain tables: what SQLite with its
 * journal must answer alike.
 *
 * For tests; knows users' creation and the verbs of devices, and fails at anything else. One
 * thread.
 */
#pragma once

#include "store/store_backend.h"

extern const struct store_backend store_model_backend;
