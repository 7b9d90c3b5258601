#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void zero_is_no_error(void **unused)
{
    (void)unused;
    assert_int_equal(ERR_NONE, 0);
    assert_string_equal(err_text(ERR_NONE), "no error");
}

static void every_error_has_a_text_of_its_own(void **unused)
{
    static const char *const texts[] = {
#define ERR(name, text) text,
#include "base/err.def"
#undef ERR
    };
    const size_t count = sizeof texts / sizeof *texts;

    (void)unused;
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(err_text((enum err)i), texts[i]);
        for (size_t j = i + 1; j < count; j++)
            assert_string_not_equal(texts[i], texts[j]);
    }
    assert_string_equal(err_text((enum err)count), "unknown error");
    assert_string_equal(err_text((enum err) - 1), "unknown error");
}

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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_is_no_error),
        cmocka_unit_test(every_error_has_a_text_of_its_own),
        cmocka_unit_test(a_problem_takes_the_error_its_line_and_a_text),
        cmocka_unit_test(nobody_need_take_the_problem),
        cmocka_unit_test(a_long_text_is_cut_to_the_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
