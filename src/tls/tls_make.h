/*
 * tls_make - makes a private CA and server certificates, so that a server can start without any.
 *
 * Writes ca.pem and ca.key (ECDSA P-256), server-ecdsa.pem/.key, server-rsa.pem/.key into one
 * directory; keys with mode 0600. The names and IPs all stand in subjectAltName, so a client that
 * connects by IP can verify. The server files hold no more than their own certificate: clients have
 * the CA as their root, and a handshake is smaller without it. Blocks (RSA key generation); not for
 * a worker.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"

#include <stddef.h>

struct tls_make_config {
    const char *directory;   /* must exist */
    const struct str *names; /* host names and IP addresses for subjectAltName */
    size_t name_count;       /* at least 1; the first becomes the common name */
    unsigned days;           /* validity of the server certificates; the CA gets ten years */
};

/* An existing ca.pem/ca.key is used again, so that clients keep trusting; server files are
 * replaced. ERR_INVALID for a bad name, ERR_IO when a file can't be written. */
MUST_USE enum err tls_make(const struct tls_make_config *config, struct problem *problem);
