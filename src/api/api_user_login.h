/* api_user_login - login, in both dialects. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_user_login;
