/*
 * tls_hkdf - HKDF as TLS 1.3 uses it (RFC 5869, RFC 8446 section 7.1), called at the provider.
 *
 * A handshake derives some twenty short secrets, and OpenSSL looks up names, builds contexts and
 * copies parameters for each, which costs several times the hashing. This asks a provider for the
 * functions of its digests once (provider-digest(7)). Lengths are the callers' promise: a key is at
 * most a block of the hash, a result at most one output of it. Immutable; any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "tls/tls_derive.h"

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

struct tls_hkdf;

/* NULL: the provider lacks a digest of TLS 1.3, in the form that we call it in. Borrows. */
struct tls_hkdf *tls_hkdf_new(const OSSL_PROVIDER *provider);
void tls_hkdf_free(struct tls_hkdf *hkdf); /* accepts NULL */

/* The hash of `text`, tls_derive_len() bytes. */
void tls_hkdf_digest(const struct tls_hkdf *hkdf, enum tls_hash hash, struct str text,
                     uint8_t *out);
/* HKDF-Extract: as many bytes. `salt` empty: zeros. */
void tls_hkdf_extract(const struct tls_hkdf *hkdf, enum tls_hash hash, struct str salt,
                      struct str input, uint8_t *out);

/* What a secret is derived for. */
struct tls_hkdf_purpose {
    struct str prefix; /* "tls13 "; together with the label at most 255 bytes */
    struct str label;
    struct str context; /* at most 255 bytes */
    size_t len;         /* of the secret: at most tls_derive_len() */
};
/* HKDF-Expand-Label. */
void tls_hkdf_expand(const struct tls_hkdf *hkdf, enum tls_hash hash, struct str secret,
                     const struct tls_hkdf_purpose *purpose, uint8_t *out);
