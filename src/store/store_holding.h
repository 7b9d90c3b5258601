/*
 * store_holding - what is told of a device beside its state, and how it comes to an owner and
 * leaves him. See store.h for how calls end. Any thread.
 *
 * A device that has no such record is like one whose record says nothing.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

enum {
    STORE_BRAND_CAP = 65,
    STORE_MAC_CAP = 18,
    STORE_CHIPID_CAP = 33,
    STORE_GSM_ID_CAP = 33,
    STORE_SETTINGS_CAP = 513,
    STORE_TAGS_CAP = 2049,
};

struct holding_record {
    char deviceid[STORE_DEVICE_ID_CAP];
    int64_t uiid; /* 0: not told */
    char brand[STORE_BRAND_CAP];
    char product[STORE_BRAND_CAP];
    char maker[STORE_BRAND_CAP];
    char mac[STORE_MAC_CAP];
    char apmac[STORE_MAC_CAP];
    char chipid[STORE_CHIPID_CAP];
    char description[STORE_NAME_CAP];
    char gsm_id[STORE_GSM_ID_CAP];     /* empty: none; nobody else's */
    char settings[STORE_SETTINGS_CAP]; /* the owner's; JSON, or empty */
    char tags[STORE_TAGS_CAP];         /* likewise */
};

typedef void (*store_holding_fn)(void *ctx, enum err err, const struct holding_record *holding);

/* ERR_NOT_FOUND: there is no such record. */
MUST_USE enum err store_holding_find(struct store *store, struct mailbox *reply, struct str id,
                                     store_holding_fn on_holding, void *ctx);
MUST_USE enum err store_holding_find_gsm(struct store *store, struct mailbox *reply,
                                         struct str gsm_id, store_holding_fn on_holding, void *ctx);

/* The records of an account's devices, by their ids. */
struct store_holding_range {
    struct str owner;
    struct str after;
    size_t limit;
};
MUST_USE enum err store_holding_list(struct store *store, struct mailbox *reply,
                                     const struct store_holding_range *range,
                                     store_holding_fn on_record, void *ctx);

/* What the maker tells; settings and tags stay. ERR_NOT_FOUND: no such device; ERR_EXISTS: another
 * one has that gsm_id. */
MUST_USE enum err store_holding_describe(struct store *store, struct mailbox *reply,
                                         const struct holding_record *holding,
                                         store_done_fn on_done, void *ctx);

/* What the owner changes: only what is marked. */
struct holding_change {
    char deviceid[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char name[STORE_NAME_CAP];
    char chipid[STORE_CHIPID_CAP]; /* of a claim: kept where none was known */
    char settings[STORE_SETTINGS_CAP];
    char tags[STORE_TAGS_CAP];
    bool has_name;
    bool has_settings;
    bool has_tags;
};
/* ERR_NOT_FOUND: no such device, or not that owner's. */
MUST_USE enum err store_holding_change(struct store *store, struct mailbox *reply,
                                       const struct holding_change *change, store_done_fn on_done,
                                       void *ctx);
/* A device of nobody becomes the owner's, and is changed. ERR_EXISTS: it is somebody else's;
 * ERR_NOT_FOUND: no such device or user. */
MUST_USE enum err store_holding_claim(struct store *store, struct mailbox *reply,
                                      const struct holding_change *change, store_done_fn on_done,
                                      void *ctx);
/* The owner's device becomes nobody's; its name, params, settings and tags are forgotten. deviceid
 * and owner are read. ERR_NOT_FOUND: as above. */
MUST_USE enum err store_holding_release(struct store *store, struct mailbox *reply,
                                        const struct holding_change *change, store_done_fn on_done,
                                        void *ctx);
