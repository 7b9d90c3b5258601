#include "tls/tls_record_private.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/link.h"
#include "tls/tls_kernel.h"

#include <openssl/ssl.h>
#include <stdlib.h>

enum { NEW_SESSION_TICKET = 4 };

static struct tls_record *record_of(struct transport *transport)
{
    return CONTAINER_OF(transport, struct tls_record, base);
}

static const struct tls_record_rules *rules_of(const struct tls_record *self)
{
    return self->is_13 ? &tls_record_rules_13 : &tls_record_rules_12;
}

/* ---- out ---- */

void tls_record_seal(struct tls_record *self, enum tls_content type, struct str plain,
                     struct buf *wire_out)
{
    if (self->is_closed)
        return;
    if (self->is_13 && self->write.seq >= TLS_RECORD_SEQ_UPDATE)
        tls_record_rules_update(self, false, wire_out);
    rules_of(self)->seal(self, type, plain, wire_out);
}

void tls_record_alert(struct tls_record *self, enum tls_alert_level level, enum tls_alert alert,
                      struct buf *wire_out)
{
    const char bytes[] = {(char)level, (char)alert};

    tls_record_seal(self, TLS_CONTENT_ALERT, (struct str){bytes, sizeof bytes}, wire_out);
}

static void drop_part(struct tls_record *self)
{
    if (self->part == NULL)
        return;
    buf_free(self->part);
    free(self->part);
    self->part = NULL;
}

/* TLS_ALERT_NONE: the peer has failed and knows. */
static enum transport_status fail(struct tls_record *self, enum tls_alert alert,
                                  struct buf *wire_out)
{
    if (alert != TLS_ALERT_NONE)
        tls_record_alert(self, TLS_ALERT_FATAL, alert, wire_out);
    drop_part(self);
    self->phase = TLS_RECORD_FAILED;
    return TRANSPORT_FAILED;
}

/* ---- in: what a record says ---- */

static void earn(struct tls_record *self, size_t data_len)
{
    uint64_t bytes = (uint64_t)self->data_bytes + data_len;
    uint64_t earned = bytes / TLS_TRANSPORT_CONTROL_BYTES;

    self->data_bytes = (uint32_t)(bytes % TLS_TRANSPORT_CONTROL_BYTES);
    self->controls_left =
        (uint32_t)(earned < UINT32_MAX - self->controls_left ? self->controls_left + earned
                                                             : UINT32_MAX);
}

static enum transport_status on_data(struct tls_record *self, size_t len,
                                     struct transport_read *out, struct buf *wire_out)
{
    self->empties = len > 0 ? 0 : (uint8_t)(self->empties + 1);
    if (self->empties > TLS_RECORD_EMPTIES_MAX)
        return fail(self, TLS_ALERT_UNEXPECTED_MESSAGE, wire_out);
    out->len += len;
    earn(self, len);
    return TRANSPORT_OK;
}

static enum transport_status on_alert(struct tls_record *self, const struct tls_opened *opened,
                                      struct buf *wire_out)
{
    uint8_t level;
    uint8_t description;

    if (opened->len != 2)
        return fail(self, TLS_ALERT_DECODE_ERROR, wire_out);
    level = (uint8_t)opened->ptr[0];
    description = (uint8_t)opened->ptr[1];
    if (level != TLS_ALERT_WARNING && level != TLS_ALERT_FATAL)
        return fail(self, TLS_ALERT_ILLEGAL_PARAMETER, wire_out);
    if (description == TLS_ALERT_CLOSE_NOTIFY) {
        self->phase = TLS_RECORD_ENDED;
        return TRANSPORT_ENDED;
    }
    if (rules_of(self)->is_mere_warning(level, description))
        return TRANSPORT_OK;
    return fail(self, TLS_ALERT_NONE, wire_out);
}

/* A client that has gone over does not resume. Tickets come in records of their own. */
static bool is_ticket(const struct tls_record *self, const struct tls_opened *opened)
{
    return self->is_client && self->is_13 && opened->len > 0 &&
           opened->ptr[0] == NEW_SESSION_TICKET;
}

