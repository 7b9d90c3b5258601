/* api_ota - "is there newer firmware?", asked by apps of both dialects. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_ota;
