/*
 * handover - a device comes to an account, is changed there, and leaves it again.
 *
 * Who adds a device shows that he has it: its key, a digest of id and key, or the label of a GSM
 * device. Each change is told to watchers, committed, told to all workers (the home lets the
 * device's link go) and then answered. The owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "bus/bus.h"
#include "domain/device_event.h"
#include "net/mailbox.h"
#include "store/store.h"
#include "store/store_holding.h"

#include <stdbool.h>
#include <stdint.h>

struct handover; /* one per worker */

struct handover_config {
    struct store *store;
    struct mailbox *mailbox; /* of the owning worker */
    struct bus *bus;
    const struct device_watchers *watchers; /* of the owning worker; borrowed */
    int64_t (*wall_ms)(void *ctx);
    void *ctx;
};

struct handover *handover_new(const struct handover_config *config);
void handover_free(struct handover *handover); /* accepts NULL; only when idle */
bool handover_is_idle(const struct handover *handover);

enum handover_outcome {
    HANDOVER_DONE,
    HANDOVER_UNKNOWN, /* there is no such device; to change or release: none of that account's */
    HANDOVER_WRONG_KEY,
    HANDOVER_WRONG_CHIP, /* another chip than the one that is known */
    HANDOVER_TAKEN,      /* it is another account's */
    HANDOVER_INVALID,    /* a text is missing or too long */
    HANDOVER_FAILED,     /* the store, or too much is under way */
};

/* deviceid: of the device; empty when it was not found by its label. Borrowed for the call. */
typedef void (*handover_fn)(void *ctx, enum handover_outcome outcome, struct str deviceid);

/* A device of nobody, or his own once more, comes to `owner`. One of key, digest and gsm_id. */
struct handover_claim {
    struct str owner;
    struct str deviceid;
    struct str key;
    struct str digest; /* SHA-256 of id and key, in hex */
    struct str gsm_id; /* MD5 of them, in hex; instead of deviceid */
    struct str name;   /* ptr NULL: as it was */
    struct str chipid; /* may be empty */
    struct str settings;
    handover_fn on_end;
    void *ctx;
};

/* The owner changes or gives back a device. ptr NULL: as it was. */
struct handover_change {
    struct str owner;
    struct str deviceid;
    struct str name;
    struct str settings;
    struct str tags;  /* one JSON object */
    bool merges_tags; /* into those that are there */
    handover_fn on_end;
    void *ctx;
};

/* on_end runs once, in the call or later. */
void handover_claim(struct handover *handover, const struct handover_claim *claim);
void handover_change(struct handover *handover, const struct handover_change *change);
/* owner, deviceid and the callback are read. */
void handover_release(struct handover *handover, const struct handover_change *change);
