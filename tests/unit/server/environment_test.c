#include "server/environment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char yard[] = "YARD=1";
static char yard_a[] = "YARD_A=x=y";
static char yard_b[] = "YARD_B=";
static char odd[] = "YARD_ODD";
static char *const entries[] = {yard, yard_a, odd, yard_b, NULL};
static const struct environment environment = {entries};

static void a_variable_is_found_by_its_whole_name(void **state)
{
    (void)state;
    assert_string_equal(environment_find(&environment, "YARD"), "1");
    assert_string_equal(environment_find(&environment, "YARD_A"), "x=y");
    assert_string_equal(environment_find(&environment, "YARD_B"), "");
    assert_null(environment_find(&environment, "YARD_"));
    assert_null(environment_find(&environment, "YARD_ODD"));
    assert_null(environment_find(&environment, "YARD_A=x"));
}

static void variables_of_a_prefix_come_in_order(void **state)
{
    struct str name;
    const char *value;
    size_t at = 0;

    (void)state;
    assert_true(environment_next(&environment, STR("YARD_"), &at, &name, &value));
    assert_true(str_eq(name, STR("YARD_A")));
    assert_true(environment_next(&environment, STR("YARD_"), &at, &name, &value));
    assert_true(str_eq(name, STR("YARD_B")));
    assert_string_equal(value, "");
    assert_false(environment_next(&environment, STR("YARD_"), &at, &name, &value));
}

static void an_empty_environment_has_none(void **state)
{
    const struct environment none = {NULL};

    (void)state;
    assert_null(environment_find(&none, "YARD"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_is_found_by_its_whole_name),
        cmocka_unit_test(variables_of_a_prefix_come_in_order),
        cmocka_unit_test(an_empty_environment_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
