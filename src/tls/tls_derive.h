/*
 * tls_derive - one thread's derivation of keys from TLS secrets: HMAC and what is made of it.
 *
 * Set up once, for to look an HMAC and its hash up by name costs more than to compute one. A
 * secret is given first, then all that comes from it is taken. Knows nothing of records. One
 * thread at a time; no two threads share one.
 */
#pragma once

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum tls_hash {
    TLS_HASH_SHA256,
    TLS_HASH_SHA384,
};

enum { TLS_HASHES = 2, TLS_DERIVE_MAX = 48 };

struct tls_derive;

struct tls_derive *tls_derive_new(void);
void tls_derive_free(struct tls_derive *derive); /* accepts NULL */

size_t tls_derive_len(enum tls_hash hash); /* of the hash; at most TLS_DERIVE_MAX */

/* What follows with that hash comes from this secret, until the next or tls_derive_forget(). */
void tls_derive_begin(struct tls_derive *derive, enum tls_hash hash, struct str secret);
/* HKDF-Expand-Label of TLS 1.3 without context (RFC 8446 section 7.1); `len` at most the hash's. */
void tls_derive_expand(struct tls_derive *derive, enum tls_hash hash, struct str label,
                       uint8_t *out, size_t len);
/* The PRF of TLS 1.2 (RFC 5246 section 5); `seed` begins with the label. */
void tls_derive_prf(struct tls_derive *derive, enum tls_hash hash, struct str seed, uint8_t *out,
                    size_t len);
/* No trace of the secret stays behind. */
void tls_derive_forget(struct tls_derive *derive, enum tls_hash hash);
