/*
 * webhook_post - what a webhook is sent: its events in one JSON object, and the headers that sign
 * it (docs/webhooks.md).
 *
 *     {"webhook":"ID","events":[{"number":1,"id":"...","type":"online",...},...]}
 *
 * Pure, any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"
#include "outbox/parcel.h"
#include "store/store_webhook.h"

#include <stdint.h>

void webhook_post_begin(struct buf *body, const char *id);
/* event: one JSON object that is not empty; the number becomes its first member. */
void webhook_post_add(struct buf *body, uint64_t number, struct str event);
void webhook_post_end(struct buf *body);

enum { WEBHOOK_POST_HEADER_CAP = 128 };

struct webhook_post_headers {
    char id[WEBHOOK_POST_HEADER_CAP];
    char timestamp[WEBHOOK_POST_HEADER_CAP];
    char signature[WEBHOOK_POST_HEADER_CAP];
};

/* HMAC-SHA-256, under the webhook's secret, of the seconds since 1970, a dot, and the body. */
void webhook_post_sign(const struct webhook_record *webhook, int64_t wall_ms, struct str body,
                       struct webhook_post_headers *out);

/* A parcel over texts of the webhook, the body and the headers. */
struct parcel webhook_post_parcel(const struct webhook_record *webhook, struct str body,
                                  const struct webhook_post_headers *headers);
