#include "tls/tls_transport.h"

#include "base/alloc.h"
#include "base/link.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum phase {
    PHASE_HANDSHAKE,
    PHASE_OPEN,
    PHASE_ENDED, /* the peer sent close_notify; we may still write */
    PHASE_FAILED,
};

/* What the running call was handed; the BIO reads from one and appends to the other. */
struct call {
    struct str wire;
    struct buf *wire_out;
};

struct tls_transport {
    struct transport base;
    SSL *ssl;
    struct call *call; /* NULL between calls */
    struct metric_set *metrics;
    void (*on_free)(void *ctx);
    void *ctx;
    void (*on_message)(void *observer, bool is_write, int type, struct str bytes);
    void *observer;
    struct tls_schedule *schedule; /* NULL: nobody listens */
    struct tls_schedule_listener listener;
    uint64_t data_bytes; /* opened and sealed */
    uint64_t controls;
    enum phase phase;
    bool has_received;
};

static struct tls_transport *tls_of(struct transport *transport)
{
    return CONTAINER_OF(transport, struct tls_transport, base);
}

static bool is_flooded(const struct tls_transport *self)
{
    return self->controls >
           TLS_TRANSPORT_CONTROL_SPARE + self->data_bytes / TLS_TRANSPORT_CONTROL_BYTES;
}

