#include "admin/admin_text.h"

#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

typedef const char *(*check_fn)(struct str text);

static void check_all(check_fn check, const char *const *good, const char *const *bad)
{
    for (; *good != NULL; good++)
        if (check(str_of(*good)) != NULL)
            fail_msg("'%s' was refused: %s", *good, check(str_of(*good)));
    for (; *bad != NULL; bad++)
        if (check(str_of(*bad)) == NULL)
            fail_msg("'%s' was accepted", *bad);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define CHARS_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void app_ids_are_words(void **state)
{
    (void)state;
    check_all(admin_text_check_app_id,
              LIST("A", "oeVkj2lYFGnJu5XUtWisfW4utiN4u9Mq", "a-b_c", CHARS_64),
              LIST("", "a b", "a/b", "\xc3\xa9", CHARS_64 "x"));
}

static void secrets_are_visible(void **state)
{
    (void)state;
    check_all(admin_text_check_secret, LIST("x", "a/b+c=", CHARS_64),
              LIST("", "a b", "a\tb", "\xc3\xa9", CHARS_64 "x"));
}

static void accounts_are_mail_addresses_or_phone_numbers(void **state)
{
    (void)state;
    check_all(admin_text_check_account, LIST("ann@example.com", "a@b", "+8613512345678", "+12345"),
              LIST("", "ann", "@example.com", "ann@", "a b@c", "+", "+1234", "+86135x",
                   "8613512345678", "+123456789012345678901"));
}

static void apikeys_are_lower_case_uuids(void **state)
{
    (void)state;
    check_all(admin_text_check_apikey, LIST("8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"),
              LIST("", "8F54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e", "8f54bd8e2f1c4b1e9e0c6a3c6a3c1d2e",
                   "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2", "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e0",
                   "8f54bd8e-2f1c-4b1e-9e0c_6a3c6a3c1d2e", "gf54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"));
}

static void regions_are_short_and_lower_case(void **state)
{
    (void)state;
    check_all(admin_text_check_region, LIST("eu", "us-east1"), LIST("", "EU", "us-east-1"));
}

static void passwords_have_8_to_128_bytes_of_text(void **state)
{
    (void)state;
    check_all(admin_text_check_password,
              LIST("12345678", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", CHARS_64 CHARS_64),
              LIST("", "1234567", "12345\n78", "1234567\xc3", CHARS_64 CHARS_64 "x"));
}

static void labels_may_be_empty_and_hold_no_controls(void **state)
{
    (void)state;
    check_all(admin_text_check_label, LIST("", "Hall light", "\xe5\xae\xb6", CHARS_64 CHARS_64),
              LIST("a\nb", "\x1b[2J", "\xff", CHARS_64 CHARS_64 "x"));
}

static void device_ids_and_tokens_are_bounded(void **state)
{
    (void)state;
    check_all(admin_text_check_device_id,
              LIST("1000abcdef", "a", "0123456789abcdef0123456789abcdef"),
              LIST("", "10 0", "0123456789abcdef0123456789abcdef0"));
    check_all(admin_text_check_token, LIST("t", CHARS_64 CHARS_64 CHARS_64 CHARS_64),
              LIST("", "a b", CHARS_64 CHARS_64 CHARS_64 CHARS_64 "x"));
}

static void random_texts_are_letters_and_digits_and_differ(void **state)
{
    char first[33];
    char second[33];

    (void)state;
    assert_int_equal(crypto_init(), ERR_NONE);
    admin_text_random(32, first);
    admin_text_random(32, second);
    assert_int_equal(strlen(first), 32);
    assert_null(admin_text_check_app_id(str_of(first)));
    assert_string_not_equal(first, second);
}

static void times_are_iso_and_never_is_null(void **state)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);

    (void)state;
    json_out_object(&out, NULL);
    admin_text_time(&out, "a_at", 0);
    admin_text_time(&out, "b_at", 1505607894955);
    json_out_end_object(&out);
    assert_true(
        str_eq(buf_str(&buf), STR("{\"a_at\":null,\"b_at\":\"2017-09-17T00:24:54.955Z\"}")));
    buf_free(&buf);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(app_ids_are_words),
        cmocka_unit_test(secrets_are_visible),
        cmocka_unit_test(accounts_are_mail_addresses_or_phone_numbers),
        cmocka_unit_test(apikeys_are_lower_case_uuids),
        cmocka_unit_test(regions_are_short_and_lower_case),
        cmocka_unit_test(passwords_have_8_to_128_bytes_of_text),
        cmocka_unit_test(labels_may_be_empty_and_hold_no_controls),
        cmocka_unit_test(device_ids_and_tokens_are_bounded),
        cmocka_unit_test(random_texts_are_letters_and_digits_and_differ),
        cmocka_unit_test(times_are_iso_and_never_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
