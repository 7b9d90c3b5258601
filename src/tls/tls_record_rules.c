#include "tls/tls_record_private.h"

#include <string.h>

enum {
    EXPLICIT = 8, /* TLS 1.2, GCM: the part of the nonce that stands in the record */
    SALT = 4,
    KEY_UPDATE = 24,
    CLIENT_HELLO = 1,
    MESSAGE_HEAD = 4,
    HEAD_12 = 13, /* what TLS 1.2 authenticates with a record */
};

static void put_head(char *at, enum tls_content type, size_t body_len)
{
    at[0] = (char)type;
    at[1] = 3;
    at[2] = 3;
    at[3] = (char)(body_len >> 8);
    at[4] = (char)body_len;
}

/* ---- TLS 1.3, RFC 8446 section 5 ----
 *
 *     17 03 03 length | data, its type, zeros | tag
 *                       -- sealed -----------
 */

static enum tls_alert open_13(struct tls_record *self, struct str record, struct tls_opened *out)
{
    struct tls_keys *keys = &self->read;
    struct str body = str_sub(record, TLS_RECORD_HEAD, record.len);
    uint8_t nonce[TLS_CRYPT_NONCE];
    struct tls_crypt_box box = {keys->cipher, keys->key, nonce, {record.ptr, TLS_RECORD_HEAD}};
    size_t len = body.len - TLS_CRYPT_TAG;

    tls_keys_nonce(keys, nonce);
    if (!tls_crypt_open(self->crypt, &box, body, out->ptr))
        return TLS_ALERT_BAD_RECORD_MAC;
    keys->seq++;
    while (len > 0 && out->ptr[len - 1] == 0)
        len--;
    if (len == 0)
        return TLS_ALERT_UNEXPECTED_MESSAGE;
    out->type = (uint8_t)out->ptr[len - 1];
    out->len = len - 1;
    return TLS_ALERT_NONE;
}

static void seal_13(struct tls_record *self, enum tls_content type, struct str plain,
                    struct buf *wire_out)
{
    struct tls_keys *keys = &self->write;
    size_t body_len = plain.len + 1 + TLS_CRYPT_TAG;
    char *at = buf_reserve(wire_out, TLS_RECORD_HEAD + body_len);
    char *body = at + TLS_RECORD_HEAD;
    uint8_t nonce[TLS_CRYPT_NONCE];
    struct tls_crypt_box box = {keys->cipher, keys->key, nonce, {at, TLS_RECORD_HEAD}};

    put_head(at, TLS_CONTENT_DATA, body_len);
    if (plain.len > 0)
        memcpy(body, plain.ptr, plain.len);
    body[plain.len] = (char)type;
    tls_keys_nonce(keys, nonce);
    tls_crypt_seal(self->crypt, &box, body, plain.len + 1);
    keys->seq++;
    wire_out->len += TLS_RECORD_HEAD + body_len;
}

static void on_key_update(struct tls_record *self, bool asks, struct buf *wire_out)
{
    tls_crypt_forget(self->crypt, self->read.cipher, self->read.key);
    tls_keys_advance(&self->read, tls_crypt_derive(self->crypt));
    if (asks && !self->is_closed)
        tls_record_rules_update(self, false, wire_out);
}

/*
 * A server is sent none but KeyUpdate, as no certificate is asked for. It may come in several
 * records, none of them empty; all of it but the last byte is known, so what has come of it is a
 * number. It ends with its record, as keys change behind it (RFC 8446 section 5.1).
 */
static enum tls_alert on_handshake_13(struct tls_record *self, struct str message,
                                      struct buf *wire_out)
{
    static const char key_update[] = {KEY_UPDATE, 0, 0, 1};
    struct str expected = {key_update + self->update_len, MESSAGE_HEAD - self->update_len};
    struct str head = str_sub(message, 0, expected.len);
    struct str rest = str_sub(message, head.len, message.len);

    if (message.len == 0 || rest.len > 1 || !str_starts(expected, head))
        return TLS_ALERT_UNEXPECTED_MESSAGE;
    self->update_len = (uint8_t)(self->update_len + head.len);
    if (rest.len == 0)
        return TLS_ALERT_NONE;
    if ((uint8_t)rest.ptr[0] > 1)
        return TLS_ALERT_ILLEGAL_PARAMETER;
    self->update_len = 0;
    on_key_update(self, rest.ptr[0] == 1, wire_out);
    return TLS_ALERT_NONE;
}

void tls_record_rules_update(struct tls_record *self, bool asks, struct buf *wire_out)
{
    const char key_update[] = {KEY_UPDATE, 0, 0, 1, asks};

    seal_13(self, TLS_CONTENT_HANDSHAKE, (struct str){key_update, sizeof key_update}, wire_out);
    tls_crypt_forget(self->crypt, self->write.cipher, self->write.key);
    tls_keys_advance(&self->write, tls_crypt_derive(self->crypt));
}

