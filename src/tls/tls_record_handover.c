#include "tls/tls_record_private.h"

#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/ssl.h>
#include <string.h>

enum {
    EXPLICIT = 8,
    SALT_AND_NONCE_12 = EXPLICIT + TLS_CRYPT_TAG, /* GCM of TLS 1.2 adds these to a record */
    OVERHEAD_13 = 1 + TLS_CRYPT_TAG,
    RANDOM_BYTES = 32,
    SEED_BYTES = sizeof "key expansion" - 1 + RANDOM_BYTES + RANDOM_BYTES,
};

static const struct {
    int cipher_nid;
    enum tls_cipher cipher;
    enum tls_hash hash; /* of all suites with that cipher */
} suites[] = {
    {NID_aes_128_gcm, TLS_CIPHER_AES_128, TLS_HASH_SHA256},
    {NID_aes_256_gcm, TLS_CIPHER_AES_256, TLS_HASH_SHA384},
    {NID_chacha20_poly1305, TLS_CIPHER_CHACHA, TLS_HASH_SHA256},
};

/* ---- while OpenSSL shakes hands ---- */

void tls_record_handover_on_secret(void *observer, bool is_client, struct str secret)
{
    struct tls_record *self = observer;
    bool is_write = is_client == self->is_client;
    struct tls_keys *keys = is_write ? &self->write : &self->read;

    assert(secret.len <= sizeof keys->secret);
    memcpy(keys->secret, secret.ptr, secret.len);
    if (is_write)
        self->has_write_secret = true;
    else
        self->has_read_secret = true;
}

static bool is_handshake_record(int type, struct str bytes)
{
    return (type == SSL3_RT_HEADER || type == SSL3_RT_INNER_CONTENT_TYPE) && bytes.len > 0 &&
           bytes.ptr[0] == TLS_CONTENT_HANDSHAKE;
}

static void stay(struct tls_record *self)
{
    self->stays = true;
    tls_keys_wipe(&self->read);
    tls_keys_wipe(&self->write);
}

/*
 * Counts the records of each direction under its last keys. These begin behind
 * change_cipher_spec in TLS 1.2 and behind Finished in TLS 1.3 (where a change_cipher_spec that
 * means nothing may stand before that, and is no harm). A client's handshake behind the handshake
 * would take OpenSSL to a state that we can't see into, so the link stays there; a server's is a
 * ticket.
 */
void tls_record_handover_on_message(void *observer, bool is_write, int type, struct str bytes)
{
    struct tls_record *self = observer;
    struct tls_keys *keys = is_write ? &self->write : &self->read;
    const SSL *ssl = tls_transport_ssl(self->handshake);

    if (!is_write && SSL_is_server(ssl) && is_handshake_record(type, bytes) &&
        SSL_is_init_finished(ssl))
        stay(self);
    if (bytes.len == 0)
        return;
    if (type == SSL3_RT_HEADER)
        keys->seq = bytes.ptr[0] == TLS_CONTENT_CHANGE_CIPHER_SPEC ? 0 : keys->seq + 1;
    else if (type == SSL3_RT_HANDSHAKE && bytes.ptr[0] == SSL3_MT_FINISHED &&
             SSL_version(ssl) == TLS1_3_VERSION)
        keys->seq = 0;
}

/*
 * GCM in TLS 1.2: OpenSSL begins its explicit nonces anywhere and counts; ours must go on from the
 * last, which stands in the last record (Finished at least). Kept where TLS 1.3 has its secret.
 */
void tls_record_handover_on_written(struct tls_record *self, struct str wire)
{
    if (wire.len == 0 || self->phase != TLS_RECORD_HANDSHAKE ||
        SSL_version(tls_transport_ssl(self->handshake)) != TLS1_2_VERSION)
        return;
    while (wire.len >= TLS_RECORD_HEAD) {
        const uint8_t *head = (const uint8_t *)wire.ptr;
        struct str body = str_sub(wire, TLS_RECORD_HEAD, (size_t)head[3] << 8 | (size_t)head[4]);

        if (body.len >= EXPLICIT)
            memcpy(self->write.secret, body.ptr, EXPLICIT);
        wire = str_sub(wire, TLS_RECORD_HEAD + body.len, wire.len);
    }
}

