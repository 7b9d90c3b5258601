/* Derivation against OpenSSL's own, which is slow to set up but another hand's work. */
#include "tls/tls_derive.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { OUT_MAX = 200 };

static const char *const hash_names[TLS_HASHES] = {"SHA256", "SHA384"};

static int set_up(void **state)
{
    *state = tls_derive_new();
    return 0;
}

static int tear_down(void **state)
{
    tls_derive_free(*state);
    return 0;
}

static OSSL_PARAM octets(const char *name, struct str bytes)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes.ptr, bytes.len);
}

static OSSL_PARAM digest(enum tls_hash hash)
{
    return OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                            (char *)(uintptr_t)hash_names[hash], 0);
}

static void ask_openssl(const char *kdf_name, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);

    assert_int_equal(EVP_KDF_derive(ctx, out, len, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static void expand_like_openssl(struct tls_derive *derive, enum tls_hash hash, struct str secret,
                                struct str label)
{
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        digest(hash),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_PREFIX, STR("tls13 ")),
        octets(OSSL_KDF_PARAM_LABEL, label),
        OSSL_PARAM_construct_end(),
    };

    for (size_t len = 1; len <= tls_derive_len(hash); len++) {
        uint8_t ours[TLS_DERIVE_MAX + 1] = {0};
        uint8_t theirs[TLS_DERIVE_MAX] = {0};

        tls_derive_expand(derive, hash, label, ours, len);
        ask_openssl(OSSL_KDF_NAME_TLS1_3_KDF, params, theirs, len);
        assert_memory_equal(ours, theirs, len);
        assert_int_equal(ours[len], 0);
    }
}

static void labels_expand_as_openssl_expands_them(void **state)
{
    static const struct str labels[] = {{"key", 3}, {"iv", 2}, {"traffic upd", 11}};
    char secret[TLS_DERIVE_MAX];

    for (enum tls_hash hash = TLS_HASH_SHA256; hash <= TLS_HASH_SHA384; hash++) {
        for (size_t i = 0; i < 3; i++) {
            struct str bytes = {secret, tls_derive_len(hash)};

            memset(secret, 0x35 + (int)i, sizeof secret);
            tls_derive_begin(*state, hash, bytes);
            expand_like_openssl(*state, hash, bytes, labels[i]);
            tls_derive_forget(*state, hash);
        }
    }
}

static void the_prf_of_tls_12_is_openssls(void **state)
{
    char secret[TLS_DERIVE_MAX];
    char seed[13 + 64];

    memset(secret, 0x44, sizeof secret);
    memset(seed, 0x55, sizeof seed);
    memcpy(seed, "key expansion", 13);
    for (enum tls_hash hash = TLS_HASH_SHA256; hash <= TLS_HASH_SHA384; hash++) {
        const OSSL_PARAM params[] = {
            digest(hash),
            octets(OSSL_KDF_PARAM_SECRET, (struct str){secret, sizeof secret}),
            octets(OSSL_KDF_PARAM_SEED, (struct str){seed, sizeof seed}),
            OSSL_PARAM_construct_end(),
        };

        tls_derive_begin(*state, hash, (struct str){secret, sizeof secret});
        for (size_t len = 1; len <= OUT_MAX; len++) {
            uint8_t ours[OUT_MAX + 1] = {0};
            uint8_t theirs[OUT_MAX] = {0};

            tls_derive_prf(*state, hash, (struct str){seed, sizeof seed}, ours, len);
            ask_openssl(OSSL_KDF_NAME_TLS1_PRF, params, theirs, len);
            assert_memory_equal(ours, theirs, len);
            assert_int_equal(ours[len], 0);
        }
        tls_derive_forget(*state, hash);
    }
}

static void a_secret_lasts_until_it_is_forgotten(void **state)
{
    const struct str secret = STR("0123456789abcdef0123456789abcdef");
    uint8_t first[32];
    uint8_t again[32];
    uint8_t none[32];

    tls_derive_begin(*state, TLS_HASH_SHA256, secret);
    tls_derive_expand(*state, TLS_HASH_SHA256, STR("key"), first, sizeof first);
    tls_derive_begin(*state, TLS_HASH_SHA384, STR("the other hash's"));
    tls_derive_expand(*state, TLS_HASH_SHA256, STR("key"), again, sizeof again);
    assert_memory_equal(first, again, sizeof first);
    tls_derive_forget(*state, TLS_HASH_SHA256);
    tls_derive_expand(*state, TLS_HASH_SHA256, STR("key"), none, sizeof none);
    assert_memory_not_equal(first, none, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_expand_as_openssl_expands_them),
        cmocka_unit_test(the_prf_of_tls_12_is_openssls),
        cmocka_unit_test(a_secret_lasts_until_it_is_forgotten),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
