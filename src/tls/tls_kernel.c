#include "tls/tls_kernel.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/link.h"
#include "tls/tls_kernel_private.h"
#include "tls/tls_record_private.h"

#include <assert.h>
#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Older C libraries lack these. */
#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif

enum { SALT = 4, EXPLICIT = 8, ALERT_LEN = 2, KEY_UPDATE = 24, CLIENT_HELLO = 1 };

static const char ULP[] = "tls";

/* ---- taking over ---- */

/* The name is looked up before the state of the socket, which is not connected. */
bool tls_kernel_is_there(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_there;

    if (fd < 0)
        return false;
    is_there = setsockopt(fd, IPPROTO_TCP, TCP_ULP, ULP, sizeof ULP) == 0 || errno == ENOTCONN;
    close(fd);
    return is_there;
}

/* The largest of what the kernel takes; `info` begins them all. */
union crypto_info {
    struct tls_crypto_info info;
    struct tls12_crypto_info_aes_gcm_128 aes_128;
    struct tls12_crypto_info_aes_gcm_256 aes_256;
    struct tls12_crypto_info_chacha20_poly1305 chacha;
};

/* The 12 bytes of an iv are salt and iv to the kernel; with GCM in TLS 1.2 its iv is the explicit
 * nonce that comes next. */
static void put_iv(const struct tls_keys *keys, const uint8_t *nonce, uint8_t *salt, uint8_t *iv)
{
    memcpy(salt, keys->iv, SALT);
    memcpy(iv, nonce != NULL ? nonce : keys->iv + SALT, EXPLICIT);
}

/* Returns the length that goes with the cipher. */
static socklen_t put_info(const struct tls_keys *keys, const uint8_t *nonce, uint16_t version,
                          union crypto_info *out)
{
    out->info.version = version;
    switch ((enum tls_cipher)keys->cipher) {
    case TLS_CIPHER_AES_128:
        out->info.cipher_type = TLS_CIPHER_AES_GCM_128;
        memcpy(out->aes_128.key, keys->key, sizeof out->aes_128.key);
        put_iv(keys, nonce, out->aes_128.salt, out->aes_128.iv);
        tls_keys_put_u64(keys->seq, out->aes_128.rec_seq);
        return sizeof out->aes_128;
    case TLS_CIPHER_AES_256:
        out->info.cipher_type = TLS_CIPHER_AES_GCM_256;
        memcpy(out->aes_256.key, keys->key, sizeof out->aes_256.key);
        put_iv(keys, nonce, out->aes_256.salt, out->aes_256.iv);
        tls_keys_put_u64(keys->seq, out->aes_256.rec_seq);
        return sizeof out->aes_256;
    case TLS_CIPHER_CHACHA:
        break;
    }
    out->info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
    memcpy(out->chacha.key, keys->key, sizeof out->chacha.key);
    memcpy(out->chacha.iv, keys->iv, sizeof out->chacha.iv);
    tls_keys_put_u64(keys->seq, out->chacha.rec_seq);
    return sizeof out->chacha;
}

static bool set_keys(int fd, int direction, const struct tls_keys *keys,
                     const struct tls_kernel_keys *all)
{
    union crypto_info info;
    uint8_t nonce[EXPLICIT];
    socklen_t len;
    bool is_set;

    memset(&info, 0, sizeof info);
    tls_keys_put_u64(all->nonce, nonce);
    len = put_info(keys, all->is_13 ? NULL : nonce, all->is_13 ? TLS_1_3_VERSION : TLS_1_2_VERSION,
                   &info);
    is_set = setsockopt(fd, SOL_TLS, direction, &info, len) == 0;
    crypto_wipe(&info, sizeof info);
    return is_set;
}

enum tls_kernel_taken tls_kernel_take(int fd, const struct tls_kernel_keys *keys)
{
    /* A socket that has the protocol, but no keys, still is a plain one. */
    if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, ULP, sizeof ULP) != 0 && errno != EEXIST)
        return TLS_KERNEL_REFUSED;
    if (!set_keys(fd, TLS_TX, keys->write, keys))
        return TLS_KERNEL_REFUSED;
    return set_keys(fd, TLS_RX, keys->read, keys) ? TLS_KERNEL_TAKEN : TLS_KERNEL_BROKEN;
}

/* ---- from and to the socket ---- */

static struct tls_kernel *kernel_of(struct transport *transport)
{
    return CONTAINER_OF(transport, struct tls_kernel, base);
}

union control {
    char bytes[CMSG_SPACE(sizeof(unsigned char))];
    struct cmsghdr alignment;
};

