/*
 * tls_crypt - one thread's ciphers for TLS records, and its derivation of their keys.
 *
 * OpenSSL's cipher contexts are large, so a thread has one of each for all its links and keys it
 * anew when another link's record comes, which at a tenth of a microsecond is cheaper than to
 * fetch many links' contexts from memory. Knows nothing of records. One thread at a time; no two
 * threads share one.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "net/transport.h"
#include "tls/tls_derive.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_cipher {
    TLS_CIPHER_AES_128,
    TLS_CIPHER_AES_256,
    TLS_CIPHER_CHACHA,
};

enum {
    TLS_CIPHERS = 3,
    TLS_CRYPT_KEY_MAX = 32,
    TLS_CRYPT_NONCE = 12,
    TLS_CRYPT_TAG = 16,
};

struct tls_crypt;

/* The thread's; made when first asked for, and freed with what the thread has. */
struct tls_crypt *tls_crypt_of(struct transport_thread *thread);

/* OpenSSL has the cipher, in the form that we call it in; else neither seal nor open. */
bool tls_crypt_has(const struct tls_crypt *crypt, enum tls_cipher cipher);

/* Belongs to crypt. */
struct tls_derive *tls_crypt_derive(struct tls_crypt *crypt);

size_t tls_crypt_key_len(enum tls_cipher cipher);

/* What a record is sealed with; all borrowed for the call. */
struct tls_crypt_box {
    enum tls_cipher cipher;
    const uint8_t *key;   /* tls_crypt_key_len() bytes */
    const uint8_t *nonce; /* TLS_CRYPT_NONCE bytes, never used twice with a key */
    struct str head;      /* authenticated with the text, not hidden */
};

/* Seals text[0..len) in place and puts the tag behind it. */
void tls_crypt_seal(struct tls_crypt *crypt, const struct tls_crypt_box *box, char *text,
                    size_t len);
/* Opens `sealed`, tag included, to `out`, which has room for all but the tag and does not overlap.
 * False: it is forged, and what stands in `out` means nothing. */
MUST_USE bool tls_crypt_open(struct tls_crypt *crypt, const struct tls_crypt_box *box,
                             struct str sealed, char *out);

/* No copy of that key stays behind. */
void tls_crypt_forget(struct tls_crypt *crypt, enum tls_cipher cipher, const uint8_t *key);
