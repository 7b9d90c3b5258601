#include "tls_twin.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static void fill(struct tls_keys *keys, size_t kind, uint8_t seed)
{
    struct tls_derive *derive;

    keys->cipher = (uint8_t)(kind % TLS_CIPHERS);
    keys->hash = keys->cipher == TLS_CIPHER_AES_256 ? TLS_HASH_SHA384 : TLS_HASH_SHA256;
    if (tls_twin_is_13(kind)) {
        memset(keys->secret, seed, sizeof keys->secret);
        derive = tls_derive_new();
        tls_keys_derive(keys, derive);
        tls_derive_free(derive);
        return;
    }
    memset(keys->key, seed, sizeof keys->key);
    memset(keys->iv, seed + 1, sizeof keys->iv);
}

bool tls_twin_is_13(size_t kind)
{
    return kind < TLS_CIPHERS;
}

static struct tls_record *record_new(size_t kind, uint8_t read_seed, uint8_t write_seed)
{
    struct pool *pool = pool_new();
    struct tls_record *record = tls_record_make(pool);

    pool_free(pool); /* lasts as long as the record */
    fill(&record->read, kind, read_seed);
    fill(&record->write, kind, write_seed);
    tls_record_handover_begin(record, tls_twin_is_13(kind));
    return record;
}

static void side_init(struct tls_side *side, struct tls_record *record)
{
    *side = (struct tls_side){.transport = &record->base, .established = true};
    transport_settle(side->transport, &side->thread);
}

void tls_twin_init(struct tls_twin *twin, size_t kind)
{
    twin->client = record_new(kind, 1, 7);
    twin->server = record_new(kind, 7, 1);
    side_init(&twin->pair.client, twin->client);
    side_init(&twin->pair.server, twin->server);
}

void tls_twin_fini(struct tls_twin *twin)
{
    tls_pair_fini(&twin->pair);
}

void tls_twin_say(struct tls_twin *twin, enum tls_content type, struct str bytes)
{
    tls_record_seal(twin->client, type, bytes, &twin->pair.client.to_peer);
}

/* The last byte is what seal() puts there as the type, be it a zero. */
void tls_twin_say_inner(struct tls_twin *twin, struct str inner)
{
    tls_twin_say(twin, (enum tls_content)(uint8_t)inner.ptr[inner.len - 1],
                 str_sub(inner, 0, inner.len - 1));
}

void tls_twin_deliver(struct tls_twin *twin)
{
    struct buf *to_peer = &twin->pair.client.to_peer;

    tls_pair_feed(&twin->pair.server, buf_str(to_peer));
    buf_clear(to_peer);
}

enum tls_alert tls_twin_alert(struct tls_twin *twin)
{
    struct tls_side *server = &twin->pair.server;
    struct str wire = buf_str(&server->to_peer);
    struct tls_opened opened;
    char text[64];
    const struct tls_record_rules *rules =
        twin->client->is_13 ? &tls_record_rules_13 : &tls_record_rules_12;

    if (wire.len == 0)
        return TLS_ALERT_NONE;
    must(wire.len == TLS_RECORD_HEAD + 2U + twin->client->overhead);
    opened = (struct tls_opened){.ptr = text};
    must(rules->open(twin->client, wire, &opened) == TLS_ALERT_NONE);
    must(opened.type == TLS_CONTENT_ALERT && opened.len == 2 && text[0] == TLS_ALERT_FATAL);
    return (enum tls_alert)(uint8_t)text[1];
}
