/* rest_group - v1's groups of devices: what calls are given, and answers. Any thread. */
#pragma once

#include "base/attr.h"
#include "base/json_out.h"
#include "base/str.h"
#include "proto/rest_args.h"

#include <stdbool.h>
#include <stdint.h>

struct rest_group {
    struct str id;
    struct str name;
    int64_t index; /* 0: not given */
    int64_t created_ms;
    bool with_devices; /* to delete: its devices too */
};

/* False: the index is no number from 0 on. */
MUST_USE bool rest_group_read(const struct rest_args *args, struct rest_group *out);

/* A device goes from one group to another; either may be empty. */
struct rest_group_move {
    struct str deviceid;
    struct str source;
    struct str target;
    bool from_all;
};
/* The `at`-th of deviceinfos. False: there are no so many; *is_bad: what is there is none. */
MUST_USE bool rest_group_read_move(const struct rest_args *args, size_t at,
                                   struct rest_group_move *out, bool *is_bad);

void rest_group_begin_list(struct json_out *json); /* groupinfos */
void rest_group_put(struct json_out *json, const struct rest_group *group);
void rest_group_end_list(struct json_out *json);
void rest_group_put_id(struct json_out *json, struct str id); /* the member groupid */
