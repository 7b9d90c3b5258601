#include "http/http_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CAP = 1024 };

static char room[CAP];
static struct http_query query;

static enum err parse(const char *text)
{
    struct str whole = str_of(text);

    assert_true(whole.len <= CAP);
    return http_query_parse(whole, room, &query);
}

static void expect(const char *name, const char *value)
{
    struct str found = http_query_find(&query, str_of(name));

    assert_non_null(found.ptr);
    assert_true(str_eq(found, str_of(value)));
}

static void pairs_are_decoded(void **state)
{
    (void)state;
    assert_int_equal(parse("deviceid=1000012345&params=switch%7Cswitches&a+b=c%2Bd+e"), ERR_NONE);
    assert_int_equal(query.count, 3);
    expect("deviceid", "1000012345");
    expect("params", "switch|switches");
    expect("a b", "c+d e");
    assert_null(http_query_find(&query, STR("ts")).ptr);
}

static void what_is_left_out_is_empty(void **state)
{
    (void)state;
    assert_int_equal(parse(""), ERR_NONE);
    assert_int_equal(query.count, 0);
    assert_int_equal(parse("&&a&b=&=c&"), ERR_NONE);
    assert_int_equal(query.count, 3);
    expect("a", "");
    expect("b", "");
    expect("", "c");
}

static void the_first_of_a_name_counts_and_a_value_may_hold_an_equals_sign(void **state)
{
    (void)state;
    assert_int_equal(parse("a=1&a=2&code=YWJj=="), ERR_NONE);
    expect("a", "1");
    expect("code", "YWJj==");
}

static void a_bad_encoding_is_refused(void **state)
{
    static const char *const rows[] = {"a=%", "a=%4", "a=%zz", "%0g=1", "a=%00", "b&a=%1"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(parse(rows[i]), ERR_INVALID);
}

static void there_is_an_end_to_pairs(void **state)
{
    char text[4 * HTTP_QUERY_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = "a=1&"[i % 4];
    text[sizeof text - 1] = '\0';
    assert_int_equal(parse(text), ERR_TOO_LARGE);
    text[4 * HTTP_QUERY_MAX] = '\0';
    assert_int_equal(parse(text), ERR_NONE);
    assert_int_equal(query.count, HTTP_QUERY_MAX);
}

static void in_a_path_a_plus_is_a_plus(void **state)
{
    struct str out;

    (void)state;
    assert_int_equal(http_query_decode_path(STR("a+b%20c"), room, &out), ERR_NONE);
    assert_true(str_eq(out, STR("a+b c")));
    assert_int_equal(http_query_decode_path(STR("%2"), room, &out), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_decoded),
        cmocka_unit_test(what_is_left_out_is_empty),
        cmocka_unit_test(the_first_of_a_name_counts_and_a_value_may_hold_an_equals_sign),
        cmocka_unit_test(a_bad_encoding_is_refused),
        cmocka_unit_test(there_is_an_end_to_pairs),
        cmocka_unit_test(in_a_path_a_plus_is_a_plus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
