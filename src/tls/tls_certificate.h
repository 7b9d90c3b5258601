/*
 * tls_certificate - one certificate with its intermediates, its key and the names it covers.
 *
 * Loaded from PEM files; what is wrong with them is told in words an operator can act on. A value
 * owned by whoever loaded it; read-only once loaded. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"
#include "tls/tls_server.h"

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_certificate {
    X509 *leaf;
    STACK_OF(X509) * chain; /* intermediates, may be empty */
    EVP_PKEY *key;
    char **names; /* subjectAltName: host names, wildcards, IP addresses as text */
    size_t name_count;
    int64_t expires_s; /* Unix time; the earliest of leaf and intermediates */
};

#define TLS_CERTIFICATE_EMPTY ((struct tls_certificate){0})

/* ERR_IO for a file that can't be read, ERR_INVALID for what can't be used. */
MUST_USE enum err tls_certificate_load(const struct tls_certificate_files *files,
                                       struct problem *problem, struct tls_certificate *out);
void tls_certificate_fini(struct tls_certificate *certificate); /* accepts an empty one */

/* RFC 6125: ASCII case aside; a wildcard stands for exactly one whole left-most label. */
bool tls_certificate_covers(const struct tls_certificate *certificate, struct str name,
                            bool with_wildcards);
/* Every name of `other`. */
bool tls_certificate_covers_all(const struct tls_certificate *certificate,
                                const struct tls_certificate *other);
