#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    char text[2 * CRYPTO_SHA256_BYTES + 1];

    crypto_hex(bytes, len, text);
    assert_string_equal(text, hex);
}

/* FIPS 180-4: the examples "abc" and the empty message, and one of more than a block. */
static void hashes_agree_with_the_published_examples(void **unused)
{
    const struct str long_text = STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    uint8_t sha256[CRYPTO_SHA256_BYTES];
    uint8_t sha1[CRYPTO_SHA1_BYTES];

    (void)unused;
    crypto_sha256(STR("abc"), sha256);
    assert_hex(sha256, sizeof sha256,
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256(STR_EMPTY, sha256);
    assert_hex(sha256, sizeof sha256,
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_sha256(long_text, sha256);
    assert_hex(sha256, sizeof sha256,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    crypto_sha1(STR("abc"), sha1);
    assert_hex(sha1, sizeof sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
    crypto_sha1(long_text, sha1);
    assert_hex(sha1, sizeof sha1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

/* RFC 4231, cases 2 and 6: a short key, and one longer than a block. */
static void hmac_agrees_with_the_published_examples(void **unused)
{
    char key[131];
    uint8_t hmac[CRYPTO_SHA256_BYTES];

    (void)unused;
    crypto_hmac_sha256(STR("Jefe"), STR("what do ya want "), STR("for nothing?"), hmac);
    assert_hex(hmac, sizeof hmac,
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    crypto_hmac_sha256((struct str){key, sizeof key},
                       STR("Test Using Larger Than Block-Size Key - Hash Key First"), STR_EMPTY,
                       hmac);
    assert_hex(hmac, sizeof hmac,
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* The reference implementation's vectors: key 00..0f, message 00..n-1. */
static void siphash_agrees_with_its_reference(void **unused)
{
    static const char message[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const uint8_t other[16] = {1};

    (void)unused;
    assert_true(crypto_siphash(STR_EMPTY, key) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(crypto_siphash((struct str){message, 15}, key) == UINT64_C(0xa129ca6149be45e5));
    assert_true(crypto_siphash((struct str){message, 15}, other) != UINT64_C(0xa129ca6149be45e5));
}

static void equal_means_every_byte_and_the_length(void **unused)
{
    (void)unused;
    assert_true(crypto_equal(STR("secret"), STR("secret")));
    assert_true(crypto_equal(STR_EMPTY, STR("")));
    assert_false(crypto_equal(STR("secret"), STR("secreT")));
    assert_false(crypto_equal(STR("secret"), STR("Secret")));
    assert_false(crypto_equal(STR("secret"), STR("secret ")));
    assert_false(crypto_equal(STR("secret"), STR_EMPTY));
}

/* RFC 4648 section 10. */
static void base64_is_standard_and_padded(void **unused)
{
    static const char *const pairs[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xfe\xfb", "//77"}};
    char text[16];

    (void)unused;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const size_t len = strlen(pairs[i][0]);

        crypto_base64(pairs[i][0], len, text, (len + 2) / 3 * 4 + 1);
        assert_string_equal(text, pairs[i][1]);
    }
}

static void hex_is_lower_case(void **unused)
{
    char text[9];

    (void)unused;
    crypto_hex("\x00\x0f\xab\xff", 4, text);
    assert_string_equal(text, "000fabff");
    crypto_hex("", 0, text);
    assert_string_equal(text, "");
}

static void random_texts_have_their_form_and_differ(void **unused)
{
    char one[129];
    char two[129];

    (void)unused;
    crypto_random_hex(64, one);
    crypto_random_hex(64, two);
    assert_int_equal(strlen(one), 128);
    assert_int_equal(strspn(one, "0123456789abcdef"), 128);
    assert_string_not_equal(one, two);
    crypto_random_hex(0, one);
    assert_string_equal(one, "");
    assert_true(crypto_random_u64() != crypto_random_u64());
}

static void a_uuid_is_of_version_4(void **unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++) {
        char uuid[CRYPTO_UUID_CAP];

        crypto_uuid(uuid);
        assert_int_equal(strlen(uuid), 36);
        assert_int_equal(strspn(uuid, "0123456789abcdef-"), 36);
        assert_true(uuid[8] == '-' && uuid[13] == '-' && uuid[18] == '-' && uuid[23] == '-');
        assert_int_equal(uuid[14], '4');
        assert_non_null(strchr("89ab", uuid[19]));
    }
}

static void a_password_verifies_against_its_own_hash_only(void **unused)
{
    char hash[CRYPTO_PASSWORD_CAP];
    char again[CRYPTO_PASSWORD_CAP];

    (void)unused;
    assert_int_equal(crypto_password_hash(STR("correct horse"), hash), ERR_NONE);
    assert_int_equal(crypto_password_hash(STR("correct horse"), again), ERR_NONE);
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_string_not_equal(hash, again);
    assert_true(crypto_password_verify(STR("correct horse"), hash));
    assert_false(crypto_password_verify(STR("correct hors"), hash));
    assert_false(crypto_password_verify(STR_EMPTY, hash));
    assert_false(crypto_password_verify(STR("correct horse"), ""));
    assert_false(crypto_password_verify(STR("correct horse"), "$argon2id$nonsense"));
}

static void a_wiped_secret_is_zeros(void **unused)
{
    char secret[8] = "secret!";
    const char zeros[8] = {0};

    (void)unused;
    crypto_wipe(secret, sizeof secret);
    assert_memory_equal(secret, zeros, sizeof zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_agree_with_the_published_examples),
        cmocka_unit_test(hmac_agrees_with_the_published_examples),
        cmocka_unit_test(siphash_agrees_with_its_reference),
        cmocka_unit_test(equal_means_every_byte_and_the_length),
        cmocka_unit_test(base64_is_standard_and_padded),
        cmocka_unit_test(hex_is_lower_case),
        cmocka_unit_test(random_texts_have_their_form_and_differ),
        cmocka_unit_test(a_uuid_is_of_version_4),
        cmocka_unit_test(a_password_verifies_against_its_own_hash_only),
        cmocka_unit_test(a_wiped_secret_is_zeros),
    };

    if (crypto_init())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
