/*
 * store_webhook - webhooks, and the queue of events that each has yet to be told. See store.h for
 * how calls end. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

enum {
    STORE_WEBHOOKS_MAX = 64,
    STORE_WEBHOOK_ID_CAP = 17,
    STORE_WEBHOOK_URL_CAP = 1025,
    STORE_WEBHOOK_SECRET_CAP = 65,
    STORE_WEBHOOK_BODY_MAX = STORE_PARAMS_MAX + 4096, /* bytes of one event */
    STORE_WEBHOOK_READ_BYTES = 512 * 1024, /* a list of events ends when it holds so much */
};

struct webhook_record {
    char id[STORE_WEBHOOK_ID_CAP];
    char apikey[STORE_APIKEY_CAP]; /* whose devices; empty: everybody's */
    char url[STORE_WEBHOOK_URL_CAP];
    char secret[STORE_WEBHOOK_SECRET_CAP]; /* in clear: it signs */
    unsigned kinds;                        /* a bit for each kind of event it is told of */
    int64_t created_ms;
    /* Of its queue; filled by look-ups. */
    uint64_t next_number; /* of the event that comes next; the first has 1 */
    uint64_t waiting;
    uint64_t dropped;  /* events that went to make room, or grew too old */
    int64_t oldest_ms; /* when the first that waits came to be; 0: none waits */
};

typedef void (*store_webhook_fn)(void *ctx, enum err err, const struct webhook_record *webhook);

MUST_USE enum err store_webhook_find(struct store *store, struct mailbox *reply, struct str id,
                                     store_webhook_fn on_webhook, void *ctx);
/* By id, as all lists. */
MUST_USE enum err store_webhook_list(struct store *store, struct mailbox *reply, struct str after,
                                     size_t limit, store_webhook_fn on_record, void *ctx);
/* ERR_FULL: there are STORE_WEBHOOKS_MAX; ERR_NOT_FOUND: no such account. */
MUST_USE enum err store_webhook_create(struct store *store, struct mailbox *reply,
                                       const struct webhook_record *webhook, store_done_fn on_done,
                                       void *ctx);
/* With its queue. */
MUST_USE enum err store_webhook_remove(struct store *store, struct mailbox *reply, struct str id,
                                       store_done_fn on_done, void *ctx);

/* Something that has happened. */
struct webhook_event {
    unsigned kind;     /* one bit */
    struct str apikey; /* of the account that it concerns */
    int64_t at_ms;
    struct str body;      /* one JSON object */
    uint64_t max_waiting; /* of each queue; past it the oldest goes */
};

/* What became of it. */
struct webhook_tally {
    unsigned queued;  /* for so many webhooks */
    unsigned dropped; /* older ones that went for it */
};

typedef void (*store_webhook_tally_fn)(void *ctx, enum err err, const struct webhook_tally *tally);

/* Joins the queue of each webhook that is told of that kind and account. */
MUST_USE enum err store_webhook_tell(struct store *store, struct mailbox *reply,
                                     const struct webhook_event *event,
                                     store_webhook_tally_fn on_tally, void *ctx);

/* An event that waits; body: NUL-terminated, borrowed for the callback. */
struct webhook_waiting {
    uint64_t number;
    int64_t at_ms;
    const char *body;
};

typedef void (*store_webhook_waiting_fn)(void *ctx, enum err err,
                                         const struct webhook_waiting *event);

/* The first that wait, at most `limit`; fewer when they are large (STORE_WEBHOOK_READ_BYTES). */
MUST_USE enum err store_webhook_read(struct store *store, struct mailbox *reply, struct str id,
                                     size_t limit, store_webhook_waiting_fn on_event, void *ctx);

/* What has been told, or given up. */
struct webhook_end {
    char id[STORE_WEBHOOK_ID_CAP];
    uint64_t through; /* this number and all below it leave the queue */
    bool is_dropped;  /* untold */
};

/* ERR_NOT_FOUND: the webhook has been removed. */
MUST_USE enum err store_webhook_end(struct store *store, struct mailbox *reply,
                                    const struct webhook_end *end, store_done_fn on_done,
                                    void *ctx);