/* A hard error (no retry flag) when flooded: it is the way to stop SSL_read() in its own loop. */
static int on_wire_read(BIO *bio, char *out, int cap)
{
    struct tls_transport *self = BIO_get_data(bio);
    struct str *wire = &self->call->wire;
    size_t len = cap < 0 ? 0 : (size_t)cap;

    BIO_clear_retry_flags(bio);
    if (is_flooded(self))
        return -1;
    if (wire->len == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (len > wire->len)
        len = wire->len;
    memcpy(out, wire->ptr, len);
    *wire = str_sub(*wire, len, wire->len - len);
    return (int)len;
}

static int on_wire_write(BIO *bio, const char *bytes, int len)
{
    struct tls_transport *self = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (len <= 0)
        return 0;
    buf_append(self->call->wire_out, (struct str){bytes, (size_t)len});
    return len;
}

static long on_wire_ctrl(BIO *bio, int command, long number, void *ptr)
{
    (void)bio;
    (void)number;
    (void)ptr;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *tls_transport_wire_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");

    assert(method != NULL);
    BIO_meth_set_read(method, on_wire_read);
    BIO_meth_set_write(method, on_wire_write);
    BIO_meth_set_ctrl(method, on_wire_ctrl);
    return method;
}

/*
 * OpenSSL's read buffer has room for the largest record and can't be made smaller
 * (SSL_CTX_set_default_read_buffer_len() only enlarges it), so it is released whenever it is
 * empty. Read-ahead stays off: it would leave bytes of the next record in there.
 */
void tls_transport_prepare(SSL_CTX *ssl_ctx)
{
    SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ssl_ctx, 0);
    SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

/* Sees every message that is no data, both ways. */
/* NOLINTNEXTLINE(readability-function-size): the form of the parameters is OpenSSL's. */
static void on_message(int is_write, int version, int type, const void *bytes, size_t len, SSL *ssl,
                       void *arg)
{
    struct tls_transport *self = arg;

    (void)version;
    (void)ssl;
    if (self->phase != PHASE_HANDSHAKE && (type == SSL3_RT_HANDSHAKE || type == SSL3_RT_ALERT))
        self->controls++;
    if (self->on_message != NULL)
        self->on_message(self->observer, is_write != 0, type, (struct str){bytes, len});
}

static void count(struct tls_transport *self, enum metric metric)
{
    metric_add(self->metrics, metric, 1);
    /* The connection may move to another thread now, where this set must not be written. */
    self->metrics = NULL;
}

/*
 * OpenSSL is silent when a peer's first bytes are no TLS record at all. One alert tells the peer's
 * log, at least, that this port speaks TLS: fatal (2), unexpected_message (10), RFC 8446 section 6.
 */
static void say_unexpected(const struct tls_transport *self)
{
    if (SSL_is_server(self->ssl) && BIO_number_written(SSL_get_wbio(self->ssl)) == 0)
        buf_append(self->call->wire_out, STR("\x15\x03\x01\x00\x02\x02\x0a"));
}

/* After an SSL call that did not go through: it waits for more, has ended, or has failed. */
static enum transport_status stop(struct tls_transport *self)
{
    int error = SSL_get_error(self->ssl, 0);

    if (error == SSL_ERROR_WANT_READ)
        return TRANSPORT_OK;
    ERR_clear_error();
    if (error == SSL_ERROR_ZERO_RETURN && self->phase == PHASE_OPEN) {
        self->phase = PHASE_ENDED;
        return TRANSPORT_ENDED;
    }
    if (self->phase == PHASE_HANDSHAKE) {
        say_unexpected(self);
        count(self, METRIC_TLS_HANDSHAKE_FAILED);
    }
    self->phase = PHASE_FAILED;
    return TRANSPORT_FAILED;
}

static enum transport_status shake_hands(struct tls_transport *self)
{
    int result;

    if (self->schedule != NULL)
        tls_schedule_listen(self->schedule, &self->listener);
    result = SSL_do_handshake(self->ssl);
    if (self->schedule != NULL)
        tls_schedule_listen(self->schedule, NULL);
    if (result != 1)
        return stop(self);
    self->phase = PHASE_OPEN;
    count(self,
          SSL_session_reused(self->ssl) ? METRIC_TLS_HANDSHAKE_RESUMED : METRIC_TLS_HANDSHAKE_FULL);
    return TRANSPORT_OK;
}

static enum transport_status open_data(struct tls_transport *self, struct transport_read *out)
{
    size_t len;

    /* With nothing left in the record and on the wire, one more SSL_read() would only allocate and
     * free its buffer. */
    while (self->call->wire.len > 0 || SSL_pending(self->ssl) > 0) {
        assert(out->len < out->cap);
        if (!SSL_read_ex(self->ssl, out->ptr + out->len, out->cap - out->len, &len))
            return stop(self);
        out->len += len;
        self->data_bytes += len;
    }
    return TRANSPORT_OK;
}

static enum transport_status on_read(struct tls_transport *self, struct transport_read *out)
{
    enum transport_status status = TRANSPORT_OK;

    if (self->phase == PHASE_HANDSHAKE)
        status = shake_hands(self);
    if (self->phase == PHASE_OPEN)
        status = open_data(self, out);
    return status;
}

/* What an earlier call left in the queue would be taken for this one's. It is nearly always empty,
 * and to ask costs less than to clear. */
static void forget_errors(void)
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

static void tls_start(struct transport *transport, struct buf *wire_out)
{
    struct tls_transport *self = tls_of(transport);
    struct call call = {STR_EMPTY, wire_out};

    if (SSL_is_server(self->ssl))
        return;
    self->call = &call;
    forget_errors();
    (void)shake_hands(self); /* a failure is told by the first read */
    self->call = NULL;
}

static enum transport_status tls_read(struct transport *transport, struct str wire,
                                      struct transport_read *out, struct buf *wire_out)
{
    struct tls_transport *self = tls_of(transport);
    struct call call = {wire, wire_out};
    uint64_t controls = self->controls;
    enum phase phase = self->phase;
    enum transport_status status;

    assert(out->cap >= TRANSPORT_READ_MIN && out->cap - TRANSPORT_READ_SLACK >= wire.len);
    out->len = 0;
    out->established = self->phase == PHASE_ENDED;
    if (self->phase == PHASE_ENDED)
        return TRANSPORT_ENDED;
    if (self->phase == PHASE_FAILED)
        return TRANSPORT_FAILED;
    self->has_received |= wire.len > 0;
    self->call = &call;
    forget_errors();
    status = on_read(self, out);
    /* A message that is no data leaves a write buffer behind; a record in part keeps its own. */
    if (phase == PHASE_HANDSHAKE || self->controls != controls)
        (void)SSL_free_buffers(self->ssl);
    self->call = NULL;
    assert(status != TRANSPORT_OK || call.wire.len == 0);
    out->established = self->phase == PHASE_OPEN || self->phase == PHASE_ENDED;
    return status;
}

static enum transport_status tls_write(struct transport *transport, struct str plain,
                                       struct buf *wire_out)
{
    struct tls_transport *self = tls_of(transport);
    struct call call = {STR_EMPTY, wire_out};
    size_t len;
    bool is_sealed;

    assert(self->phase != PHASE_HANDSHAKE);
    if (self->phase == PHASE_FAILED)
        return TRANSPORT_FAILED;
    if (plain.len == 0)
        return TRANSPORT_OK;
    self->call = &call;
    forget_errors();
    is_sealed = SSL_write_ex(self->ssl, plain.ptr, plain.len, &len) == 1;
    self->call = NULL;
    self->data_bytes += plain.len;
    if (is_sealed)
        return TRANSPORT_OK;
    ERR_clear_error();
    self->phase = PHASE_FAILED;
    return TRANSPORT_FAILED;
}

static void tls_close(struct transport *transport, struct buf *wire_out)
{
    struct tls_transport *self = tls_of(transport);
    struct call call = {STR_EMPTY, wire_out};

    if (self->phase != PHASE_OPEN && self->phase != PHASE_ENDED)
        return;
    self->call = &call;
    forget_errors();
    (void)SSL_shutdown(self->ssl); /* 0 is usual: the peer's close_notify is still to come */
    ERR_clear_error();
    self->call = NULL;
}

static void tls_free(struct transport *transport)
{
    struct tls_transport *self = tls_of(transport);

    if (self->phase == PHASE_HANDSHAKE && self->has_received)
        count(self, METRIC_TLS_HANDSHAKE_FAILED);
    /* OpenSSL would forbid to resume a session whose link was cut rather than closed, a rule that
     * TLS 1.1 gave up (RFC 4346 section 7.2.1); reconnecting links are who need it most. */
    SSL_set_shutdown(self->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(self->ssl);
    if (self->on_free != NULL)
        self->on_free(self->ctx);
    free(self);
}

static const struct transport_ops ops = {
    .start = tls_start,
    .read = tls_read,
    .write = tls_write,
    .close = tls_close,
    .free = tls_free,
};

struct transport *tls_transport_new(const struct tls_transport_config *config)
{
    struct tls_transport *self = alloc_zero(sizeof *self);
    BIO *bio = BIO_new(config->wire);

    assert(bio != NULL);
    self->base.ops = &ops;
    self->ssl = config->ssl;
    self->metrics = config->metrics;
    self->on_free = config->on_free;
    self->ctx = config->ctx;
    self->on_message = config->on_message;
    self->observer = config->observer;
    self->schedule = config->on_secret == NULL ? NULL : config->schedule;
    self->listener = (struct tls_schedule_listener){config->on_secret, config->observer};
    BIO_set_data(bio, self);
    BIO_set_init(bio, 1);
    SSL_set_bio(self->ssl, bio, bio);
    SSL_set_msg_callback(self->ssl, on_message);
    SSL_set_msg_callback_arg(self->ssl, self);
    return &self->base;
}

SSL *tls_transport_ssl(const struct transport *transport)
{
    return ((const struct tls_transport *)(const void *)transport)->ssl;
}
