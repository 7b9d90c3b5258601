#include "base/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_problem_takes_the_error_its_line_and_a_text(void **unused)
{
    struct problem problem = {ERR_NONE, 0, ""};

    (void)unused;
    assert_int_equal(problem_set(&problem, ERR_INVALID, 7, "unknown key \"%s\"", "prot"),
                     ERR_INVALID);
    assert_int_equal(problem.err, ERR_INVALID);
    assert_int_equal(problem.line, 7);
    assert_string_equal(problem.text, "unknown key \"prot\"");
}

static void nobody_need_take_the_problem(void **unused)
{
    (void)unused;
    assert_int_equal(problem_set(NULL, ERR_IO, 0, "%s", "text"), ERR_IO);
}

static void a_long_text_is_cut_to_the_room(void **unused)
{
    struct problem problem;

    (void)unused;
    assert_int_equal(problem_set(&problem, ERR_IO, 0, "%0999d", 0), ERR_IO);
    assert_int_equal(strlen(problem.text), sizeof problem.text - 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_takes_the_error_its_line_and_a_text),
        cmocka_unit_test(nobody_need_take_the_problem),
        cmocka_unit_test(a_long_text_is_cut_to_the_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
