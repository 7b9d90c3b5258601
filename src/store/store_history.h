/*
 * store_history - what has happened to devices, of each the newest entries. See store.h for how
 * calls end. Any thread.
 *
 * It belongs to the device and its owner: it goes with the device, and when the owner changes.
 */
#pragma once

#include "store/store.h"
#include "store/store_history_pack.h"
#include "store/store_record.h"

enum { STORE_HISTORY_KEEP_MAX = 1000, STORE_HISTORY_PARTS_MAX = 256 };

/* What is new of one device. */
struct store_history_part {
    struct str id;
    struct str owner;
    struct str entries; /* packed; copied */
};

/* Adds the parts behind what is there and keeps the newest `keep` of each device. A part whose
 * device is gone, or not that owner's any more, is left out. At most STORE_HISTORY_PARTS_MAX. */
struct store_history_parts {
    const struct store_history_part *items;
    size_t count;
    size_t keep; /* 1 to STORE_HISTORY_KEEP_MAX */
};
MUST_USE enum err store_history_append(struct store *store, struct mailbox *reply,
                                       const struct store_history_parts *parts,
                                       store_done_fn on_done, void *ctx);

/* entries: packed, the oldest first, borrowed for the call; empty unless ERR_NONE. */
typedef void (*store_history_fn)(void *ctx, enum err err, struct str entries);

/* owner: when not empty, ERR_NOT_FOUND unless the device is this account's. */
MUST_USE enum err store_history_find(struct store *store, struct mailbox *reply, struct str id,
                                     struct str owner, store_history_fn on_found, void *ctx);
/* Forgets it; owner as above. */
MUST_USE enum err store_history_clear(struct store *store, struct mailbox *reply, struct str id,
                                      struct str owner, store_done_fn on_done, void *ctx);
