#include "outbox/webhook_post.h"

#include "base/crypto.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static const char EVENTS[] = "\",\"events\":[";

/* Ids are of our making: nothing in them needs an escape. */
void webhook_post_begin(struct buf *body, const char *id)
{
    buf_clear(body);
    buf_printf(body, "{\"webhook\":\"%s%s", id, EVENTS);
}

void webhook_post_add(struct buf *body, uint64_t number, struct str event)
{
    assert(event.len > 2 && event.ptr[0] == '{');
    if (body->ptr[body->len - 1] != '[')
        buf_append_byte(body, ',');
    buf_printf(body, "{\"number\":%" PRIu64 ",", number);
    buf_append(body, str_sub(event, 1, event.len));
}

void webhook_post_end(struct buf *body)
{
    buf_append(body, STR("]}"));
}

void webhook_post_sign(const struct webhook_record *webhook, int64_t wall_ms, struct str body,
                       struct webhook_post_headers *out)
{
    uint8_t hmac[CRYPTO_SHA256_BYTES];
    char hex[2 * sizeof hmac + 1];
    char prefix[32];

    snprintf(prefix, sizeof prefix, "%" PRId64 ".", wall_ms / 1000);
    crypto_hmac_sha256(str_of(webhook->secret), str_of(prefix), body, hmac);
    crypto_hex(hmac, sizeof hmac, hex);
    snprintf(out->id, sizeof out->id, "Switchyard-Webhook: %s", webhook->id);
    snprintf(out->timestamp, sizeof out->timestamp, "Switchyard-Timestamp: %" PRId64,
             wall_ms / 1000);
    snprintf(out->signature, sizeof out->signature, "Switchyard-Signature: v1=%s", hex);
}

struct parcel webhook_post_parcel(const struct webhook_record *webhook, struct str body,
                                  const struct webhook_post_headers *headers)
{
    return (struct parcel){
        .kind = PARCEL_POST,
        .url = webhook->url,
        .body = body,
        .headers = {headers->id, headers->timestamp, headers->signature},
    };
}
