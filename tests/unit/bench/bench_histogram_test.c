#include "bench/bench_histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What a histogram of this one duration says of it, with a longer one beside it that keeps the
 * longest out of the answer. */
static uint64_t read_back(uint64_t us)
{
    struct bench_histogram histogram = {0};

    bench_histogram_add(&histogram, us);
    bench_histogram_add(&histogram, BENCH_HISTOGRAM_MAX_US);
    return bench_histogram_at(&histogram, 0.5);
}

static void short_durations_are_exact(void **state)
{
    (void)state;
    for (uint64_t us = 0; us < 64; us++)
        assert_int_equal(read_back(us), us);
}

static void long_durations_are_at_most_a_32nd_too_long(void **state)
{
    (void)state;
    for (uint64_t us = 1; us < BENCH_HISTOGRAM_MAX_US / 3; us = us * 3 + us / 7) {
        assert_true(read_back(us) >= us);
        assert_true(read_back(us) - us <= us / 32);
    }
}

static void neighbours_never_change_places(void **state)
{
    uint64_t last = 0;

    (void)state;
    for (uint64_t us = 0; us < 5000; us++) {
        assert_true(read_back(us) >= last);
        last = read_back(us);
    }
}

static void percentiles_count_from_the_shortest(void **state)
{
    struct bench_histogram histogram = {0};

    (void)state;
    for (uint64_t us = 1; us <= 60; us++)
        bench_histogram_add(&histogram, us);
    assert_int_equal(bench_histogram_at(&histogram, 0.5), 30);
    assert_int_equal(bench_histogram_at(&histogram, 0.9), 54);
    assert_int_equal(bench_histogram_at(&histogram, 0.999), 60);
    assert_int_equal(bench_histogram_at(&histogram, 1), 60);
}

static void the_longest_is_exact(void **state)
{
    struct bench_histogram histogram = {0};

    (void)state;
    bench_histogram_add(&histogram, 1000003);
    assert_int_equal(histogram.max_us, 1000003);
    assert_int_equal(bench_histogram_at(&histogram, 0.5), 1000003);
}

static void what_is_too_long_counts_as_the_longest_there_is(void **state)
{
    struct bench_histogram histogram = {0};

    (void)state;
    bench_histogram_add(&histogram, UINT64_MAX);
    assert_int_equal(bench_histogram_at(&histogram, 1), BENCH_HISTOGRAM_MAX_US);
}

static void an_empty_one_says_nothing(void **state)
{
    static const struct bench_histogram empty;

    (void)state;
    assert_int_equal(bench_histogram_at(&empty, 0.5), 0);
}

static void merging_is_as_if_one_had_counted_all(void **state)
{
    struct bench_histogram odd = {0};
    struct bench_histogram even = {0};
    struct bench_histogram all = {0};

    (void)state;
    for (uint64_t us = 0; us < 100000; us += 13) {
        bench_histogram_add(us % 2 == 0 ? &even : &odd, us);
        bench_histogram_add(&all, us);
    }
    bench_histogram_merge(&even, &odd);
    assert_memory_equal(&even, &all, sizeof all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_durations_are_exact),
        cmocka_unit_test(long_durations_are_at_most_a_32nd_too_long),
        cmocka_unit_test(neighbours_never_change_places),
        cmocka_unit_test(percentiles_count_from_the_shortest),
        cmocka_unit_test(the_longest_is_exact),
        cmocka_unit_test(what_is_too_long_counts_as_the_longest_there_is),
        cmocka_unit_test(an_empty_one_says_nothing),
        cmocka_unit_test(merging_is_as_if_one_had_counted_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