static uint8_t type_of(struct msghdr *message)
{
    const struct cmsghdr *control = CMSG_FIRSTHDR(message);

    if (control == NULL || control->cmsg_level != SOL_TLS ||
        control->cmsg_type != TLS_GET_RECORD_TYPE)
        return TLS_CONTENT_DATA;
    return *CMSG_DATA(control);
}

/* The kernel says by errno what it could not open. */
static enum tls_alert alert_for(int error)
{
    switch (error) {
    case EBADMSG:
        return TLS_ALERT_BAD_RECORD_MAC;
    case EMSGSIZE:
        return TLS_ALERT_RECORD_OVERFLOW;
    case EINVAL:
        return TLS_ALERT_PROTOCOL_VERSION;
    default:
        return TLS_ALERT_NONE;
    }
}

static ssize_t refuse(struct tls_kernel *self, int fd, enum tls_alert alert)
{
    int error;
    socklen_t len = sizeof error;

    self->refused = (uint16_t)alert;
    /* The socket bears its error until somebody has asked, and would not send the alert. */
    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    errno = EBADMSG;
    return -1;
}

static ssize_t on_receive(struct transport *transport, int fd, char *out, size_t cap)
{
    struct tls_kernel *self = kernel_of(transport);
    union control control;
    struct iovec vector = {out, cap};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t len = recvmsg(fd, &message, 0);

    if (len < 0 && alert_for(errno) != TLS_ALERT_NONE)
        return refuse(self, fd, alert_for(errno));
    if (len < 0)
        return len;
    self->type = type_of(&message);
    if (len == 0 && self->type != TLS_CONTENT_DATA) /* no end: a message that says nothing */
        return refuse(self, fd, TLS_ALERT_DECODE_ERROR);
    return len;
}