static enum transport_status on_handshake(struct tls_record *self, const struct tls_opened *opened,
                                          struct buf *wire_out)
{
    enum tls_alert alert;

    if (is_ticket(self, opened))
        return TRANSPORT_OK;
    alert = rules_of(self)->on_handshake(self, (struct str){opened->ptr, opened->len}, wire_out);

    return alert == TLS_ALERT_NONE ? TRANSPORT_OK : fail(self, alert, wire_out);
}

/* Whatever is no data makes work that nobody above sees, so it must be earned. */
static enum transport_status on_control(struct tls_record *self, const struct tls_opened *opened,
                                        struct buf *wire_out)
{
    if (self->controls_left == 0)
        return fail(self, TLS_ALERT_UNEXPECTED_MESSAGE, wire_out);
    self->controls_left--;
    if (opened->type == TLS_CONTENT_ALERT)
        return on_alert(self, opened, wire_out);
    if (opened->type == TLS_CONTENT_HANDSHAKE)
        return on_handshake(self, opened, wire_out);
    return fail(self, TLS_ALERT_UNEXPECTED_MESSAGE, wire_out);
}

static enum transport_status take(struct tls_record *self, struct str record,
                                  struct transport_read *out, struct buf *wire_out)
{
    struct tls_opened opened = {.ptr = out->ptr + out->len};
    enum tls_alert alert;

    assert(out->cap - out->len >= record.len - TLS_RECORD_HEAD - TLS_CRYPT_TAG);
    alert = rules_of(self)->open(self, record, &opened);
    if (alert != TLS_ALERT_NONE)
        return fail(self, alert, wire_out);
    if (opened.len > self->plain_max)
        return fail(self, TLS_ALERT_RECORD_OVERFLOW, wire_out);
    /* A peer that forgets to change its keys is asked to. */
    if (self->is_13 && self->read.seq == TLS_RECORD_SEQ_UPDATE && !self->is_closed)
        tls_record_rules_update(self, true, wire_out);
    if (self->update_len > 0 && opened.type != TLS_CONTENT_HANDSHAKE)
        return fail(self, TLS_ALERT_UNEXPECTED_MESSAGE, wire_out);
    if (opened.type == TLS_CONTENT_DATA)
        return on_data(self, opened.len, out, wire_out);
    return on_control(self, &opened, wire_out);
}

/* ---- in: where a record begins and ends ---- */

static bool is_expected(const struct tls_record *self, uint8_t type)
{
    return type == TLS_CONTENT_DATA ||
           (!self->is_13 && (type == TLS_CONTENT_ALERT || type == TLS_CONTENT_HANDSHAKE));
}

/* Judged before its body is awaited. */
static enum tls_alert check_head(const struct tls_record *self, const char *head, size_t *body_len)
{
    const uint8_t *at = (const uint8_t *)head;
    size_t len = (size_t)at[3] << 8 | at[4];

    if (!is_expected(self, at[0]))
        return TLS_ALERT_UNEXPECTED_MESSAGE;
    if (at[1] != 3 || at[2] != 3)
        return TLS_ALERT_PROTOCOL_VERSION;
    if (len > (size_t)TLS_RECORD_PLAIN_MAX + self->overhead)
        return TLS_ALERT_RECORD_OVERFLOW;
    if (len < self->overhead)
        return TLS_ALERT_BAD_RECORD_MAC;
    *body_len = len;
    return TLS_ALERT_NONE;
}

/* Moves bytes from `wire` until the part has `want` of them, or none are left. */
static bool collect(struct buf *part, struct str *wire, size_t want)
{
    struct str more = str_sub(*wire, 0, want - part->len);

    buf_append(part, more);
    *wire = str_sub(*wire, more.len, wire->len);
    return part->len == want;
}

/* A record that did not come in one piece is kept until it is whole. */
static enum transport_status take_part(struct tls_record *self, struct str *wire,
                                       struct transport_read *out, struct buf *wire_out)
{
    struct buf *part;
    enum transport_status status;
    enum tls_alert alert;
    size_t body_len;

