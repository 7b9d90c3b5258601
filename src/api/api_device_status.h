/* api_device_status - the params of a device, asked for and set; both dialects. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_device_status;
