/* api_thing_batch - v2: the params of several things, set at once. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_thing_batch;
