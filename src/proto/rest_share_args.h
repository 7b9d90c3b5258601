/*
 * rest_share_args - what calls about shares were given, and lists of their answers. Views are those
 * of rest_args. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/json_out.h"
#include "base/str.h"
#include "proto/rest_args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REST_SHARE_DEVICES_MAX = 10 };

struct rest_share_offer {
    struct str ids[REST_SHARE_DEVICES_MAX];
    size_t count;
    struct str account; /* the sharee's: a phone number counts before an e-mail address */
    struct str comment;
    int64_t permit;
};
/* False: no list of 1 to REST_SHARE_DEVICES_MAX ids, no account, or no permit. */
MUST_USE bool rest_share_args_read_offer(const struct rest_args *args,
                                         struct rest_share_offer *out);

struct rest_share_change {
    struct str deviceid;
    struct str apikey; /* the sharee's */
    int64_t permit;    /* -1: not given */
};
/* False: deviceid or apikey is missing. */
MUST_USE bool rest_share_args_read_change(const struct rest_args *args,
                                          struct rest_share_change *out);

void rest_share_args_begin_list(struct json_out *json); /* updatedThingList */
void rest_share_args_end_list(struct json_out *json);
