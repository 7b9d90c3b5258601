/*
 * tls_schedule - the key schedule of TLS 1.3 for OpenSSL's handshakes, and who hears its secrets.
 *
 * OpenSSL 3.0 derives each secret of a handshake through a KDF that it fetches by name. This is
 * such a KDF ("TLS13-KDF"), as a provider of our own in a library context of our own, beside
 * OpenSSL's default provider, which does everything else: a third of the work for the same bytes.
 * And as the traffic secrets pass through, tls_record hears them here; the other way to learn them,
 * the key log, has OpenSSL print five secrets in hex with a call of sprintf() for each byte.
 * Shared by all workers; any thread.
 */
#pragma once

#include "base/str.h"

#include <openssl/types.h>
#include <stdbool.h>

struct tls_schedule;

struct tls_schedule *tls_schedule_new(void);
struct tls_schedule *tls_schedule_ref(struct tls_schedule *schedule);
/* Accepts NULL. The last one out frees the library context: no SSL_CTX of it may be left, and no
 * thread that has used it, but for the caller's. */
void tls_schedule_unref(struct tls_schedule *schedule);

/* What an SSL_CTX must be made with (SSL_CTX_new_ex()). Borrowed. */
OSSL_LIB_CTX *tls_schedule_context(const struct tls_schedule *schedule);
#define TLS_SCHEDULE_PROPERTIES "?provider=switchyard"

/* Told an application traffic secret: the client's or the server's direction, borrowed for the
 * call. */
struct tls_schedule_listener {
    void (*on_secret)(void *ctx, bool is_client, struct str secret);
    void *ctx;
};

/* Who hears the secrets that are derived on this thread from now on; NULL: nobody. Borrowed. */
void tls_schedule_listen(struct tls_schedule *schedule,
                         const struct tls_schedule_listener *listener);
