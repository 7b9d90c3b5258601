/*
 * tls_context - the certificates and rules of a TLS server as of one (re)load.
 *
 * Never changes once made, so all workers share it without a lock; counted, and each link holds
 * the one that it began with. Holds one SSL_CTX for each set of names. Any thread.
 *
 * Rules: TLS 1.2 and 1.3, forward secret and authenticated ciphers only. Old TLS adds 1.0 and 1.1,
 * CBC ciphers and RSA key exchange (the only one that Opulinks firmware speaks, also under
 * TLS 1.2), and OpenSSL's security level 0. Static RSA is old TLS on purpose: who takes the
 * server's key later reads all that was recorded.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/metric.h"
#include "base/problem.h"
#include "base/str.h"
#include "tls/tls_schedule.h"
#include "tls/tls_server.h"
#include "tls/tls_ticket.h"

#include <stdint.h>

struct tls_context;

/* What outlives a context, and is the same for the next: shared. */
struct tls_context_shared {
    struct tls_ticket *tickets;
    struct tls_schedule *schedule; /* used with a record layer only; else may be NULL */
};

/* On failure *problem names the file and says what to do. */
MUST_USE enum err tls_context_new(const struct tls_server_config *config,
                                  const struct tls_context_shared *shared, struct problem *problem,
                                  struct tls_context **out);
struct tls_context *tls_context_ref(struct tls_context *context);
void tls_context_unref(struct tls_context *context); /* accepts NULL */

int64_t tls_context_expiry(const struct tls_context *context); /* Unix time, the earliest */

/* Takes the caller's reference. */
struct transport *tls_context_transport(struct tls_context *context, struct metric_set *metrics);
