#include "proto/rest_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { CAP = 4096 };

static char room[CAP];

static enum err parse(const char *body, struct rest_args *out)
{
    struct str text = str_of(body);

    assert_true(text.len <= CAP);
    *out = (struct rest_args){0};
    return rest_args_add_body(out, text, room);
}

static void expect(const struct rest_args *args, const char *name, const char *text)
{
    assert_true(str_eq(rest_args_text(args, name), str_of(text)));
}

static void strings_and_numbers_are_texts_and_the_rest_is_not(void **state)
{
    struct rest_args args;
    int64_t number = 7;

    (void)state;
    assert_int_equal(parse("{\"deviceid\":\"10\",\"ts\":1545219251123,\"version\":\"8\","
                           "\"phoneNumber\":null,\"params\":{\"a\":1},\"on\":true}",
                           &args),
                     ERR_NONE);
    expect(&args, "deviceid", "10");
    expect(&args, "ts", "1545219251123");
    expect(&args, "phoneNumber", "");
    expect(&args, "params", "");
    expect(&args, "on", "");
    expect(&args, "absent", "");
    assert_true(rest_args_i64(&args, "ts", &number) && number == 1545219251123);
    assert_true(rest_args_i64(&args, "version", &number) && number == 8);
    assert_false(rest_args_i64(&args, "phoneNumber", &number));
    assert_int_equal(rest_args_json(&args, "params").kind, JSON_OBJECT);
    assert_true(str_eq(rest_args_json(&args, "params").raw, STR("{\"a\":1}")));
    assert_int_equal(rest_args_json(&args, "absent").kind, JSON_NONE);
}

static void escapes_are_decoded(void **state)
{
    struct rest_args args;

    (void)state;
    assert_int_equal(parse("{\"name\":\"K\\u00fcche \\\"1\\\"\",\"b\":\"\\n\",\"c\":\"x\"}", &args),
                     ERR_NONE);
    expect(&args, "name",
           "K\xC3\xBC"
           "che \"1\"");
    expect(&args, "b", "\n");
    expect(&args, "c", "x");
}

static void a_text_that_is_none_is_refused(void **state)
{
    struct rest_args args;

    (void)state;
    assert_int_equal(parse("{\"name\":\"\\ud83d\"}", &args), ERR_INVALID);
    assert_int_equal(parse("{\"name\":\"\\u0000\"}", &args), ERR_INVALID);
    assert_int_equal(parse("[]", &args), ERR_INVALID);
    assert_int_equal(parse("{", &args), ERR_INVALID);
}

static void an_empty_body_says_nothing(void **state)
{
    struct rest_args args;

    (void)state;
    assert_int_equal(parse(" \r\n", &args), ERR_NONE);
    assert_int_equal(args.count, 0);
}

static void negative_numbers_are_numbers(void **state)
{
    struct rest_args args = {0};
    int64_t number = 0;

    (void)state;
    assert_int_equal(rest_args_add(&args, STR("beginIndex"), STR("-999999")), ERR_NONE);
    assert_true(rest_args_i64(&args, "beginIndex", &number));
    assert_int_equal(number, -999999);
    assert_int_equal(rest_args_add(&args, STR("num"), STR("-")), ERR_NONE);
    assert_false(rest_args_i64(&args, "num", &number));
    assert_int_equal(rest_args_add(&args, STR("big"), STR("9223372036854775808")), ERR_NONE);
    assert_false(rest_args_i64(&args, "big", &number));
}

static void the_first_of_a_name_counts(void **state)
{
    struct rest_args args;

    (void)state;
    assert_int_equal(parse("{\"a\":1,\"a\":2}", &args), ERR_NONE);
    assert_int_equal(rest_args_add(&args, STR("a"), STR("3")), ERR_NONE);
    expect(&args, "a", "1");
}

static void there_is_an_end_to_them(void **state)
{
    struct rest_args args = {0};
    char body[CAP];
    size_t len = 0;

    (void)state;
    for (int i = 0; i < REST_ARGS_MAX; i++)
        assert_int_equal(rest_args_add(&args, STR("a"), STR("1")), ERR_NONE);
    assert_int_equal(rest_args_add(&args, STR("a"), STR("1")), ERR_TOO_LARGE);
    assert_int_equal(rest_args_add_body(&args, STR("{\"b\":1}"), room), ERR_TOO_LARGE);
    for (int i = 0; i <= REST_ARGS_MAX; i++)
        len += (size_t)snprintf(body + len, sizeof body - len, "%c\"a\":1", i == 0 ? '{' : ',');
    (void)snprintf(body + len, sizeof body - len, "}");
    assert_int_equal(parse(body, &args), ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_and_numbers_are_texts_and_the_rest_is_not),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(a_text_that_is_none_is_refused),
        cmocka_unit_test(an_empty_body_says_nothing),
        cmocka_unit_test(negative_numbers_are_numbers),
        cmocka_unit_test(the_first_of_a_name_counts),
        cmocka_unit_test(there_is_an_end_to_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
