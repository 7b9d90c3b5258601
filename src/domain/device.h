/*
 * device - a device in memory: its params, its link, and what waits for it.
 *
 * Loaded from the store when first needed; it is the only writer of its row, so memory and store
 * agree. Private to domain. Its changes are committed in the order they were made.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/link.h"
#include "domain/account.h"
#include "domain/sharees.h"
#include "store/store_record.h"

struct command;

enum device_state {
    DEVICE_LOADING, /* the store has been asked; commands and links wait */
    DEVICE_READY,
};

/* Who waits for a device to be loaded. */
struct device_wait {
    struct link links; /* device_opening */
    struct link commands;
    struct sharees *sharees; /* owned; as far as they have been read */
};

struct device {
    struct accounts *accounts;
    struct account *account; /* the owner; NULL while loading, and once it was dropped */
    struct link in_account;
    struct buf params;           /* as device_params() tells; empty for none */
    struct device_link *link;    /* the newest; NULL: offline */
    struct device_wait *wait;    /* owned; while it is being loaded */
    struct link commands;        /* sent, or timed out, each by age; answered ones have left */
    struct link commits_flying;  /* changes whose row the store is writing */
    struct link commits_waiting; /* changes made meanwhile: the next row has them all */
    uint32_t command_count;
    uint32_t uncommitted; /* in both lists of commits */
    uint32_t holds;       /* calls under way and links not closed yet: not to be freed */
    uint8_t state;        /* enum device_state */
    bool is_shared : 1;   /* accounts->sharees has an entry for it */
    bool has_queued : 1;  /* one of `commands` may not be sent yet */
    bool must_reload : 1; /* what is being loaded is out of date already */
    bool is_stale : 1;    /* a commit failed: memory is ahead of the store until loaded again */
    char id[];            /* NUL-terminated */
};

/* A link that is about to open; while its device loads it is in device->wait. */
struct device_opening {
    struct link link;
    struct device_link *of;
    char owner[STORE_APIKEY_CAP];
    char model[STORE_MODEL_CAP];
};

struct device_link {
    struct device *device; /* held until the link is closed; NULL: it was not opened */
    const struct device_events *events;
    void *ctx;
    struct device_opening *opening; /* owned; until it is open */
    struct link reports;            /* not committed yet */
    uint32_t report_count : 31;
    uint32_t is_ended : 1; /* by the domain; the edge has yet to close it */
    struct device_pace pace;
};

/* The device of that id, its loading begun when it is new; NULL when the store is too busy. */
struct device *device_get(struct accounts *accounts, struct str id);
/* The same for a link; a new device is loaded from what was read, if that still holds. */
struct device *device_get_for(struct accounts *accounts, const struct device_config *config);

/* Frees the device, and its account after it, when nothing needs it. */
void device_release(struct device *device);
/* Frees the device, but never its account, when nothing of its own needs it. */
void device_forget(struct device *device);

/* The device is gone or somebody else's: ends its link and its commands, and forgets it. */
void device_drop(struct device *device);

/* Loads the row again: memory is no longer what the store holds. */
void device_reload(struct device *device);

/* A waiting link whose device is loaded becomes its link; or never will. In device_link.c. */
void device_link_attach(struct device_link *link);
void device_link_fail(struct device_link *link, enum err err);

/* With whom it is shared, valid until that changes; NULL: with nobody. */
const struct sharees *device_sharees(const struct device *device);
/* What the store has committed: a share is made (or its permit changed), or has ended. */
void device_share(struct device *device, struct str sharee, unsigned permit);
void device_unshare(struct device *device, struct str sharee);

/* The stored params: one JSON object, valid until they change. */
struct str device_params(const struct device *device);

/* Writes when the device came or went; nobody waits for it. */
void device_note_presence(struct device *device, bool online, struct str model);
