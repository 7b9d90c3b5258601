#include "bench/bench_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct counted {
    struct bench_pace pace;
    unsigned turns;
};

static void on_turn(struct bench_pace *pace)
{
    CONTAINER_OF(pace, struct counted, pace)->turns++;
}

static void without_a_rate_all_slots_begin_and_begin_again(void **state)
{
    struct loop *loop = loop_new();
    struct counted counted = {.turns = 0};

    (void)state;
    bench_pace_start(&counted.pace, loop, 0, 5, on_turn);
    assert_int_equal(counted.turns, 5);
    assert_true(bench_pace_take(&counted.pace));
    bench_pace_stop(&counted.pace);
    loop_free(loop);
}

static void with_a_rate_the_first_begins_and_the_others_wait(void **state)
{
    struct loop *loop = loop_new();
    struct counted counted = {.turns = 0};

    (void)state;
    bench_pace_start(&counted.pace, loop, 1, 5, on_turn);
    assert_int_equal(counted.turns, 1);
    assert_false(bench_pace_take(&counted.pace));
    assert_int_equal(counted.pace.slots, 5);
    bench_pace_stop(&counted.pace);
    loop_free(loop);
}

static void what_is_due_follows_from_the_time(void **state)
{
    (void)state;
    assert_int_equal(bench_pace_due(60, 0), 1);
    assert_int_equal(bench_pace_due(60, 999999), 1);
    assert_int_equal(bench_pace_due(60, 1000000), 2);
    assert_int_equal(bench_pace_due(600000, UINT64_C(60000000) * 60 * 24 * 365),
                     UINT64_C(600000) * 60 * 24 * 365 + 1);
}

/* A server that stood still for ten seconds is not owed more than the last one. */
static void only_a_second_is_made_up_for(void **state)
{
    struct loop *loop = loop_new();
    struct counted counted = {.turns = 0};

    (void)state;
    bench_pace_start(&counted.pace, loop, 600, 1, on_turn);
    counted.pace.begin_us -= 10 * UINT64_C(1000000);
    for (unsigned i = 0; i < 11; i++)
        assert_true(bench_pace_take(&counted.pace));
    assert_false(bench_pace_take(&counted.pace));
    bench_pace_stop(&counted.pace);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_rate_all_slots_begin_and_begin_again),
        cmocka_unit_test(with_a_rate_the_first_begins_and_the_others_wait),
        cmocka_unit_test(what_is_due_follows_from_the_time),
        cmocka_unit_test(only_a_second_is_made_up_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
