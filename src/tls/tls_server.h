/*
 * tls_server - certificates, ticket keys and rules of the TLS listeners, shared by all workers.
 *
 * Holds one or more certificates (ECDSA and RSA beside each other; chosen by the client's
 * algorithms, and by SNI where names differ). Reloading swaps them for new connections and leaves
 * links alone. Session tickets are sealed with keys made here, shared by all workers and rotated.
 * Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/metric.h"
#include "base/problem.h"
#include "net/transport.h"

#include <stddef.h>
#include <stdint.h>

struct tls_server;

struct tls_certificate_files {
    const char *chain; /* PEM: the certificate, then its intermediates */
    const char *key;   /* PEM, not encrypted */
};

struct tls_server_config {
    const struct tls_certificate_files *certificates; /* borrowed for the call */
    size_t certificate_count;                         /* at least 1; the first is the default */
    /* Also TLS 1.0 and 1.1, CBC ciphers and RSA key exchange (the only one that some firmware
     * speaks, under TLS 1.2 too). Without it: TLS 1.2 and 1.3, ECDHE with AEAD ciphers only. */
    bool old_tls;
    /* After the handshake a link's records are our own (tls_record) rather than OpenSSL's, and so
     * is the key schedule (tls_schedule). The same at each reload. */
    bool record_layer;
    /* With record_layer: where the kernel can, it makes a link's records after that (tls_kernel).
     */
    bool kernel;
    uint64_t ticket_rotate_ms; /* a ticket key seals this long and opens twice as long */
};

MUST_USE enum err tls_server_open(const struct tls_server_config *config, struct problem *problem,
                                  struct tls_server **out);
void tls_server_close(
    struct tls_server *server); /* accepts NULL; links in use keep what they need */

/* Reads the files again; ticket keys stay. On failure the old certificates stay in use. Blocks
 * for the files: not for a worker. */
MUST_USE enum err tls_server_reload(struct tls_server *server,
                                    const struct tls_server_config *config,
                                    struct problem *problem);

/* Unix time (seconds) at which the first of the loaded certificates expires. */
int64_t tls_server_expiry(struct tls_server *server);

/* Makes the next ticket key when it is due; call about once a minute. now_ms: loop_now_ms(). */
void tls_server_rotate(struct tls_server *server, uint64_t now_ms);

/* A transport for one accepted connection; counts into `metrics` (borrowed, may be NULL), which
 * must outlive it. ALPN: http/1.1 is chosen when offered. */
struct transport *tls_server_transport(struct tls_server *server, struct metric_set *metrics);
/* The same, for a listener's connections; belongs to server. */
const struct transport_maker *tls_server_maker(const struct tls_server *server);
