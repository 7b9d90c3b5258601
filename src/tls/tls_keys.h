/*
 * tls_keys - what seals or opens one direction of a TLS link: keys, and which record is next.
 *
 * A value in its owner's memory, small on purpose: an idle link is mostly two of these. Whoever
 * has one wipes it (tls_keys_wipe). The owner's thread only.
 */
#pragma once

#include "tls/tls_crypt.h"

struct tls_keys {
    uint64_t seq; /* of the next record */
    uint8_t key[TLS_CRYPT_KEY_MAX];
    uint8_t iv[TLS_CRYPT_NONCE];    /* TLS 1.2 with GCM: its first four bytes are the salt */
    uint8_t secret[TLS_DERIVE_MAX]; /* TLS 1.3: the traffic secret; TLS 1.2: nothing */
    uint8_t cipher;                 /* enum tls_cipher */
    uint8_t hash;                   /* enum tls_hash */
};

/* TLS 1.3: key and iv from `secret`; seq is left alone (RFC 8446 section 7.3). */
void tls_keys_derive(struct tls_keys *keys, struct tls_derive *derive);
/* TLS 1.3, KeyUpdate: the next secret, its key and iv, seq 0 (RFC 8446 section 7.2). */
void tls_keys_advance(struct tls_keys *keys, struct tls_derive *derive);

/* TLS 1.2: the client's and the server's key and iv; cipher and hash are set in both.
 * `seed` is "key expansion", the server's random and the client's (RFC 5246 section 6.3). */
struct tls_keys_origin {
    struct str master;
    struct str seed;
};
void tls_keys_expand(const struct tls_keys_origin *origin, struct tls_derive *derive,
                     struct tls_keys *client, struct tls_keys *server);

/* The iv and the sequence number exclusive-ored: all nonces but those of GCM in TLS 1.2. */
void tls_keys_nonce(const struct tls_keys *keys, uint8_t out[TLS_CRYPT_NONCE]);

void tls_keys_wipe(struct tls_keys *keys);

void tls_keys_put_u64(uint64_t number, uint8_t out[8]); /* big-endian */
uint64_t tls_keys_get_u64(const uint8_t bytes[8]);
