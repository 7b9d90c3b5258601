#include "net/timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { START_MS = 1000003, MAX_FIRED = 64 };

struct fixture;

struct probe {
    struct timer timer;
    struct fixture *fixture;
    int fired;
    uint64_t fired_ms;
    struct timer *stops; /* stopped by this one when it fires */
    uint64_t again_ms;   /* not 0: started again for then */
};

struct fixture {
    struct timer_wheel *wheel;
    uint64_t now_ms;
    struct probe *order[MAX_FIRED];
    int count;
};

static void on_due(struct timer *timer)
{
    struct probe *probe = CONTAINER_OF(timer, struct probe, timer);
    struct fixture *fixture = probe->fixture;

    probe->fired++;
    probe->fired_ms = fixture->now_ms;
    if (fixture->count < MAX_FIRED)
        fixture->order[fixture->count++] = probe;
    if (probe->stops != NULL)
        timer_stop(probe->stops);
    if (probe->again_ms != 0)
        timer_start(fixture->wheel, timer, probe->again_ms, on_due);
}

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    fixture->now_ms = START_MS;
    fixture->wheel = timer_wheel_new(START_MS);
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;

    timer_wheel_free(fixture->wheel);
    free(fixture);
    return 0;
}

static void start_in(struct fixture *fixture, struct probe *probe, uint64_t delay_ms)
{
    probe->fixture = fixture;
    timer_start(fixture->wheel, &probe->timer, fixture->now_ms + delay_ms, on_due);
}

static void run_at(struct fixture *fixture, uint64_t now_ms)
{
    fixture->now_ms = now_ms;
    timer_wheel_run(fixture->wheel, now_ms);
}

/* As a loop does: waits as long as the wheel says and runs, until nothing is started. */
static void run_to_the_end(struct fixture *fixture)
{
    int wait;

    while ((wait = timer_wheel_wait_ms(fixture->wheel, fixture->now_ms)) >= 0)
        run_at(fixture, fixture->now_ms + (uint64_t)wait);
}

static void a_timer_fires_once_and_never_early(void **state)
{
    struct fixture *fixture = *state;

    for (uint64_t delay = 1; delay < 700; delay++) {
        struct probe probe = {.fired = 0};
        uint64_t due_ms = fixture->now_ms + delay;

        start_in(fixture, &probe, delay);
        run_at(fixture, due_ms - 1);
        assert_int_equal(probe.fired, 0);
        run_at(fixture, due_ms + TIMER_TICK_MS - 1);
        assert_int_equal(probe.fired, 1);
        assert_false(timer_is_started(&probe.timer));
        run_at(fixture, due_ms + 1000);
        assert_int_equal(probe.fired, 1);
    }
}

static void far_timers_fire_within_a_tick_when_the_wheel_is_asked_how_long_to_wait(void **state)
{
    static const uint64_t delays[] = {0,      1,       255,      256,       257,      4095,   16384,
                                      160000, 1048576, 67108864, 604800000, 1u << 31, 1234567};
    enum { COUNT = sizeof delays / sizeof *delays };
    struct fixture *fixture = *state;
    struct probe probes[COUNT] = {0};

    for (int i = 0; i < COUNT; i++)
        start_in(fixture, &probes[i], delays[i]);
    run_to_the_end(fixture);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(probes[i].fired, 1);
        assert_in_range(probes[i].fired_ms, START_MS + delays[i],
                        START_MS + delays[i] + TIMER_TICK_MS);
    }
}

static void a_late_run_fires_all_that_is_due_in_order_of_time(void **state)
{
    static const uint64_t delays[] = {90000, 20, 7000, 300, 160000};
    static const int order[] = {1, 3, 2, 0};
    struct fixture *fixture = *state;
    struct probe probes[5] = {0};

    for (int i = 0; i < 5; i++)
        start_in(fixture, &probes[i], delays[i]);
    run_at(fixture, START_MS + 100000);
    assert_int_equal(fixture->count, 4);
    for (int i = 0; i < 4; i++)
        assert_ptr_equal(fixture->order[i], &probes[order[i]]);
    timer_stop(&probes[4].timer);
}

static void a_time_in_the_past_means_the_next_run_even_in_the_same_tick(void **state)
{
    struct fixture *fixture = *state;
    struct probe probe = {.fixture = fixture};

    timer_start(fixture->wheel, &probe.timer, 5, on_due);
    assert_int_equal(timer_wheel_wait_ms(fixture->wheel, START_MS), 0);
    run_at(fixture, START_MS);
    assert_int_equal(probe.fired, 1);
    start_in(fixture, &probe, 0);
    assert_int_equal(timer_wheel_wait_ms(fixture->wheel, START_MS), 0);
    run_at(fixture, START_MS);
    assert_int_equal(probe.fired, 2);
}

static void a_timer_started_as_due_by_a_timer_waits_for_the_next_run(void **state)
{
    struct fixture *fixture = *state;
    struct probe probe = {.again_ms = 1};

    start_in(fixture, &probe, 10);
    run_at(fixture, START_MS + 50);
    assert_int_equal(probe.fired, 1);
    probe.again_ms = 0;
    run_at(fixture, START_MS + 50);
    assert_int_equal(probe.fired, 2);
}

