#include "gateway/gateway_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { REASON_CAP = 50, LAST_CODE = 999 };

static void assert_readable(struct str reason)
{
    static const struct str word = {"action", 6};

    assert_true(reason.len < REASON_CAP);
    for (size_t at = 0; at + word.len <= reason.len; at++)
        assert_false(str_eq(str_sub(reason, at, word.len), word));
}

/* One firmware keeps 50 bytes of a reason; another takes a text with "action" in it for a request.
 */
static void reasons_are_short_and_free_of_a_word(void **unused)
{
    (void)unused;
    assert_readable(GATEWAY_TOO_LARGE);
    for (int code = 0; code <= LAST_CODE; code++)
        assert_readable(gateway_error_reason(code));
    assert_int_equal(gateway_error_reason(0).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_are_short_and_free_of_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
