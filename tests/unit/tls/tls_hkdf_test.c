#include "tls/tls_hkdf.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/provider.h>
#include <string.h>

struct bench {
    OSSL_PROVIDER *provider;
    struct tls_hkdf *hkdf;
};

static int open_bench(void **state)
{
    static struct bench bench;

    bench.provider = OSSL_PROVIDER_load(NULL, "default");
    bench.hkdf = tls_hkdf_new(bench.provider);
    *state = &bench;
    return bench.hkdf == NULL;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;

    tls_hkdf_free(bench->hkdf);
    tls_hkdf_free(NULL);
    return OSSL_PROVIDER_unload(bench->provider) == 1 ? 0 : 1;
}

static struct str bytes_of(const uint8_t *bytes, size_t len)
{
    return (struct str){(const char *)bytes, len};
}

static void expect(const uint8_t *got, const char *hex)
{
    uint8_t wanted[TLS_DERIVE_MAX];
    size_t len = strlen(hex) / 2;

    assert_true(hex_parse(str_of(hex), wanted, len));
    assert_memory_equal(got, wanted, len);
}

/* FIPS 180-2, appendices B and D. */
static void digests_are_those_of_the_standard(void **state)
{
    const struct bench *bench = *state;
    uint8_t out[TLS_DERIVE_MAX];

    tls_hkdf_digest(bench->hkdf, TLS_HASH_SHA256, STR("abc"), out);
    expect(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    tls_hkdf_digest(bench->hkdf, TLS_HASH_SHA384, STR("abc"), out);
    expect(out,
           "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
           "8086072ba1e7cc2358baeca134c825a7");
}

/* RFC 5869, appendix A.1 and A.3: the pseudorandom keys. */
static void extraction_is_that_of_rfc_5869(void **state)
{
    const struct bench *bench = *state;
    uint8_t input[22];
    uint8_t salt[13];
    uint8_t out[TLS_DERIVE_MAX];

    memset(input, 0x0b, sizeof input);
    for (uint8_t i = 0; i < sizeof salt; i++)
        salt[i] = i;
    tls_hkdf_extract(bench->hkdf, TLS_HASH_SHA256, bytes_of(salt, sizeof salt),
                     bytes_of(input, sizeof input), out);
    expect(out, "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    tls_hkdf_extract(bench->hkdf, TLS_HASH_SHA256, STR_EMPTY, bytes_of(input, sizeof input), out);
    expect(out, "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
}

/* RFC 8448, section 3: the early secret, and what is derived from it for the handshake. */
static void secrets_are_those_of_rfc_8448(void **state)
{
    static const uint8_t zeros[32] = {0};
    const struct bench *bench = *state;
    uint8_t early[TLS_DERIVE_MAX];
    uint8_t nothing[TLS_DERIVE_MAX];
    uint8_t out[TLS_DERIVE_MAX];
    struct tls_hkdf_purpose purpose = {.prefix = STR("tls13 "), .label = STR("derived"), .len = 32};

    tls_hkdf_extract(bench->hkdf, TLS_HASH_SHA256, STR_EMPTY, bytes_of(zeros, 32), early);
    expect(early, "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
    tls_hkdf_digest(bench->hkdf, TLS_HASH_SHA256, STR(""), nothing);
    purpose.context = bytes_of(nothing, 32);
    tls_hkdf_expand(bench->hkdf, TLS_HASH_SHA256, bytes_of(early, 32), &purpose, out);
    expect(out, "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
}

static void a_provider_without_digests_is_of_no_use(void **state)
{
    OSSL_PROVIDER *null = OSSL_PROVIDER_load(NULL, "null");

    (void)state;
    assert_non_null(null);
    assert_null(tls_hkdf_new(null));
    OSSL_PROVIDER_unload(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standard),
        cmocka_unit_test(extraction_is_that_of_rfc_5869),
        cmocka_unit_test(secrets_are_those_of_rfc_8448),
        cmocka_unit_test(a_provider_without_digests_is_of_no_use),
    };

    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
