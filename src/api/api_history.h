/*
 * api_history - what has happened to a device, for its owner. Private to api.
 */
#pragma once

#include "api/api_resource.h"

extern const struct api_resource api_history;
