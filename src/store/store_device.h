/*
 * store_device - the devices. See store.h for how calls end. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

struct device_record {
    char id[STORE_DEVICE_ID_CAP];
    char key[STORE_DEVICE_KEY_CAP]; /* the factory apikey */
    char owner[STORE_APIKEY_CAP];   /* the owner's apikey; empty: nobody's yet */
    char name[STORE_NAME_CAP];
    char model[STORE_MODEL_CAP];
    const char *params; /* one JSON object, NUL-terminated; never NULL in a callback */
    int64_t created_ms;
    int64_t online_ms;  /* last time it came online */
    int64_t offline_ms; /* last time it went offline */
    bool disabled;      /* not to be let in */
    bool is_shared;     /* with another account at least (store_share.h); filled by look-ups */
};

/* Which devices to list. owner: only that account's devices; empty: all. */
struct store_device_range {
    struct str owner;
    struct str after;
    size_t limit;
};

/* What a link changes: presence times, model (when not empty) and params (when not NULL). */
struct store_device_change {
    struct str id;
    struct str owner;  /* when not empty: ERR_NOT_FOUND if the device is not this account's */
    struct str params; /* one JSON object; ptr NULL: unchanged */
    struct str model;  /* empty: unchanged */
    int64_t online_ms; /* 0: unchanged */
    int64_t offline_ms;
};

typedef void (*store_device_fn)(void *ctx, enum err err, const struct device_record *device);

MUST_USE enum err store_device_find(struct store *store, struct mailbox *reply, struct str id,
                                    store_device_fn on_device, void *ctx);
MUST_USE enum err store_device_list(struct store *store, struct mailbox *reply,
                                    const struct store_device_range *range,
                                    store_device_fn on_record, void *ctx);
/* All of `count` (<= STORE_BATCH_MAX) or none; an existing device of the same id gives ERR_EXISTS.
 */
MUST_USE enum err store_device_create(struct store *store, struct mailbox *reply,
                                      const struct device_record *devices, size_t count,
                                      store_done_fn on_done, void *ctx);
/* owner empty: nobody's. ERR_NOT_FOUND also when there is no such user. */
MUST_USE enum err store_device_assign(struct store *store, struct mailbox *reply, struct str id,
                                      struct str owner, store_done_fn on_done, void *ctx);
MUST_USE enum err store_device_disable(struct store *store, struct mailbox *reply, struct str id,
                                       bool disabled, store_done_fn on_done, void *ctx);
/* With its params, its history, its shares and whatever else is its. */
MUST_USE enum err store_device_delete(struct store *store, struct mailbox *reply, struct str id,
                                      store_done_fn on_done, void *ctx);
MUST_USE enum err store_device_update(struct store *store, struct mailbox *reply,
                                      const struct store_device_change *change,
                                      store_done_fn on_done, void *ctx);
