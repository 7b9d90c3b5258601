#include "net/file_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

static void what_is_not_kept_is_shared_by_doors_and_workers(void **state)
{
    (void)state;
    assert_int_equal(file_limit_conns(FILE_LIMIT_RESERVED + 4 + 100, 1, 1), 100);
    assert_int_equal(file_limit_conns(FILE_LIMIT_RESERVED + 5 + 100, 2, 1), 50);
    assert_int_equal(file_limit_conns(FILE_LIMIT_RESERVED + 10 + 100, 2, 2), 25);
    assert_int_equal(file_limit_conns(FILE_LIMIT_RESERVED + 10 + 103, 2, 2), 25);
}

/* All at once they fit: connections, listeners and loops beside what is kept. */
static void no_share_is_more_than_there_is(void **state)
{
    (void)state;
    for (size_t files = 512; files < 70000; files += 611)
        for (size_t doors = 1; doors <= 5; doors++)
            for (size_t workers = 1; workers <= 8; workers++) {
                size_t conns = file_limit_conns(files, doors, workers);

                assert_true(conns * doors * workers + workers * (doors + 3) + FILE_LIMIT_RESERVED <=
                            files);
            }
}

static void each_share_is_one_at_least(void **state)
{
    (void)state;
    assert_int_equal(file_limit_conns(0, 1, 1), 1);
    assert_int_equal(file_limit_conns(FILE_LIMIT_RESERVED, 1, 1), 1);
    assert_int_equal(file_limit_conns(FILE_LIMIT_RESERVED + 20, 16, 64), 1);
}

static void an_unlimited_process_has_more_than_enough(void **state)
{
    (void)state;
    assert_true(file_limit_conns(SIZE_MAX, 16, 64) > 10000000);
}

static void the_limit_is_raised_to_what_the_system_allows(void **state)
{
    struct rlimit before;
    struct rlimit after;
    struct rlimit low;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    low = (struct rlimit){.rlim_cur = 32, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    assert_true(file_limit_raise() >= 32);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &after), 0);
    assert_true(after.rlim_cur == before.rlim_max);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_kept_is_shared_by_doors_and_workers),
        cmocka_unit_test(no_share_is_more_than_there_is),
        cmocka_unit_test(each_share_is_one_at_least),
        cmocka_unit_test(an_unlimited_process_has_more_than_enough),
        cmocka_unit_test(the_limit_is_raised_to_what_the_system_allows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
