/* Asks for the low-level hashes by their names of OpenSSL 1.1; see crypto_sha256(). */
#define OPENSSL_API_COMPAT 10100

#include "base/crypto.h"

#include <assert.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

static_assert(CRYPTO_SHA256_BYTES == crypto_hash_sha256_BYTES, "a SHA-256 fits exactly");
static_assert(CRYPTO_SHA256_BYTES == crypto_auth_hmacsha256_BYTES, "and so does an HMAC over it");
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

bool crypto_equal(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    return a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0;
}

/*
 * The low-level calls, because a token is hashed for each dispatch: 65 ns for 40 bytes, measured.
 * The one-shot call looks the algorithm up every time (450 ns), an EVP context must be kept by each
 * thread (120 ns), and libsodium does not use the processor's SHA instructions (250 ns).
 */
void crypto_sha256(struct str bytes, uint8_t out[CRYPTO_SHA256_BYTES])
{
    SHA256_CTX ctx;

    SHA256_Init(&ctx);
    SHA256_Update(&ctx, bytes.ptr, bytes.len);
    SHA256_Final(out, &ctx);
}

void crypto_hmac_sha256(struct str key, struct str first, struct str second,
                        uint8_t out[CRYPTO_SHA256_BYTES])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.ptr, key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)first.ptr, first.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)second.ptr, second.len);
    crypto_auth_hmacsha256_final(&state, out);
    crypto_wipe(&state, sizeof state);
}

void crypto_md5(struct str bytes, uint8_t out[CRYPTO_MD5_BYTES])
{
    MD5_CTX ctx;

    MD5_Init(&ctx);
    MD5_Update(&ctx, bytes.ptr, bytes.len);
    MD5_Final(out, &ctx);
}

void crypto_sha1(struct str bytes, uint8_t out[CRYPTO_SHA1_BYTES])
{
    SHA_CTX ctx;

    SHA1_Init(&ctx);
    SHA1_Update(&ctx, bytes.ptr, bytes.len);
    SHA1_Final(out, &ctx);
}

void crypto_base64(const void *bytes, size_t len, char *out, size_t cap)
{
    assert(cap >= sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL));
    sodium_bin2base64(out, cap, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

void crypto_hex(const void *bytes, size_t len, char *out)
{
    sodium_bin2hex(out, 2 * len + 1, bytes, len);
}

void crypto_random_hex(size_t len, char *out)
{
    uint8_t bytes[64];

    assert(len <= sizeof bytes);
    randombytes_buf(bytes, len);
    crypto_hex(bytes, len, out);
    sodium_memzero(bytes, sizeof bytes);
}

void crypto_uuid(char out[CRYPTO_UUID_CAP])
{
    static const size_t group_ends[] = {4, 6, 8, 10, 16};
    uint8_t bytes[16];
    size_t from = 0;

    randombytes_buf(bytes, sizeof bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* the variant of RFC 9562 */
    for (size_t i = 0; i < sizeof group_ends / sizeof *group_ends; i++) {
        size_t len = group_ends[i] - from;

        if (i > 0)
            *out++ = '-';
        crypto_hex(bytes + from, len, out);
        out += 2 * len;
        from = group_ends[i];
    }
}

/* libsodium's password calls want a pointer even to nothing. */
static const char *never_null(struct str bytes)
{
    return bytes.ptr == NULL ? "" : bytes.ptr;
}

enum err crypto_password_hash(struct str password, char out[CRYPTO_PASSWORD_CAP])
{
    char hash[crypto_pwhash_STRBYTES];

    if (crypto_pwhash_str(hash, never_null(password), password.len,
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return ERR_UNAVAILABLE;
    memcpy(out, hash, sizeof hash);
    return ERR_NONE;
}

bool crypto_password_verify(struct str password, const char *hash)
{
    return crypto_pwhash_str_verify(hash, never_null(password), password.len) == 0;
}

uint64_t crypto_siphash(struct str bytes, const uint8_t key[16])
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t value;

    crypto_shorthash(hash, (const uint8_t *)bytes.ptr, bytes.len, key);
    memcpy(&value, hash, sizeof value);
    return value;
}