static ssize_t send_alert(int fd, struct str bytes)
{
    union control control;
    char copy[ALERT_LEN];
    struct iovec vector = {copy, bytes.len};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    memset(&control, 0, sizeof control);
    memcpy(copy, bytes.ptr, bytes.len);
    head->cmsg_level = SOL_TLS;
    head->cmsg_type = TLS_SET_RECORD_TYPE;
    head->cmsg_len = CMSG_LEN(sizeof(unsigned char));
    *CMSG_DATA(head) = TLS_CONTENT_ALERT;
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* The kernel cuts what it is given into records of the largest size. */
static uint64_t records_of(size_t len)
{
    return len / TLS_RECORD_PLAIN_MAX + 1;
}

static ssize_t send_data(struct tls_kernel *self, int fd, struct str data)
{
    if (data.len == 0)
        return 0;
    self->records += records_of(data.len);
    return send(fd, data.ptr, data.len, MSG_NOSIGNAL);
}

/* An alert leaves in a record of its own, behind all else. What is left means a full socket. */
static ssize_t on_send(struct transport *transport, int fd, struct str wire)
{
    struct tls_kernel *self = kernel_of(transport);
    struct str data = {wire.ptr, wire.len - self->alert_len};
    ssize_t sent = send_data(self, fd, data);
    ssize_t alert;

    assert(wire.len >= self->alert_len);
    if (self->alert_len == 0 || sent < (ssize_t)data.len)
        return sent;
    alert = send_alert(fd, str_sub(wire, data.len, wire.len));
    if (alert < 0)
        return sent > 0 ? sent : alert;
    self->alert_len = (uint8_t)(self->alert_len - alert);
    return sent + alert;
}

/* ---- what a record says ---- */

static void say_alert(struct tls_kernel *self, enum tls_alert_level level, enum tls_alert alert,
                      struct buf *wire_out)
{
    const char bytes[ALERT_LEN] = {(char)level, (char)alert};

    if (self->is_closed)
        return;
    self->is_closed = true;
    buf_append(wire_out, (struct str){bytes, ALERT_LEN});
    self->alert_len = ALERT_LEN;
}

/* TLS_ALERT_NONE: the peer has failed and knows. */
static enum transport_status fail(struct tls_kernel *self, enum tls_alert alert,
                                  struct buf *wire_out)
{
    if (alert != TLS_ALERT_NONE)
        say_alert(self, TLS_ALERT_FATAL, alert, wire_out);
    self->phase = TLS_RECORD_FAILED;
    return TRANSPORT_FAILED;
}

static enum transport_status end(struct tls_kernel *self)
{
    self->phase = TLS_RECORD_ENDED;
    return TRANSPORT_ENDED;
}

static bool is_mere_warning(const struct tls_kernel *self, uint8_t level, uint8_t description)
{
    return self->is_13 ? description == TLS_ALERT_USER_CANCELED : level == TLS_ALERT_WARNING;
}

static enum transport_status on_alert(struct tls_kernel *self, struct str alert,
                                      struct buf *wire_out)
{
    uint8_t level;
    uint8_t description;

    if (alert.len != ALERT_LEN)
        return fail(self, TLS_ALERT_DECODE_ERROR, wire_out);
    level = (uint8_t)alert.ptr[0];
    description = (uint8_t)alert.ptr[1];
    if (level != TLS_ALERT_WARNING && level != TLS_ALERT_FATAL)
        return fail(self, TLS_ALERT_ILLEGAL_PARAMETER, wire_out);
    if (description == TLS_ALERT_CLOSE_NOTIFY)
        return end(self);
    if (!is_mere_warning(self, level, description))
        return fail(self, TLS_ALERT_NONE, wire_out);
    if (++self->warnings > TLS_KERNEL_WARNINGS_MAX)
        return fail(self, TLS_ALERT_UNEXPECTED_MESSAGE, wire_out);
    return TRANSPORT_OK;
}

/* New keys, or a new handshake, would be the kernel's to take: the link ends in order instead. */
static enum transport_status on_handshake(struct tls_kernel *self, struct str message,
                                          struct buf *wire_out)
{
    uint8_t wanted = self->is_13 ? KEY_UPDATE : CLIENT_HELLO;

    if (message.len == 0 || (uint8_t)message.ptr[0] != wanted)
        return fail(self, TLS_ALERT_UNEXPECTED_MESSAGE, wire_out);
    return end(self);
}

static enum transport_status on_data(struct tls_kernel *self, struct str plain,
                                     struct transport_read *out)
{
    assert(plain.len <= out->cap);
    if (plain.len > 0)
        memcpy(out->ptr, plain.ptr, plain.len);
    out->len = plain.len;
    return self->records < TLS_KERNEL_RECORDS_CLOSE ? TRANSPORT_OK : end(self);
}

static enum transport_status take(struct tls_kernel *self, struct str plain,
                                  struct transport_read *out, struct buf *wire_out)
{
    if (self->refused != TLS_ALERT_NONE)
        return fail(self, (enum tls_alert)self->refused, wire_out);
    switch (self->type) {
    case TLS_CONTENT_DATA:
        return on_data(self, plain, out);
    case TLS_CONTENT_ALERT:
        return on_alert(self, plain, wire_out);
    case TLS_CONTENT_HANDSHAKE:
        return on_handshake(self, plain, wire_out);
    default:
        return fail(self, TLS_ALERT_UNEXPECTED_MESSAGE, wire_out);
    }
}

/* ---- the calls of transport.h ---- */

static void on_start(struct transport *transport, struct buf *wire_out)
{
    (void)transport;
    (void)wire_out;
}

static enum transport_status on_read(struct transport *transport, struct str wire,
                                     struct transport_read *out, struct buf *wire_out)
{
    struct tls_kernel *self = kernel_of(transport);
    enum transport_status status = TRANSPORT_FAILED;

    out->len = 0;
    if (self->phase == TLS_RECORD_ENDED)
        status = TRANSPORT_ENDED;
    if (self->phase == TLS_RECORD_OPEN)
        status = take(self, wire, out, wire_out);
    out->established = self->phase != TLS_RECORD_FAILED;
    return status;
}

static enum transport_status on_write(struct transport *transport, struct str plain,
                                      struct buf *wire_out)
{
    const struct tls_kernel *self = kernel_of(transport);

    if (self->phase == TLS_RECORD_FAILED || self->is_closed)
        return TRANSPORT_FAILED;
    if (self->records >= TLS_KERNEL_RECORDS_MAX)
        return TRANSPORT_FAILED;
    buf_append(wire_out, plain);
    return TRANSPORT_OK;
}

static void on_close(struct transport *transport, struct buf *wire_out)
{
    struct tls_kernel *self = kernel_of(transport);

    if (self->phase != TLS_RECORD_FAILED)
        say_alert(self, TLS_ALERT_WARNING, TLS_ALERT_CLOSE_NOTIFY, wire_out);
}

static void on_free(struct transport *transport)
{
    free(kernel_of(transport));
}

static const struct transport_ops KERNEL = {
    .start = on_start,
    .read = on_read,
    .write = on_write,
    .close = on_close,
    .free = on_free,
    .receive = on_receive,
    .send = on_send,
};

struct transport *tls_kernel_new(uint64_t records, bool is_13)
{
    struct tls_kernel *self = alloc_zero(sizeof *self);

    self->base.ops = &KERNEL;
    self->records = records;
    self->type = TLS_CONTENT_DATA;
    self->phase = TLS_RECORD_OPEN;
    self->refused = TLS_ALERT_NONE;
    self->is_13 = is_13;
    return &self->base;
}

bool tls_kernel_has(const struct transport *transport)
{
    return transport->ops == &KERNEL;
}
