/*
 * tls_transport - the transport over an OpenSSL SSL object, fed and drained through memory.
 *
 * Its BIO reads straight from the `wire` view of the running call and appends straight to that
 * call's `wire_out`: no buffer between them, and none held between calls save OpenSSL's own for a
 * record that has come only in part. Serves both sides: tls_server and tls_client make the SSL
 * object and its rules. Handshakes are counted once per connection, failures included (a peer
 * that leaves without a byte is none). The connection's thread only.
 */
#pragma once

#include "base/metric.h"
#include "base/pool.h"
#include "net/transport.h"
#include "tls/tls_schedule.h"

#include <openssl/bio.h>

/*
 * KeyUpdates, refused renegotiations and alerts are answered without anybody above seeing them;
 * more than SPARE of them, and one for each BYTES of data either way, fail the connection.
 */
enum {
    TLS_TRANSPORT_CONTROL_SPARE = 32,
    TLS_TRANSPORT_CONTROL_BYTES = 64 * 1024,
};

struct tls_transport_config {
    SSL *ssl;                   /* taken; accept or connect state is set, it has no BIO */
    const BIO_METHOD *wire;     /* borrowed, of tls_transport_wire_new(); outlives the transport */
    struct pool *pool;          /* borrowed; tls_record's own memory comes from it */
    struct metric_set *metrics; /* borrowed, may be NULL; used until the handshake ends */
    void (*on_free)(void *ctx); /* the transport is gone; may be NULL */
    void *ctx;
    /* What OpenSSL's message callback is told, for tls_record; may be NULL. */
    void (*on_message)(void *observer, bool is_write, int type, struct str bytes);
    /* The traffic secrets of TLS 1.3, likewise; only with a schedule. */
    void (*on_secret)(void *observer, bool is_client, struct str secret);
    void *observer;
    struct tls_schedule *schedule; /* of the SSL_CTX; borrowed, may be NULL */
};

/* The BIO's table of functions, one per server or client. Release with BIO_meth_free(). */
BIO_METHOD *tls_transport_wire_new(void);

/* Sets the modes that every SSL_CTX of such a transport needs. */
void tls_transport_prepare(SSL_CTX *ssl_ctx);

struct transport *tls_transport_new(const struct tls_transport_config *config);

SSL *tls_transport_ssl(const struct transport *transport); /* to ask what was negotiated */
