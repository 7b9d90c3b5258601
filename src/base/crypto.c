#include "base/crypto.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static_assert(CRYPTO_SHA256_BYTES == crypto_hash_sha256_BYTES, "a SHA-256 fits exactly");
static_assert(CRYPTO_PASSWORD_CAP >= crypto_pwhash_STRBYTES, "an argon2id string fits");

enum err crypto_init(void)
{
    return sodium_init() < 0 ? ERR_UNAVAILABLE : ERR_NONE;
}

void crypto_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

uint64_t crypto_random_u64(void)
{
    uint64_t value;

    randombytes_buf(&value, sizeof value);
    return value;
}

void crypto_wipe(void *secret, size_t len)
{
    sodium_memzero(secret, len);
}

uint64_t crypto_siphash(struct str bytes, const uint8_t key[16])
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t value;

    crypto_shorthash(hash, (const uint8_t *)bytes.ptr, bytes.len, key);
    memcpy(&value, hash, sizeof value);
    return value;
}