    if (self->part == NULL)
        self->part = alloc_zero(sizeof *self->part);
    part = self->part;
    if (part->len < TLS_RECORD_HEAD && !collect(part, wire, TLS_RECORD_HEAD))
        return TRANSPORT_OK;
    alert = check_head(self, part->ptr, &body_len);
    if (alert != TLS_ALERT_NONE)
        return fail(self, alert, wire_out);
    if (!collect(part, wire, TLS_RECORD_HEAD + body_len))
        return TRANSPORT_OK;
    status = take(self, buf_str(part), out, wire_out);
    drop_part(self);
    return status;
}

static enum transport_status take_next(struct tls_record *self, struct str *wire,
                                       struct transport_read *out, struct buf *wire_out)
{
    enum tls_alert alert;
    struct str record;
    size_t body_len;

    if (self->part != NULL || wire->len < TLS_RECORD_HEAD)
        return take_part(self, wire, out, wire_out);
    alert = check_head(self, wire->ptr, &body_len);
    if (alert != TLS_ALERT_NONE)
        return fail(self, alert, wire_out);
    if (body_len > wire->len - TLS_RECORD_HEAD)
        return take_part(self, wire, out, wire_out);
    record = str_sub(*wire, 0, TLS_RECORD_HEAD + body_len);
    *wire = str_sub(*wire, record.len, wire->len);
    return take(self, record, out, wire_out);
}

/* ---- the calls of transport.h ---- */

static void on_start(struct transport *transport, struct buf *wire_out)
{
    struct tls_record *self = record_of(transport);

    self->handshake->ops->start(self->handshake, wire_out);
}

static void on_settle(struct transport *transport, struct transport_thread *thread)
{
    struct tls_record *self = record_of(transport);

    if (self->crypt != NULL && self->phase != TLS_RECORD_HANDSHAKE) {
        tls_crypt_forget(self->crypt, self->read.cipher, self->read.key);
        tls_crypt_forget(self->crypt, self->write.cipher, self->write.key);
    }
    self->crypt = thread != NULL ? tls_crypt_of(thread) : NULL;
}

static enum transport_status shake_hands(struct tls_record *self, struct str wire,
                                         struct transport_read *out, struct buf *wire_out)
{
    struct transport *handshake = self->handshake;
    size_t before = wire_out->len;
    enum transport_status status = handshake->ops->read(handshake, wire, out, wire_out);

    tls_record_handover_on_written(self, str_sub(buf_str(wire_out), before, wire_out->len));
    if (status == TRANSPORT_OK && out->established)
        tls_record_handover_try(self);
    return status;
}

static enum transport_status on_read(struct transport *transport, struct str wire,
                                     struct transport_read *out, struct buf *wire_out)
{
    struct tls_record *self = record_of(transport);
    enum transport_status status = TRANSPORT_OK;

    if (self->phase == TLS_RECORD_HANDSHAKE)
        return shake_hands(self, wire, out, wire_out);
    assert(out->cap >= TRANSPORT_READ_MIN && out->cap - TRANSPORT_READ_SLACK >= wire.len);
    out->len = 0;
    out->established = self->phase != TLS_RECORD_FAILED;
    if (self->phase == TLS_RECORD_ENDED)
        return TRANSPORT_ENDED;
    if (self->phase == TLS_RECORD_FAILED)
        return TRANSPORT_FAILED;
    while (wire.len > 0 && status == TRANSPORT_OK)
        status = take_next(self, &wire, out, wire_out);
    out->established = self->phase != TLS_RECORD_FAILED;
    return status;
}

static enum transport_status write_by_handshake(struct tls_record *self, struct str plain,
                                                struct buf *wire_out)
{
    size_t before = wire_out->len;
    enum transport_status status = self->handshake->ops->write(self->handshake, plain, wire_out);

    tls_record_handover_on_written(self, str_sub(buf_str(wire_out), before, wire_out->len));
    return status;
}

static enum transport_status on_write(struct transport *transport, struct str plain,
                                      struct buf *wire_out)
{
    struct tls_record *self = record_of(transport);

