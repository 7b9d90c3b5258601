/*
 * groupings - an account's groups of devices: made, changed, deleted, and filled. The owning
 * worker's thread only.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "net/mailbox.h"
#include "store/store.h"
#include "store/store_grouping.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct groupings; /* one per worker */

struct groupings_config {
    struct store *store;
    struct mailbox *mailbox; /* of the owning worker */
    int64_t (*wall_ms)(void *ctx);
    void *ctx;
    unsigned max; /* of one account; at most STORE_LIST_MAX */
};

struct groupings *groupings_new(const struct groupings_config *config);
void groupings_free(struct groupings *groupings); /* accepts NULL; only when idle */
bool groupings_is_idle(const struct groupings *groupings);

/* All of an account; *list is borrowed for the call, NULL unless ERR_NONE. */
struct groupings_list {
    const struct grouping_record *items; /* by place */
    size_t count;
};
typedef void (*groupings_fn)(void *ctx, enum err err, const struct groupings_list *list);
void groupings_find(struct groupings *groupings, struct str owner, groupings_fn on_list, void *ctx);

/* Which devices are in them, by device; `members` is the callback's, from malloc(). */
typedef void (*groupings_members_fn)(void *ctx, enum err err, struct grouping_member *members,
                                     size_t count);
void groupings_find_members(struct groupings *groupings, struct str owner,
                            groupings_members_fn on_members, void *ctx);

/* A change, and its end. place 0: behind all others, or as it is; name empty: as it is.
 * ERR_INVALID, ERR_FULL, ERR_NOT_FOUND. The id of a group that is made is drawn. Borrowed for the
 * call. */
struct groupings_change {
    struct str owner;
    struct str id;
    struct str name;
    int64_t place;
};
typedef void (*groupings_done_fn)(void *ctx, enum err err, struct str id);
void groupings_create(struct groupings *groupings, const struct groupings_change *change,
                      groupings_done_fn on_done, void *ctx);
void groupings_change(struct groupings *groupings, const struct groupings_change *change,
                      groupings_done_fn on_done, void *ctx);
void groupings_delete(struct groupings *groupings, const struct groupings_change *change,
                      groupings_done_fn on_done, void *ctx);

/* id: of the device. */
void groupings_assign(struct groupings *groupings, const struct grouping_move *move,
                      groupings_done_fn on_done, void *ctx);