/* The level says nothing any more: all alerts but these two are failures (RFC 8446 section 6). */
static bool is_mere_warning_13(uint8_t level, uint8_t description)
{
    (void)level;
    return description == TLS_ALERT_USER_CANCELED;
}

const struct tls_record_rules tls_record_rules_13 = {
    .open = open_13,
    .seal = seal_13,
    .on_handshake = on_handshake_13,
    .is_mere_warning = is_mere_warning_13,
};

/* ---- TLS 1.2, RFC 5246 section 6.2.3.3, RFC 5288, RFC 7905 ----
 *
 *     type 03 03 length | explicit nonce | data | tag
 *                         (GCM only)      sealed
 */

static bool is_gcm(const struct tls_keys *keys)
{
    return keys->cipher != TLS_CIPHER_CHACHA;
}

static void put_head_12(const struct tls_keys *keys, uint8_t type, size_t len, uint8_t out[HEAD_12])
{
    tls_keys_put_u64(keys->seq, out);
    put_head((char *)out + 8, type, len);
}

static void put_nonce_12(const struct tls_keys *keys, const char *explicit,
                         uint8_t out[TLS_CRYPT_NONCE])
{
    if (!is_gcm(keys)) {
        tls_keys_nonce(keys, out);
        return;
    }
    memcpy(out, keys->iv, SALT);
    memcpy(out + SALT, explicit, EXPLICIT);
}

static enum tls_alert open_12(struct tls_record *self, struct str record, struct tls_opened *out)
{
    struct tls_keys *keys = &self->read;
    struct str body = str_sub(record, TLS_RECORD_HEAD, record.len);
    uint8_t nonce[TLS_CRYPT_NONCE];
    uint8_t head[HEAD_12];
    struct tls_crypt_box box = {keys->cipher, keys->key, nonce, {(const char *)head, HEAD_12}};

    out->type = (uint8_t)record.ptr[0];
    out->len = body.len - self->overhead;
    put_head_12(keys, out->type, out->len, head);
    put_nonce_12(keys, body.ptr, nonce);
    if (is_gcm(keys))
        body = str_sub(body, EXPLICIT, body.len);
    if (!tls_crypt_open(self->crypt, &box, body, out->ptr))
        return TLS_ALERT_BAD_RECORD_MAC;
    keys->seq++;
    return TLS_ALERT_NONE;
}

/* The explicit nonce counts on from OpenSSL's last, so that none comes twice (handover). */
static void put_explicit(const struct tls_keys *keys, char *out)
{
    tls_keys_put_u64(tls_keys_get_u64(keys->secret) + keys->seq, (uint8_t *)out);
}

static void seal_12(struct tls_record *self, enum tls_content type, struct str plain,
                    struct buf *wire_out)
{
    struct tls_keys *keys = &self->write;
    size_t body_len = plain.len + self->overhead;
    char *at = buf_reserve(wire_out, TLS_RECORD_HEAD + body_len);
    char *body = at + TLS_RECORD_HEAD;
    uint8_t nonce[TLS_CRYPT_NONCE];
    uint8_t head[HEAD_12];
    struct tls_crypt_box box = {keys->cipher, keys->key, nonce, {(const char *)head, HEAD_12}};

    put_head(at, type, body_len);
    if (is_gcm(keys))
        put_explicit(keys, body);
    put_nonce_12(keys, body, nonce);
    put_head_12(keys, (uint8_t)type, plain.len, head);
    if (is_gcm(keys))
        body += EXPLICIT;
    if (plain.len > 0)
        memcpy(body, plain.ptr, plain.len);
    tls_crypt_seal(self->crypt, &box, body, plain.len);
    keys->seq++;
    wire_out->len += TLS_RECORD_HEAD + body_len;
}

/* A client that wants to renegotiate is told no, and may go on (RFC 5246 section 7.2.2). */
static enum tls_alert on_handshake_12(struct tls_record *self, struct str message,
                                      struct buf *wire_out)
{
    const uint8_t *at = (const uint8_t *)message.ptr;

    if (message.len < MESSAGE_HEAD || at[0] != CLIENT_HELLO)
        return TLS_ALERT_UNEXPECTED_MESSAGE;
    if (((size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]) != message.len - MESSAGE_HEAD)
        return TLS_ALERT_UNEXPECTED_MESSAGE;
    tls_record_alert(self, TLS_ALERT_WARNING, TLS_ALERT_NO_RENEGOTIATION, wire_out);
    return TLS_ALERT_NONE;
}

static bool is_mere_warning_12(uint8_t level, uint8_t description)
{
    (void)description;
    return level == TLS_ALERT_WARNING;
}

const struct tls_record_rules tls_record_rules_12 = {
    .open = open_12,
    .seal = seal_12,
    .on_handshake = on_handshake_12,
    .is_mere_warning = is_mere_warning_12,
};