static void a_timer_may_stop_another_that_is_due_in_the_same_run(void **state)
{
    struct fixture *fixture = *state;
    struct probe second = {.fired = 0};
    struct probe first = {.stops = &second.timer};

    start_in(fixture, &first, 10);
    start_in(fixture, &second, 20);
    run_at(fixture, START_MS + 100);
    assert_int_equal(first.fired, 1);
    assert_int_equal(second.fired, 0);
}

static void starting_again_moves_a_timer(void **state)
{
    struct fixture *fixture = *state;
    struct probe probe = {.fired = 0};

    start_in(fixture, &probe, 10);
    start_in(fixture, &probe, 5000);
    run_at(fixture, START_MS + 1000);
    assert_int_equal(probe.fired, 0);
    run_at(fixture, START_MS + 5004);
    assert_int_equal(probe.fired, 1);
}

static void a_zero_filled_timer_is_a_stopped_timer(void **state)
{
    struct timer timer = {.due_ms = 0};

    (void)state;
    assert_false(timer_is_started(&timer));
    timer_stop(&timer);
    timer_wheel_free(NULL);
}

static void an_empty_wheel_asks_for_no_wait_also_after_a_stop(void **state)
{
    struct fixture *fixture = *state;
    struct probe probe = {.fired = 0};

    assert_int_equal(timer_wheel_wait_ms(fixture->wheel, START_MS), -1);
    start_in(fixture, &probe, 160000);
    assert_in_range(timer_wheel_wait_ms(fixture->wheel, START_MS), 1, 160004);
    timer_stop(&probe.timer);
    assert_int_equal(timer_wheel_wait_ms(fixture->wheel, START_MS), -1);
}

static void a_time_beyond_all_time_can_be_started_and_stopped(void **state)
{
    struct fixture *fixture = *state;
    struct probe probe = {.fixture = fixture};

    timer_start(fixture->wheel, &probe.timer, UINT64_MAX, on_due);
    run_at(fixture, START_MS + 100000000);
    assert_int_equal(probe.fired, 0);
    assert_true(timer_wheel_wait_ms(fixture->wheel, fixture->now_ms) > 0);
    timer_stop(&probe.timer);
}

/* What twenty thousand links do: every frame starts the heartbeat timer again. */
static void many_heartbeats_started_again_fire_only_when_they_end(void **state)
{
    enum { LINKS = 20000, HEARTBEAT_MS = 160000 };
    struct fixture *fixture = *state;
    struct probe *probes = calloc(LINKS, sizeof *probes);
    int fired = 0;

    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < LINKS; i++)
            start_in(fixture, &probes[i], HEARTBEAT_MS);
        run_at(fixture, fixture->now_ms + HEARTBEAT_MS - 1);
    }
    for (int i = 0; i < LINKS; i++)
        fired += probes[i].fired;
    assert_int_equal(fired, 0);
    run_to_the_end(fixture);
    for (int i = 0; i < LINKS; i++)
        fired += probes[i].fired;
    assert_int_equal(fired, LINKS);
    free(probes);
}

/* Against the plainest model: a table of due times, for random starts, stops and steps. */
static void random_use_agrees_with_a_table_of_times(void **state)
{
    enum { TIMERS = 200, STEPS = 20000 };
    struct fixture *fixture = *state;
    struct probe probes[TIMERS] = {0};
    uint64_t due[TIMERS] = {0}; /* 0: stopped */
    uint64_t seed = 7;

    for (int step = 0; step < STEPS; step++) {
        int at;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        at = (int)((seed >> 33) % TIMERS);
        if ((seed >> 20) % 4 == 0) {
            timer_stop(&probes[at].timer);
            due[at] = 0;
        } else {
            uint64_t delay = (seed >> 40) % (UINT64_C(1) << (seed >> 30) % 22) + 1;

            start_in(fixture, &probes[at], delay);
            due[at] = fixture->now_ms + delay;
        }
        run_at(fixture, fixture->now_ms + (seed >> 50) % 97);
        for (int i = 0; i < TIMERS; i++) {
            bool past = due[i] != 0 && (due[i] + 3) / 4 <= fixture->now_ms / 4;

            assert_int_equal(probes[i].fired, past);
            assert_int_equal(timer_is_started(&probes[i].timer), due[i] != 0 && !past);
            due[i] = past ? 0 : due[i];
            probes[i].fired = 0;
        }
    }
    for (int i = 0; i < TIMERS; i++)
        timer_stop(&probes[i].timer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_timer_fires_once_and_never_early),
        TEST(far_timers_fire_within_a_tick_when_the_wheel_is_asked_how_long_to_wait),
        TEST(a_late_run_fires_all_that_is_due_in_order_of_time),
        TEST(a_time_in_the_past_means_the_next_run_even_in_the_same_tick),
        TEST(a_timer_started_as_due_by_a_timer_waits_for_the_next_run),
        TEST(a_timer_may_stop_another_that_is_due_in_the_same_run),
        TEST(starting_again_moves_a_timer),
        TEST(a_zero_filled_timer_is_a_stopped_timer),
        TEST(an_empty_wheel_asks_for_no_wait_also_after_a_stop),
        TEST(a_time_beyond_all_time_can_be_started_and_stopped),
        TEST(many_heartbeats_started_again_fire_only_when_they_end),
        TEST(random_use_agrees_with_a_table_of_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