/* ---- once it has ---- */

/* No byte of a record waits in OpenSSL, opened or not, and nobody has begun to close. */
static bool is_drained(SSL *ssl)
{
    return SSL_pending(ssl) == 0 && SSL_has_pending(ssl) == 0 && SSL_get_shutdown(ssl) == 0 &&
           strcmp(SSL_rstate_string(ssl), "RH") == 0 && SSL_free_buffers(ssl) == 1;
}

static bool find_suite(const SSL *ssl, struct tls_keys *read, struct tls_keys *write)
{
    int nid = SSL_CIPHER_get_cipher_nid(SSL_get_current_cipher(ssl));

    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        if (suites[i].cipher_nid != nid)
            continue;
        read->cipher = write->cipher = (uint8_t)suites[i].cipher;
        read->hash = write->hash = (uint8_t)suites[i].hash;
        return true;
    }
    return false;
}

static bool take_keys_13(struct tls_record *self)
{
    if (!self->has_read_secret || !self->has_write_secret)
        return false;
    tls_keys_derive(&self->read, tls_crypt_derive(self->crypt));
    tls_keys_derive(&self->write, tls_crypt_derive(self->crypt));
    return true;
}

static bool take_keys_12(struct tls_record *self, SSL *ssl)
{
    uint8_t master[SSL_MAX_MASTER_KEY_LENGTH];
    size_t len = SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof master);
    const struct str label = STR("key expansion");
    struct tls_keys_origin origin;
    uint8_t seed[SEED_BYTES];
    size_t at = label.len;
    uint64_t nonce = tls_keys_get_u64(self->write.secret) + 1;

    memcpy(seed, label.ptr, label.len);
    at += SSL_get_server_random(ssl, seed + at, RANDOM_BYTES);
    at += SSL_get_client_random(ssl, seed + at, RANDOM_BYTES);
    origin = (struct tls_keys_origin){{(const char *)master, len}, {(const char *)seed, at}};
    tls_keys_expand(&origin, tls_crypt_derive(self->crypt),
                    self->is_client ? &self->write : &self->read,
                    self->is_client ? &self->read : &self->write);
    tls_keys_put_u64(nonce - self->write.seq, self->write.secret);
    crypto_wipe(master, sizeof master);
    return len > 0;
}

static uint16_t find_plain_max(const SSL *ssl)
{
    uint8_t code = SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl));

    if (code == TLSEXT_max_fragment_length_DISABLED)
        return TLS_RECORD_PLAIN_MAX;
    return (uint16_t)(256U << code); /* RFC 6066 section 4: 1 is 512 */
}

void tls_record_handover_begin(struct tls_record *self, bool is_13)
{
    self->is_13 = is_13;
    if (is_13)
        self->overhead = OVERHEAD_13;
    else
        self->overhead = self->read.cipher == TLS_CIPHER_CHACHA ? TLS_CRYPT_TAG : SALT_AND_NONCE_12;
    self->part = NULL;
    self->phase = TLS_RECORD_OPEN;
}

/* What can't be taken over now never can. */
static bool take_keys(struct tls_record *self, SSL *ssl)
{
    if (!find_suite(ssl, &self->read, &self->write) ||
        !tls_crypt_has(self->crypt, self->read.cipher))
        return false;
    switch (SSL_version(ssl)) {
    case TLS1_3_VERSION:
        return take_keys_13(self);
    case TLS1_2_VERSION:
        return take_keys_12(self, ssl);
    default:
        return false;
    }
}

void tls_record_handover_try(struct tls_record *self)
{
    struct transport *handshake = self->handshake;
    SSL *ssl = tls_transport_ssl(handshake);
    bool is_13 = SSL_version(ssl) == TLS1_3_VERSION;

    if (self->stays || self->crypt == NULL || !is_drained(ssl))
        return;
    if (!take_keys(self, ssl)) {
        stay(self);
        return;
    }
    self->plain_max = find_plain_max(ssl);
    tls_record_handover_begin(self, is_13);
    handshake->ops->free(handshake);
}
