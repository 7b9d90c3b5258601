#include "tls/tls_derive.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 64 };

static const struct {
    const char *name;
    size_t len;
} hashes[TLS_HASHES] = {
    [TLS_HASH_SHA256] = {"SHA256", 32},
    [TLS_HASH_SHA384] = {"SHA384", 48},
};

struct tls_derive {
    EVP_MAC_CTX *hmac[TLS_HASHES];
};

/* OpenSSL refuses none of our calls but for want of memory, for which we abort everywhere. */
static void must(int result)
{
    assert(result > 0);
}

size_t tls_derive_len(enum tls_hash hash)
{
    return hashes[hash].len;
}

static EVP_MAC_CTX *hmac_new(enum tls_hash hash)
{
    static const uint8_t none[TLS_DERIVE_MAX] = {0};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *hmac = EVP_MAC_CTX_new(mac);
    OSSL_PARAM params[] = {
        /* Only read. */
        OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)hashes[hash].name,
                               strlen(hashes[hash].name)),
        OSSL_PARAM_END,
    };

    assert(hmac != NULL);
    must(EVP_MAC_init(hmac, none, hashes[hash].len, params));
    EVP_MAC_free(mac); /* the context holds it */
    return hmac;
}

struct tls_derive *tls_derive_new(void)
{
    struct tls_derive *derive = alloc_zero(sizeof *derive);

    derive->hmac[TLS_HASH_SHA256] = hmac_new(TLS_HASH_SHA256);
    derive->hmac[TLS_HASH_SHA384] = hmac_new(TLS_HASH_SHA384);
    return derive;
}

void tls_derive_free(struct tls_derive *derive)
{
    if (derive == NULL)
        return;
    for (size_t i = 0; i < TLS_HASHES; i++)
        EVP_MAC_CTX_free(derive->hmac[i]);
    free(derive);
}

void tls_derive_begin(struct tls_derive *derive, enum tls_hash hash, struct str secret)
{
    must(EVP_MAC_init(derive->hmac[hash], (const uint8_t *)secret.ptr, secret.len, NULL));
}

void tls_derive_forget(struct tls_derive *derive, enum tls_hash hash)
{
    static const char none[TLS_DERIVE_MAX] = {0};

    tls_derive_begin(derive, hash, (struct str){none, hashes[hash].len});
}

/* The HMAC of both, one behind the other, under the secret at hand. */
static void compute(EVP_MAC_CTX *hmac, struct str first, struct str second,
                    uint8_t out[TLS_DERIVE_MAX])
{
    must(EVP_MAC_init(hmac, NULL, 0, NULL));
    must(EVP_MAC_update(hmac, (const uint8_t *)first.ptr, first.len));
    if (second.len > 0)
        must(EVP_MAC_update(hmac, (const uint8_t *)second.ptr, second.len));
    must(EVP_MAC_final(hmac, out, NULL, TLS_DERIVE_MAX));
}

/* As no result is longer than the hash, HKDF-Expand is one HMAC (RFC 5869 section 2.3). */
void tls_derive_expand(struct tls_derive *derive, enum tls_hash hash, struct str label,
                       uint8_t *out, size_t len)
{
    static const char prefix[] = "tls13 ";
    char info[LABEL_MAX] = {0, (char)len, (char)(sizeof prefix - 1 + label.len)};
    uint8_t block[TLS_DERIVE_MAX];
    size_t at = 3;

    assert(len <= hashes[hash].len && label.len <= LABEL_MAX / 2);
    memcpy(info + at, prefix, sizeof prefix - 1);
    at += sizeof prefix - 1;
    memcpy(info + at, label.ptr, label.len);
    at += label.len;
    info[at++] = 0; /* no context */
    info[at++] = 1; /* the first and only block */
    compute(derive->hmac[hash], (struct str){info, at}, STR_EMPTY, block);
    memcpy(out, block, len);
    crypto_wipe(block, sizeof block);
}

void tls_derive_prf(struct tls_derive *derive, enum tls_hash hash, struct str seed, uint8_t *out,
                    size_t len)
{
    EVP_MAC_CTX *hmac = derive->hmac[hash];
    uint8_t chain[TLS_DERIVE_MAX]; /* A(i) */
    uint8_t block[TLS_DERIVE_MAX];
    struct str link = {(const char *)chain, hashes[hash].len};

    compute(hmac, seed, STR_EMPTY, chain);
    while (len > 0) {
        size_t step = len < link.len ? len : link.len;

        compute(hmac, link, seed, block);
        memcpy(out, block, step);
        out += step;
        len -= step;
        compute(hmac, link, STR_EMPTY, chain);
    }
    crypto_wipe(chain, sizeof chain);
    crypto_wipe(block, sizeof block);
}
