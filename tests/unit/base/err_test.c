#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_is_no_error),
        cmocka_unit_test(every_error_has_a_text_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
