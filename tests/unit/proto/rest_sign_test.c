/* Signatures of calls; the vectors are the documents' published examples. */
#include "proto/rest_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECRET_V1 STR("S1fHFiMqzykNdxlSrk9Pjdczp7rsvt3M")
#define SECRET_V2 STR("OdPuCZ4PkPPi0rVKRVcGmll2NM6vVk0c")

static const char BODY_V1[] =
    "{\"appid\":\"I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF\",\"phoneNumber\":\"+8613570211955\","
    "\"password\":\"lybywl163\",\"ts\":1545219251123,\"version\":8,\"nonce\":\"asbsedwq\"}";
static const char BODY_V2[] =
    "{\"email\":\"1234@gmail.com\",\"password\":\"12345678\",\"countryCode\":\"+1\"}";
static const char BODY_SPACED[] =
    "{\"email\": \"1234@gmail.com\", \"password\": \"12345678\", \"countryCode\": \"+1\"}";

static void a_body_is_signed_as_the_documents_sign_it(void **state)
{
    (void)state;
    assert_true(rest_sign_is_of_body(STR("QtKh6EnKoNmPnv17Ump3b/6r2hjojWb4nqSt4lnyj2U="), SECRET_V1,
                                     str_of(BODY_V1)));
    assert_true(rest_sign_is_of_body(STR("ttZ/gluzqrafvGonjMD20p4//arW6KoZKbo1SOMEzCA="), SECRET_V2,
                                     str_of(BODY_V2)));
}

static void the_bytes_count_and_not_what_they_mean(void **state)
{
    (void)state;
    assert_true(rest_sign_is_of_body(STR("cE/Wl57Ithy21Elieq5wFsYwJWl2IrkBxlmuCnwI73c="), SECRET_V2,
                                     str_of(BODY_SPACED)));
    assert_false(rest_sign_is_of_body(STR("ttZ/gluzqrafvGonjMD20p4//arW6KoZKbo1SOMEzCA="),
                                      SECRET_V2, str_of(BODY_SPACED)));
}

static void another_secret_or_another_text_is_no_signature(void **state)
{
    const struct str sign = STR("QtKh6EnKoNmPnv17Ump3b/6r2hjojWb4nqSt4lnyj2U=");

    (void)state;
    assert_false(rest_sign_is_of_body(sign, SECRET_V2, str_of(BODY_V1)));
    assert_false(rest_sign_is_of_body(str_sub(sign, 0, sign.len - 1), SECRET_V1, str_of(BODY_V1)));
    assert_false(rest_sign_is_of_body(STR(""), SECRET_V1, str_of(BODY_V1)));
    assert_false(rest_sign_is_of_body(STR_EMPTY, SECRET_V1, str_of(BODY_V1)));
}

static struct rest_args query_of_the_example(void)
{
    static const char *const pairs[][2] = {
        {"ts", "1545219251"},
        {"nonce", "2323dfgh"},
        {"appid", "I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF"},
        {"deviceid", "1000052354"},
    };
    struct rest_args args = {.count = 0};

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(rest_args_add(&args, str_of(pairs[i][0]), str_of(pairs[i][1])), 0);
    return args;
}

static void a_query_is_sorted_and_quoted_or_not(void **state)
{
    const struct rest_args args = query_of_the_example();

    (void)state;
    assert_true(rest_sign_is_of_args(STR("UXS8yTRB57HRFVYrKlbBXBRRgtYDuzVHX5QNdg0cWXA="), SECRET_V1,
                                     &args));
    assert_true(rest_sign_is_of_args(STR("zmu32a2jLh0Oz46qk8mToDZiEPxf9a6d3BPCukEUxZo="), SECRET_V1,
                                     &args));
    assert_false(rest_sign_is_of_args(STR("zmu32a2jLh0Oz46qk8mToDZiEPxf9a6d3BPCukEUxZo="),
                                      SECRET_V2, &args));
}

static void every_value_may_be_quoted(void **state)
{
    struct rest_args args = {.count = 0};
    const struct str quoted = STR("a=\"1\"&ts=\"2\"");
    const struct str plain = STR("a=1&ts=2");

    (void)state;
    assert_int_equal(rest_args_add(&args, STR("ts"), STR("2")), 0);
    assert_int_equal(rest_args_add(&args, STR("a"), STR("1")), 0);
    /* HMAC-SHA256 under "k", by another program */
    assert_true(
        rest_sign_is_of_args(STR("gj1etMS/DkWBwnqkGzPqk7dQqrYeqVnEQIeVxF7Yvjo="), STR("k"), &args));
    assert_true(rest_sign_is_of_body(STR("gj1etMS/DkWBwnqkGzPqk7dQqrYeqVnEQIeVxF7Yvjo="), STR("k"),
                                     quoted));
    assert_true(
        rest_sign_is_of_args(STR("Ju9Dx3CXPl9ky2H5817Bu71JutVOkCPnfFJWTtj0qvc="), STR("k"), &args));
    assert_true(
        rest_sign_is_of_body(STR("Ju9Dx3CXPl9ky2H5817Bu71JutVOkCPnfFJWTtj0qvc="), STR("k"), plain));
}

static void the_scheme_is_sign(void **state)
{
    (void)state;
    assert_true(str_eq(rest_sign_of(STR("Sign abc=")), STR("abc=")));
    assert_true(str_eq(rest_sign_of(STR("sign  abc= ")), STR("abc=")));
    assert_true(str_eq(rest_sign_of(STR("Sign ")), STR("")));
    assert_null(rest_sign_of(STR("Bearer abc")).ptr);
    assert_null(rest_sign_of(STR_EMPTY).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_signed_as_the_documents_sign_it),
        cmocka_unit_test(the_bytes_count_and_not_what_they_mean),
        cmocka_unit_test(another_secret_or_another_text_is_no_signature),
        cmocka_unit_test(a_query_is_sorted_and_quoted_or_not),
        cmocka_unit_test(every_value_may_be_quoted),
        cmocka_unit_test(the_scheme_is_sign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
