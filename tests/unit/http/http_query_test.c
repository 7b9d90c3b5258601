#include "http/http_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static char out[16];

static bool finds(const char *query, const char *name, const char *expected)
{
    return http_query_find(str_of(query), str_of(name), out, sizeof out) &&
           strcmp(out, expected) == 0;
}

static bool fails(const char *query, const char *name)
{
    memcpy(out, "stale", 6);
    return !http_query_find(str_of(query), str_of(name), out, sizeof out) && out[0] == '\0';
}

static void a_parameter_is_found_by_its_whole_name(void **unused)
{
    (void)unused;
    assert_true(finds("deviceid=1000&ts=5", "deviceid", "1000"));
    assert_true(finds("deviceid=1000&ts=5", "ts", "5"));
    assert_true(finds("a=1&a=2", "a", "1"));
    assert_true(finds("&&a=b=c", "a", "b=c"));
    assert_true(finds("flag&x=", "flag", ""));
    assert_true(finds("flag&x=", "x", ""));
    assert_true(fails("deviceid=1", "device"));
    assert_true(fails("device=1", "deviceid"));
    assert_true(fails("", "a"));
}

static void encoding_is_undone_in_names_and_values(void **unused)
{
    (void)unused;
    assert_true(finds("params=switch%7Cswitches", "params", "switch|switches"));
    assert_true(finds("a%26b=%2f+%2B", "a&b", "/ +"));
}

static void bad_encoding_is_no_value(void **unused)
{
    (void)unused;
    assert_true(fails("a=%", "a"));
    assert_true(fails("a=%4", "a"));
    assert_true(fails("a=%4g", "a"));
    assert_true(fails("a=%g4", "a"));
    assert_true(fails("a=b%00c", "a"));
    assert_true(fails("%zz=1", "zz"));
}

static void a_value_must_fit_with_its_nul(void **unused)
{
    (void)unused;
    assert_true(finds("a=123456789012345", "a", "123456789012345"));
    assert_true(fails("a=1234567890123456", "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_is_found_by_its_whole_name),
        cmocka_unit_test(encoding_is_undone_in_names_and_values),
        cmocka_unit_test(bad_encoding_is_no_value),
        cmocka_unit_test(a_value_must_fit_with_its_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
