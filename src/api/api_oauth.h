/* api_oauth - OAuth 2.0: the login page, and the exchange of its code for tokens. Private to api.
 */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_oauth;
