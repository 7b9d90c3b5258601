#include "proto/rest_user.h"

#include "proto/rest_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define UUID "a4e77f7e-2116-4215-b961-6f3fc5982667"

static void names(const char *email, const char *phone, const char *country, const char *expected)
{
    struct rest_args args = {.count = 0};
    char room[REST_USER_ACCOUNT_CAP];
    struct str account;

    assert_int_equal(rest_args_add(&args, STR("email"), str_of(email)), 0);
    assert_int_equal(rest_args_add(&args, STR("phoneNumber"), str_of(phone)), 0);
    assert_int_equal(rest_args_add(&args, STR("countryCode"), str_of(country)), 0);
    account = rest_user_account(&args, room);
    assert_true(str_eq(account, str_of(expected)));
}

static void an_account_is_an_address_or_a_number_with_its_country(void **state)
{
    (void)state;
    names("ann@example.com", "", "+1", "ann@example.com");
    names(" ann@example.com ", "13512345678", "+86", "ann@example.com");
    names("", "13512345678", "+86", "+8613512345678");
    names("", "13512345678", "86", "+8613512345678");
    names("", "+8613512345678", "+86", "+8613512345678");
    names("", "13512345678", "", "13512345678");
    names("", "", "+86", "");
}

static void an_account_that_does_not_fit_is_none(void **state)
{
    char large[REST_USER_ACCOUNT_CAP + 1] = "";

    (void)state;
    memset(large, '1', REST_USER_ACCOUNT_CAP - 1);
    names("", large, "", large);
    names("", large, "+", "");
    large[REST_USER_ACCOUNT_CAP - 1] = '1';
    names("", large, "", "");
    names(large, "", "", "");
}

static void expect(enum rest_style style, const struct rest_user *user, const char *expected)
{
    struct buf out = BUF_EMPTY;
    struct json_out json = json_out_to(&out);

    json_out_object(&json, NULL);
    rest_user_put(&json, style, user);
    json_out_end_object(&json);
    buf_append_byte(&out, '\0');
    assert_string_equal(out.ptr, expected);
    buf_free(&out);
}

static void a_phone_number_is_not_called_an_address(void **state)
{
    const struct rest_user user = {.apikey = STR(UUID), .account = STR("+8613512345678")};

    (void)state;
    expect(REST_V2, &user,
           "{\"user\":{\"countryCode\":\"\",\"phoneNumber\":\"+8613512345678\",\"apikey\":\"" UUID
           "\"}}");
}

static void the_first_dialect_tells_what_old_clients_read(void **state)
{
    const struct rest_user user = {.apikey = STR(UUID),
                                   .account = STR("ann@example.com"),
                                   .appid = STR("app"),
                                   .ip = STR("192.0.2.7"),
                                   .created_ms = 1505607894955,
                                   .now_ms = 1505607895000};

    (void)state;
    expect(REST_BARE, &user,
           "{\"user\":{\"_id\":\"a4e77f7e21164215b9616f3f\",\"email\":\"ann@example.com\","
           "\"appId\":\"app\",\"lang\":\"en\",\"online\":false,"
           "\"onlineTime\":\"2017-09-17T00:24:55.000Z\",\"ip\":\"192.0.2.7\",\"location\":\"\","
           "\"offlineTime\":\"2017-09-17T00:24:55.000Z\","
           "\"createdAt\":\"2017-09-17T00:24:54.955Z\",\"apikey\":\"" UUID "\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_is_an_address_or_a_number_with_its_country),
        cmocka_unit_test(an_account_that_does_not_fit_is_none),
        cmocka_unit_test(a_phone_number_is_not_called_an_address),
        cmocka_unit_test(the_first_dialect_tells_what_old_clients_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
