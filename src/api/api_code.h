/* api_code - verification codes, and what they are for: register and reset. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_code;
