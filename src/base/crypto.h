/*
 * crypto - the one place that draws randomness, hashes, compares secrets and encodes their text.
 *
 * Over libcrypto and libsodium. Any thread; crypto_init() once before any other call.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CRYPTO_MD5_BYTES = 16,
    CRYPTO_SHA1_BYTES = 20,
    CRYPTO_SHA256_BYTES = 32,
    CRYPTO_PASSWORD_CAP = 128, /* room for an argon2id string with its NUL */
    CRYPTO_UUID_CAP = 37,
};

MUST_USE enum err crypto_init(void);

void crypto_random(void *out, size_t len);
uint64_t crypto_random_u64(void);
void crypto_wipe(void *secret, size_t len);

/* Constant time in the content; the lengths are not secret. */
bool crypto_equal(struct str a, struct str b);

/* For what labels bear; it protects nothing. */
void crypto_md5(struct str bytes, uint8_t out[CRYPTO_MD5_BYTES]);
void crypto_sha1(struct str bytes, uint8_t out[CRYPTO_SHA1_BYTES]);
void crypto_sha256(struct str bytes, uint8_t out[CRYPTO_SHA256_BYTES]);

/* HMAC-SHA-256 (RFC 2104) of two texts, one behind the other; a key of any length. */
void crypto_hmac_sha256(struct str key, struct str first, struct str second,
                        uint8_t out[CRYPTO_SHA256_BYTES]);

/* Standard base64 with padding, NUL-terminated; cap >= (len + 2) / 3 * 4 + 1. */
void crypto_base64(const void *bytes, size_t len, char *out, size_t cap);
/* Lower-case hex, NUL-terminated; out has 2 * len + 1 bytes. */
void crypto_hex(const void *bytes, size_t len, char *out);
/* `len` random bytes as lower-case hex; out has 2 * len + 1 bytes; len <= 64. */
void crypto_random_hex(size_t len, char *out);
/* A random (version 4) UUID in lower case, RFC 9562 section 5.4. */
void crypto_uuid(char out[CRYPTO_UUID_CAP]);

/* argon2id with libsodium's interactive limits: tens of milliseconds and 64 MiB; never on a worker.
 */
MUST_USE enum err crypto_password_hash(struct str password, char out[CRYPTO_PASSWORD_CAP]);
bool crypto_password_verify(struct str password, const char *hash);

/* SipHash-2-4 of bytes under a 16-byte key: for tables whose keys come from peers. */
uint64_t crypto_siphash(struct str bytes, const uint8_t key[16]);
