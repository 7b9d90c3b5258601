/*
 * webhooks - tells other servers what happens to devices: at least once, in order, and whatever
 * happens to them or to us (docs/webhooks.md).
 *
 * An event joins the store's queues before its cause is handed to the store, so that it is durable
 * no later than what it tells of; from there it is told until a server takes it. Lives on the
 * outbox's thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "outbox/outbox.h"
#include "outbox/webhook_line.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* Kinds of events: the bits of webhook_record.kinds. */
enum {
    WEBHOOKS_ONLINE = 1,
    WEBHOOKS_OFFLINE = 2,
    WEBHOOKS_UPDATE = 4,
    WEBHOOKS_SHARE = 8,
    WEBHOOKS_DEVICE = 16, /* added, removed, renamed */
    WEBHOOKS_ALL = 31,
};

struct webhooks;

struct webhooks_config {
    struct store *store;
    struct outbox *outbox;
    struct metric_set *metrics; /* the outbox's */
    struct log *log;
    uint64_t retry_ms; /* see webhook_line.h */
    uint64_t max_retry_ms;
    uint64_t max_age_ms;
    uint64_t max_waiting; /* events of each webhook; past it the oldest goes */
};

/* Reads what is configured, and waits for it: before outbox_start(). ERR_IO: the store failed. */
MUST_USE enum err webhooks_open(const struct webhooks_config *config, struct webhooks **out);
/* After outbox_end() and store_close(); accepts NULL. */
void webhooks_close(struct webhooks *webhooks);

/* Whether anybody is told of that kind. Any thread; costs a load. */
bool webhooks_want(const struct webhooks *webhooks, unsigned kind);

struct webhooks_event {
    unsigned kind;     /* one bit */
    struct str apikey; /* of the account that it concerns */
    int64_t at_ms;
    struct str body; /* one JSON object, without a number */
};

/* Copies the event. Handed to the store when this returns, unless that is too busy. Any thread. */
void webhooks_tell(struct webhooks *webhooks, const struct webhooks_event *event);

typedef void (*webhooks_done_fn)(void *ctx, enum err err);

/* Reads what is configured again. on_done runs once, later, on the thread that delivers `reply`. */
void webhooks_reload(struct webhooks *webhooks, struct mailbox *reply, webhooks_done_fn on_done,
                     void *ctx);

/* False when it has no such webhook. Any thread. */
bool webhooks_status(struct webhooks *webhooks, const char *id, struct webhook_line_status *out);
