/*
 * store_grouping - an account's groups of devices. See store.h for how calls end. Any thread.
 *
 * Groups stand in places from 1 on; one that comes to a place pushes those from there on along. A
 * device leaves its groups when it gets another owner.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

enum { STORE_GROUPING_ID_CAP = 37 };

struct grouping_record {
    char id[STORE_GROUPING_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char name[STORE_NAME_CAP];
    int64_t place; /* to create or change: 0 for behind all others, or as it is */
    int64_t created_ms;
};

/* A device in a group of its owner's. */
struct grouping_member {
    char deviceid[STORE_DEVICE_ID_CAP];
    char grouping[STORE_GROUPING_ID_CAP];
};

typedef void (*store_grouping_fn)(void *ctx, enum err err, const struct grouping_record *grouping);
typedef void (*store_grouping_member_fn)(void *ctx, enum err err,
                                         const struct grouping_member *member);

/* At most STORE_LIST_MAX, by their ids. */
MUST_USE enum err store_grouping_list(struct store *store, struct mailbox *reply, struct str owner,
                                      store_grouping_fn on_record, void *ctx);
/* By device and group; `after` is "deviceid group" of the last one seen, or empty. */
MUST_USE enum err store_grouping_members(struct store *store, struct mailbox *reply,
                                         struct str owner, struct str after,
                                         store_grouping_member_fn on_record, void *ctx);
enum { STORE_GROUPING_PAGE = 128 }; /* members that one call lists */

/* ERR_FULL: the account has `max` groups; ERR_NOT_FOUND: there is no such account. */
MUST_USE enum err store_grouping_create(struct store *store, struct mailbox *reply,
                                        const struct grouping_record *grouping, unsigned max,
                                        store_done_fn on_done, void *ctx);
/* id and owner are read, name where it is not empty, place where it is not 0. ERR_NOT_FOUND. */
MUST_USE enum err store_grouping_change(struct store *store, struct mailbox *reply,
                                        const struct grouping_record *grouping,
                                        store_done_fn on_done, void *ctx);
/* id and owner are read. ERR_NOT_FOUND. */
MUST_USE enum err store_grouping_delete(struct store *store, struct mailbox *reply,
                                        const struct grouping_record *grouping,
                                        store_done_fn on_done, void *ctx);

/* A device of the owner's goes from one group to another; either may be empty. */
struct grouping_move {
    char owner[STORE_APIKEY_CAP];
    char deviceid[STORE_DEVICE_ID_CAP];
    char source[STORE_GROUPING_ID_CAP];
    char target[STORE_GROUPING_ID_CAP];
    bool from_all; /* it leaves every group it is in */
};
/* ERR_NOT_FOUND: device or target are not that owner's. */
MUST_USE enum err store_grouping_assign(struct store *store, struct mailbox *reply,
                                        const struct grouping_move *move, store_done_fn on_done,
                                        void *ctx);
