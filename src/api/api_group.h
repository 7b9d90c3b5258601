/* api_group - v1: groups of devices. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_group;
