/*
 * tls_client - the client's side of TLS, for the simulator, the bench and the tests.
 *
 * Verifies the server's certificate against the given roots and the name or IP it was asked for.
 * Keeps the last session of each of a few names, so that reconnects resume; who acts for many
 * clients at once keeps a session for each instead. Shared by the connections of one thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "net/transport.h"

#include <stddef.h>

struct tls_client;
struct tls_client_session; /* what one link's end leaves to its next: a ticket or a session id */

/* ca_file: PEM roots; NULL with verify = false. ERR_IO when it can't be read. */
MUST_USE enum err tls_client_open(const char *ca_file, bool verify, struct problem *problem,
                                  struct tls_client **out);
/* A client that verifies nobody, for many links: they go over to tls_record, and cost as little as
 * the server's. None leaves a session, nor can be asked for anything that stands below. */
struct tls_client *tls_client_new_own(void);
void tls_client_close(struct tls_client *client); /* accepts NULL; its transports must be gone */
/* Connections made from now on offer TLS 1.2 and nothing later. */
void tls_client_limit_to_12(struct tls_client *client);
/* ... and nothing before TLS 1.3. */
void tls_client_insist_on_13(struct tls_client *client);

/*
 * name: what the certificate must match, a host name or an IP text; copied. Asked for by SNI when
 * it is a host name. NULL for a name that can be none: empty, or longer than 255 bytes.
 */
struct transport *tls_client_transport(struct tls_client *client, const char *name, bool resume);
bool tls_client_was_resumed(const struct transport *transport);
/* What the last handshake negotiated, "TLSv1.3 TLS_AES_128_GCM_SHA256", cut to `cap`; empty when
 * there was none. */
void tls_client_describe(const struct tls_client *client, char *out, size_t cap);
/* After TRANSPORT_FAILED: what was wrong with the certificate, or NULL when that was not why. */
const char *tls_client_refusal(const struct transport *transport);

/* What the next connection to the same name may resume; the caller's to free. NULL while there is
 * nothing: in TLS 1.3 a ticket comes behind the handshake. */
struct tls_client_session *tls_client_session_new(const struct transport *transport);
void tls_client_session_free(struct tls_client_session *session); /* accepts NULL */
/* Before the transport's start, in place of what it would offer. Copies. False, and then nothing
 * is offered, when the session was made with another name: nobody vouched for this one. */
MUST_USE bool tls_client_session_offer(struct transport *transport,
                                       const struct tls_client_session *session);
