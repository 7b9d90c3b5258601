/*
 * store_share - devices that their owners share with other accounts. See store.h for how calls end.
 * A share ends by itself when the device gets another owner, or with the device or an account. Any
 * thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

struct share_record {
    char deviceid[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char sharee[STORE_APIKEY_CAP];
    char owner_account[STORE_ACCOUNT_CAP];  /* these two are filled by look-ups */
    char sharee_account[STORE_ACCOUNT_CAP]; /* not stored */
    char name[STORE_NAME_CAP];              /* what the owner calls the device, to the sharee */
    char note[STORE_NAME_CAP];              /* what the owner calls the sharee */
    unsigned permit;                        /* of enum permit (domain/permit.h) */
    int64_t created_ms;
};

/* What must be known before a share is made or changed. */
struct share_prospect {
    char deviceid[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char account[STORE_ACCOUNT_CAP]; /* of the sharee to be */
    char sharee[STORE_APIKEY_CAP];   /* these are the answer; empty: there is no such account */
    bool is_owned;                   /* the device is that owner's */
    bool is_shared;                  /* with him */
    unsigned permit;                 /* what he may then */
    unsigned count;                  /* of its shares */
};

typedef void (*store_share_fn)(void *ctx, enum err err, const struct share_record *share);
typedef void (*store_share_prospect_fn)(void *ctx, enum err err,
                                        const struct share_prospect *prospect);

/* deviceid, owner and account of *ask are read. */
MUST_USE enum err store_share_look(struct store *store, struct mailbox *reply,
                                   const struct share_prospect *ask,
                                   store_share_prospect_fn on_prospect, void *ctx);
/* ERR_NOT_FOUND: that owner has shared no device with that account. */
MUST_USE enum err store_share_check(struct store *store, struct mailbox *reply, struct str owner,
                                    struct str sharee, store_done_fn on_done, void *ctx);

/* Of one device; or, where that is empty, to one sharee; or by one owner; or all. In the order of
 * device and sharee; `after` is "deviceid sharee" of the last one seen, or empty. */
struct store_share_range {
    struct str deviceid;
    struct str sharee;
    struct str owner;
    struct str after;
    size_t limit;
};
MUST_USE enum err store_share_list(struct store *store, struct mailbox *reply,
                                   const struct store_share_range *range, store_share_fn on_record,
                                   void *ctx);

/* ERR_NOT_FOUND: the device is not that owner's, or there is no such other account; ERR_EXISTS;
 * ERR_FULL: the device has `max` shares. */
MUST_USE enum err store_share_create(struct store *store, struct mailbox *reply,
                                     const struct share_record *share, unsigned max,
                                     store_done_fn on_done, void *ctx);
/* permit, and name and note where they are not empty, of the share of that device, owner and
 * sharee. ERR_NOT_FOUND. */
MUST_USE enum err store_share_update(struct store *store, struct mailbox *reply,
                                     const struct share_record *share, store_done_fn on_done,
                                     void *ctx);
/* ERR_NOT_FOUND: there was none. deviceid, owner and sharee are read. */
MUST_USE enum err store_share_delete(struct store *store, struct mailbox *reply,
                                     const struct share_record *share, store_done_fn on_done,
                                     void *ctx);
