/* rest_family - the homes of an account: one, which has no rooms. Any thread. */
#pragma once

#include "base/json_out.h"
#include "base/str.h"

struct rest_family {
    struct str id;
    struct str owner;
    struct str name;
};

/* The members familyList and currentFamilyId. */
void rest_family_put_list(struct json_out *json, const struct rest_family *family);
