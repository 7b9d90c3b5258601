/* api_homepage - v2: several lists by one call. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_homepage;
