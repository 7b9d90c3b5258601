/*
 * api_bearer - the access token in a request's Authorization header. Private to api; any thread.
 */
#pragma once

#include "base/str.h"

/* The text behind "Bearer "; ptr NULL without an Authorization header, empty for another scheme. */
struct str api_bearer(struct str authorization);