    if (self->phase == TLS_RECORD_HANDSHAKE)
        return write_by_handshake(self, plain, wire_out);
    if (self->phase == TLS_RECORD_FAILED || self->is_closed)
        return TRANSPORT_FAILED;
    earn(self, plain.len);
    while (plain.len > 0) {
        struct str piece = str_sub(plain, 0, self->plain_max);

        tls_record_seal(self, TLS_CONTENT_DATA, piece, wire_out);
        plain = str_sub(plain, piece.len, plain.len);
    }
    return TRANSPORT_OK;
}

static void on_close(struct transport *transport, struct buf *wire_out)
{
    struct tls_record *self = record_of(transport);

    if (self->phase == TLS_RECORD_HANDSHAKE) {
        self->handshake->ops->close(self->handshake, wire_out);
        return;
    }
    if (self->phase == TLS_RECORD_FAILED)
        return;
    tls_record_alert(self, TLS_ALERT_WARNING, TLS_ALERT_CLOSE_NOTIFY, wire_out);
    self->is_closed = true;
}

static void on_free(struct transport *transport)
{
    struct tls_record *self = record_of(transport);

    on_settle(transport, NULL);
    if (self->phase == TLS_RECORD_HANDSHAKE)
        self->handshake->ops->free(self->handshake);
    else
        drop_part(self);
    crypto_wipe(self, sizeof *self);
    pool_give_back(self);
}

static const struct transport_ops RECORD = {
    .start = on_start,
    .settle = on_settle,
    .read = on_read,
    .write = on_write,
    .close = on_close,
    .free = on_free,
};

/* A record in part is ours to the end, and the kernel knows but one length of records. */
static bool can_go(const struct tls_record *self)
{
    return self->phase == TLS_RECORD_OPEN && self->part == NULL && !self->is_closed &&
           self->plain_max == TLS_RECORD_PLAIN_MAX;
}

static enum transport_status on_offload(struct transport **transport, int fd)
{
    struct tls_record *self = record_of(*transport);
    const struct tls_kernel_keys keys = {
        .read = &self->read,
        .write = &self->write,
        .nonce = tls_keys_get_u64(self->write.secret) + self->write.seq,
        .is_13 = self->is_13,
    };

    if (!can_go(self))
        return TRANSPORT_OK;
    switch (tls_kernel_take(fd, &keys)) {
    case TLS_KERNEL_TAKEN:
        *transport = tls_kernel_new(keys.write->seq, keys.is_13);
        on_free(&self->base);
        return TRANSPORT_OK;
    case TLS_KERNEL_REFUSED: /* and would be the next time */
        self->base.ops = &RECORD;
        return TRANSPORT_OK;
    case TLS_KERNEL_BROKEN:
        break;
    }
    return TRANSPORT_FAILED;
}

static const struct transport_ops RECORD_FOR_KERNEL = {
    .start = on_start,
    .settle = on_settle,
    .read = on_read,
    .write = on_write,
    .close = on_close,
    .free = on_free,
    .offload = on_offload,
};

struct tls_record *tls_record_make(struct pool *pool)
{
    struct tls_record *self = pool_take(pool, sizeof *self);

    self->base.ops = &RECORD;
    self->controls_left = TLS_TRANSPORT_CONTROL_SPARE;
    self->plain_max = TLS_RECORD_PLAIN_MAX;
    return self;
}

struct transport *tls_record_new(const struct tls_transport_config *config)
{
    struct tls_record *self = tls_record_make(config->pool);
    struct tls_transport_config observed = *config;

    observed.on_message = tls_record_handover_on_message;
    observed.on_secret = tls_record_handover_on_secret;
    observed.observer = self;
    self->is_client = !SSL_is_server(config->ssl);
    self->handshake = tls_transport_new(&observed);
    return &self->base;
}

void tls_record_wants_kernel(struct transport *transport)
{
    transport->ops = &RECORD_FOR_KERNEL;
}

bool tls_record_is_own(const struct transport *transport)
{
    const struct tls_record *self = (const struct tls_record *)(const void *)transport;

    return self->phase != TLS_RECORD_HANDSHAKE;
}
