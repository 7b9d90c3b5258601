/*
 * inventory - the devices that an account sees: lists of them, and how they come and go.
 *
 * For REST, which is answered by the worker that accepted it: rows come from the store, and which
 * of the devices are online from their owner's home (remote.h), never from a stored flag. The
 * owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "bus/bus.h"
#include "domain/accounts.h"
#include "store/store_device.h"
#include "store/store_holding.h"
#include "store/store_share.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inventory;

struct inventory_config {
    struct store *store;
    struct mailbox *mailbox;   /* of the owning worker */
    struct accounts *accounts; /* of the owning worker; borrowed */
    struct bus *bus;
    size_t max_bytes; /* of one list; past it ERR_TOO_LARGE */
};

struct inventory *inventory_new(const struct inventory_config *config);
void inventory_free(struct inventory *inventory); /* accepts NULL; only when idle */
/* Nothing waits on its behalf. */
bool inventory_is_idle(const struct inventory *inventory);

/* One device as an account sees it. */
struct holding {
    struct device_record device; /* its params are the below */
    char *params;                /* owned by the list */
    struct holding_record *told; /* beside its state; likewise; NULL: nothing */
    struct share_record *share;  /* by which it is seen; likewise; NULL: it is the account's own */
    struct share_record *shares; /* of an own one, with others; likewise */
    size_t share_count;
    bool is_online;
};

struct holdings {
    struct holding *items; /* the account's own in the order of their ids, then those of others */
    size_t count;
};

/* err ERR_NONE: *found is borrowed for the call; else NULL. */
typedef void (*inventory_fn)(void *ctx, enum err err, const struct holdings *found);

/* All that the account sees; of `ids`, those of them that it sees, in the order of `ids`. Errors
 * and callbacks as of the store: on_found runs once, later, when it is ERR_NONE. */
struct inventory_search {
    struct str apikey;
    const struct str *ids; /* NULL: all; copied */
    size_t count;          /* at most INVENTORY_MAX_IDS */
    inventory_fn on_found;
    void *ctx;
};

enum { INVENTORY_MAX_IDS = 32 };

MUST_USE enum err inventory_find(struct inventory *inventory,
                                 const struct inventory_search *search);
