/* api_region - where the accounts of a country belong, asked before a login. Private to api.
 */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_region;
