/*
 * rest_device - a device as the account API shows it, in both dialects.
 *
 * v1 nests `extra` in `extra` and tells uiid and times beside it; v2 has one `extra`, a home, and
 * stands in a thing. Source: docs/protocol.md, "A device". Any thread.
 */
#pragma once

#include "base/json_out.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With whom a device is shared, or by whom. */
struct rest_share {
    struct str apikey;
    struct str account; /* e-mail address, or phone number with its '+' */
    struct str comment;
    int64_t permit;
    int64_t shared_ms;
};

struct rest_device {
    struct str id;
    struct str owner;
    struct str key; /* empty for those it is shared with */
    struct str name;
    struct str model;
    struct str params; /* raw JSON */
    struct str family; /* v2: the home's id */
    struct str brand;
    struct str product;
    struct str maker;
    struct str mac;
    struct str apmac;
    struct str chipid;
    struct str description;
    struct str settings; /* raw JSON; empty: the usual ones */
    struct str tags;     /* raw JSON; empty: none */
    const struct str *groups;
    size_t group_count;
    const struct rest_share *shared_to;
    size_t shared_to_count;
    const struct rest_share *shared_by; /* NULL: the account's own */
    int64_t uiid;
    int64_t created_ms;
    int64_t online_ms; /* 0: never */
    int64_t offline_ms;
    int64_t index; /* v2: its place among the things */
    bool is_online;
};

/* The members of a device, in the object that is open. */
void rest_device_put_v1(struct json_out *json, const struct rest_device *device);

/* A whole thing, as the value of `name` (NULL: an item of a list): itemType, itemData, index. */
void rest_device_put_thing(struct json_out *json, const char *name,
                           const struct rest_device *device);
/* Its members alone, in the object that is open. */
void rest_device_put_thing_members(struct json_out *json, const struct rest_device *device);
