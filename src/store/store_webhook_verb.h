/*
 * store_webhook_verb - what can be asked about webhooks and their queues, and of which shape.
 * Private to src/store.
 */
#pragma once

#include "store/store_request.h"
#include "store/store_webhook.h"

enum store_webhook_verb {
    STORE_WEBHOOK_FIND,
    STORE_WEBHOOK_LIST,
    STORE_WEBHOOK_READ,
    STORE_WEBHOOK_CREATE,
    STORE_WEBHOOK_REMOVE,
    STORE_WEBHOOK_TELL,
    STORE_WEBHOOK_END,
    STORE_WEBHOOK_VERBS
};

struct store_webhook_reading {
    struct store_range range;
    char id[STORE_WEBHOOK_ID_CAP];
};

/* A row of the queue. */
struct store_webhook_event {
    uint64_t number;
    int64_t at_ms;
    char *body; /* owned */
};

/* The event's texts stand behind it. */
struct store_webhook_telling {
    struct webhook_event event;
    char apikey[STORE_APIKEY_CAP];
    struct webhook_tally tally;
};
