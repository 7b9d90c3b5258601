/*
 * tls_issue - makes keys and X.509 certificates in memory: a private CA and what it signs.
 *
 * CA and ECDSA keys are P-256, RSA keys 2048 bits; certificates are signed with SHA-256 and carry
 * what RFC 5280 and present clients ask for. They begin an hour in the past, for clocks that are
 * a little wrong. Blocks for RSA keys (tenths of a second); any thread.
 */
#pragma once

#include "base/str.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

enum { TLS_ISSUE_CA_DAYS = 3653 }; /* ten years */

struct tls_issue {
    X509 *certificate;
    EVP_PKEY *key;
};

#define TLS_ISSUE_EMPTY ((struct tls_issue){NULL, NULL})

struct tls_issue_request {
    const struct str *names; /* accepted by tls_issue_is_name(); at least one */
    size_t name_count;
    unsigned days;
    bool rsa; /* else ECDSA */
};

/* A host name, one below a wildcard ("*.example.org"), or an IP address. */
bool tls_issue_is_name(struct str name);

/* Release both with tls_issue_fini(). */
struct tls_issue tls_issue_ca(void);
/* Ends no later than the CA. The names stand in subjectAltName, the first is the common name. */
struct tls_issue tls_issue_server(const struct tls_issue *ca,
                                  const struct tls_issue_request *request);
void tls_issue_fini(struct tls_issue *issue); /* accepts an empty one */
