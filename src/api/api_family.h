/* api_family - v2: the homes of an account. Private to api. */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_family;

/* The members familyList and currentFamilyId of the call's account. */
void api_family_put(const struct api_call *call, struct json_out *json);
