/*
 * rest_device_args - what calls about devices were given. Views are those of rest_args. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/json.h"
#include "base/str.h"
#include "proto/rest_args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REST_THINGS_MAX = 10, REST_BATCH_TIMEOUT_MAX = 8000 };

struct str rest_device_args_id(const struct rest_args *args); /* empty: absent */

/* To add a device: v1 shows its key, v2 a digest of id and key, a GSM device's label another. */
struct rest_device_add {
    struct str deviceid;
    struct str key;
    struct str digest;
    struct str gsm_id;
    struct str name;
    struct str chipid;
    struct str settings; /* raw JSON object; empty: none given */
};
void rest_device_args_read_add(const struct rest_args *args, struct rest_device_add *out);

/* What an owner may change; ptr NULL: not given. */
struct rest_device_change {
    struct str name;
    struct str group;    /* v1 */
    struct str tags;     /* raw JSON object */
    struct str settings; /* raw JSON object */
    bool merges_tags;
};
void rest_device_args_read_change(const struct rest_args *args, struct rest_device_change *out);

/* Whose status is asked for or changed. */
struct rest_status {
    bool is_group;
    struct str id;
    struct json_value params; /* to be set; any kind */
    struct str names;         /* to be asked for, split at '|'; empty: all */
};
void rest_device_args_read_status_v1(const struct rest_args *args, struct rest_status *out);
/* False: `type` is neither 1 nor 2, or there is no id. */
MUST_USE bool rest_device_args_read_status(const struct rest_args *args, struct rest_status *out);

/* Several of them. False: no list of 1 to REST_THINGS_MAX such things, or an id stands twice. */
struct rest_batch {
    struct rest_status items[REST_THINGS_MAX];
    size_t count;
    int64_t timeout_ms; /* 0: nobody waits */
};
MUST_USE bool rest_device_args_read_batch(const struct rest_args *args, struct rest_batch *out);

/* Which part of the list of things. num 0: all. */
struct rest_page {
    struct str family; /* empty: the current one */
    int64_t num;
    int64_t begin_index;
};
void rest_device_args_read_page(const struct rest_args *args, struct rest_page *out);

/* Things by name. False: no list of 1 to REST_THINGS_MAX. */
struct rest_things {
    struct str ids[REST_THINGS_MAX];
    int64_t types[REST_THINGS_MAX];
    size_t count;
};
MUST_USE bool rest_device_args_read_things(const struct rest_args *args, struct rest_things *out);
