#include "tls/tls_hkdf.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_MAX = 128,
    LABEL_MAX = 255,
    INFO_MAX = 2 + 1 + LABEL_MAX + 1 + LABEL_MAX + 1,
};

/* A digest's functions, called at its provider. */
struct digest {
    OSSL_FUNC_digest_newctx_fn *new_context;
    OSSL_FUNC_digest_freectx_fn *free_context;
    OSSL_FUNC_digest_init_fn *init;
    OSSL_FUNC_digest_update_fn *update;
    OSSL_FUNC_digest_final_fn *final;
};

struct tls_hkdf {
    void *provider; /* its own context */
    struct digest digests[TLS_HASHES];
};

static const struct {
    struct str name;
    size_t block;
} hashes[TLS_HASHES] = {
    [TLS_HASH_SHA256] = {{"SHA2-256", 8}, 64},
    [TLS_HASH_SHA384] = {{"SHA2-384", 8}, 128},
};

/* OpenSSL refuses none of our calls but for want of memory, for which we abort everywhere. */
static void must(int result)
{
    assert(result > 0);
}

static void take_function(const OSSL_DISPATCH *entry, struct digest *out)
{
    switch (entry->function_id) {
    case OSSL_FUNC_DIGEST_NEWCTX:
        out->new_context = OSSL_FUNC_digest_newctx(entry);
        break;
    case OSSL_FUNC_DIGEST_FREECTX:
        out->free_context = OSSL_FUNC_digest_freectx(entry);
        break;
    case OSSL_FUNC_DIGEST_INIT:
        out->init = OSSL_FUNC_digest_init(entry);
        break;
    case OSSL_FUNC_DIGEST_UPDATE:
        out->update = OSSL_FUNC_digest_update(entry);
        break;
    case OSSL_FUNC_DIGEST_FINAL:
        out->final = OSSL_FUNC_digest_final(entry);
        break;
    default:
        break;
    }
}

static bool is_whole(const struct digest *digest)
{
    return digest->new_context != NULL && digest->free_context != NULL && digest->init != NULL &&
           digest->update != NULL && digest->final != NULL;
}

/* The name that we ask for is the first of its names, with colons between (provider-base(7)). */
static bool is_named(const OSSL_ALGORITHM *algorithm, struct str name)
{
    struct str names = str_of(algorithm->algorithm_names);
    struct str first;

    return str_split(&names, ':', &first) && str_eq_nocase(first, name);
}

static void find_digest(const OSSL_ALGORITHM *all, struct str name, struct digest *out)
{
    const OSSL_ALGORITHM *at = all;

    while (at != NULL && at->algorithm_names != NULL && !is_named(at, name))
        at++;
    if (at == NULL || at->algorithm_names == NULL)
        return;
    for (const OSSL_DISPATCH *entry = at->implementation; entry->function_id != 0; entry++)
        take_function(entry, out);
}

struct tls_hkdf *tls_hkdf_new(const OSSL_PROVIDER *provider)
{
    struct tls_hkdf *hkdf = alloc_zero(sizeof *hkdf);
    int no_cache;
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(provider, OSSL_OP_DIGEST, &no_cache);

    hkdf->provider = OSSL_PROVIDER_get0_provider_ctx(provider);
    for (size_t i = 0; i < TLS_HASHES; i++)
        find_digest(all, hashes[i].name, &hkdf->digests[i]);
    OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_DIGEST, all);
    for (size_t i = 0; i < TLS_HASHES; i++) {
        if (!is_whole(&hkdf->digests[i])) {
            free(hkdf);
            return NULL;
        }
    }
    return hkdf;
}

void tls_hkdf_free(struct tls_hkdf *hkdf)
{
    free(hkdf);
}

static void *context_new(const struct tls_hkdf *hkdf, enum tls_hash hash)
{
    void *context = hkdf->digests[hash].new_context(hkdf->provider);

    assert(context != NULL);
    return context;
}

/* The hash of two texts, one behind the other. */
static void digest_two(const struct digest *digest, void *context, struct str a, struct str b,
                       uint8_t *out)
{
    size_t len;

    must(digest->init(context, NULL));
    must(digest->update(context, (const uint8_t *)a.ptr, a.len));
    must(digest->update(context, (const uint8_t *)b.ptr, b.len));
    must(digest->final(context, out, &len, TLS_DERIVE_MAX));
}

void tls_hkdf_digest(const struct tls_hkdf *hkdf, enum tls_hash hash, struct str text, uint8_t *out)
{
    void *context = context_new(hkdf, hash);
    uint8_t result[TLS_DERIVE_MAX];

    digest_two(&hkdf->digests[hash], context, text, STR(""), result);
    memcpy(out, result, tls_derive_len(hash));
    hkdf->digests[hash].free_context(context);
}

/* RFC 2104. `out` has room for TLS_DERIVE_MAX bytes. */
static void hmac(const struct tls_hkdf *hkdf, enum tls_hash hash, struct str key, struct str text,
                 uint8_t *out)
{
    const struct digest *digest = &hkdf->digests[hash];
    size_t block = hashes[hash].block;
    void *context = context_new(hkdf, hash);
    char inner[BLOCK_MAX];
    char outer[BLOCK_MAX];

    assert(key.len <= block);
    memset(inner, 0x36, block);
    memset(outer, 0x5c, block);
    for (size_t i = 0; i < key.len; i++) {
        inner[i] = (char)(inner[i] ^ key.ptr[i]);
        outer[i] = (char)(outer[i] ^ key.ptr[i]);
    }
    digest_two(digest, context, (struct str){inner, block}, text, out);
    digest_two(digest, context, (struct str){outer, block},
               (struct str){(const char *)out, tls_derive_len(hash)}, out);
    digest->free_context(context);
    crypto_wipe(inner, sizeof inner);
    crypto_wipe(outer, sizeof outer);
}

void tls_hkdf_extract(const struct tls_hkdf *hkdf, enum tls_hash hash, struct str salt,
                      struct str input, uint8_t *out)
{
    uint8_t result[TLS_DERIVE_MAX];

    hmac(hkdf, hash, salt, input, result);
    memcpy(out, result, tls_derive_len(hash));
    crypto_wipe(result, sizeof result);
}

static char *put(char *at, struct str bytes)
{
    if (bytes.len > 0)
        memcpy(at, bytes.ptr, bytes.len);
    return at + bytes.len;
}

/* As no result is longer than the hash, HKDF-Expand is one HMAC (RFC 5869 section 2.3). */
void tls_hkdf_expand(const struct tls_hkdf *hkdf, enum tls_hash hash, struct str secret,
                     const struct tls_hkdf_purpose *purpose, uint8_t *out)
{
    size_t label_len = purpose->prefix.len + purpose->label.len;
    char info[INFO_MAX];
    char *at = info;
    uint8_t result[TLS_DERIVE_MAX];

    assert(purpose->len <= tls_derive_len(hash));
    assert(label_len <= LABEL_MAX && purpose->context.len <= LABEL_MAX);
    *at++ = 0;
    *at++ = (char)purpose->len;
    *at++ = (char)label_len;
    at = put(at, purpose->prefix);
    at = put(at, purpose->label);
    *at++ = (char)purpose->context.len;
    at = put(at, purpose->context);
    *at++ = 1; /* the first and only block */
    hmac(hkdf, hash, secret, (struct str){info, (size_t)(at - info)}, result);
    memcpy(out, result, purpose->len);
    crypto_wipe(result, sizeof result);
}
