#include "server/idle_trim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_burst_is_over_when_a_moment_is_quiet(void **unused)
{
    struct idle_trim trim = {0};

    (void)unused;
    assert_false(idle_trim_is_due(&trim, 600));
    assert_false(idle_trim_is_due(&trim, 5000));
    assert_true(idle_trim_is_due(&trim, 5001));
}

static void what_was_trimmed_is_not_trimmed_again(void **unused)
{
    struct idle_trim trim = {0};

    (void)unused;
    assert_false(idle_trim_is_due(&trim, 1000));
    assert_true(idle_trim_is_due(&trim, 1000));
    assert_false(idle_trim_is_due(&trim, 1000));
    assert_false(idle_trim_is_due(&trim, 1004));
}

static void few_connections_come_to_a_burst_in_time(void **unused)
{
    struct idle_trim trim = {0};
    int trims = 0;

    (void)unused;
    for (uint64_t second = 1; second <= 1000; second++)
        trims += idle_trim_is_due(&trim, second);
    assert_int_equal(trims, 1);
}

static void a_busy_server_is_left_alone(void **unused)
{
    struct idle_trim trim = {0};

    (void)unused;
    for (uint64_t second = 1; second <= 1000; second++)
        assert_false(idle_trim_is_due(&trim, second * 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_over_when_a_moment_is_quiet),
        cmocka_unit_test(what_was_trimmed_is_not_trimmed_again),
        cmocka_unit_test(few_connections_come_to_a_burst_in_time),
        cmocka_unit_test(a_busy_server_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
