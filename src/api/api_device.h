/* api_device - v1: the devices of an account, and one of them. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_device;
