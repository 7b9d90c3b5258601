#include "bench/bench_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MANY_FILES = 1000000 };

static const struct bench_options defaults = {
    .connections = 64,
    .quiet = 200,
    .storm = 500,
    .garbage = 16,
    .rate = 1030,
};

static struct bench_plan plan(enum bench_scenario scenario, uint64_t connections, uint64_t files)
{
    struct bench_options options = defaults;

    options.scenario = scenario;
    options.connections = connections;
    return bench_plan_make(&options, files);
}

/* The jobs of one kind cover their devices without gap, and all connect at once together. */
static void covers(const struct bench_plan *made, enum bench_work work, uint64_t first,
                   uint64_t count)
{
    uint64_t next = first;

    for (size_t i = 0; i < made->count; i++) {
        for (size_t at = 0; at < made->duties[i].job_count; at++) {
            const struct bench_job *job = &made->duties[i].jobs[at];

            if (job->work != work)
                continue;
            assert_int_equal(job->first, next);
            assert_true(job->count > 0);
            assert_true(job->in_flight > 0 && job->in_flight <= job->count);
            next += job->count;
        }
    }
    assert_int_equal(next, first + count);
}

static void one_process_does_what_its_files_allow(void **state)
{
    struct bench_plan made = plan(BENCH_IDLE, 936, 1000);

    (void)state;
    assert_int_equal(made.count, 1);
    assert_int_equal(made.links, 936);
    assert_true(made.is_by_count);
    covers(&made, BENCH_WORK_IDLE, 0, 936);
    made = plan(BENCH_IDLE, 937, 1000);
    assert_int_equal(made.count, 2);
    covers(&made, BENCH_WORK_IDLE, 0, 937);
}

static void a_pair_has_two_links(void **state)
{
    struct bench_plan made = plan(BENCH_COMMANDS, 937, 1000);

    (void)state;
    assert_int_equal(made.count, 3);
    assert_int_equal(made.links, 937 * 2);
    assert_false(made.is_by_count);
    covers(&made, BENCH_WORK_COMMANDS, 0, 937);
}

static void an_app_may_have_several_devices(void **state)
{
    struct bench_options options = defaults;
    struct bench_plan made;

    (void)state;
    options.scenario = BENCH_COMMANDS;
    options.connections = 10;
    options.devices = 926;
    made = bench_plan_make(&options, 1000);
    assert_int_equal(made.count, 1);
    assert_int_equal(made.devices, 926);
    assert_int_equal(made.links, 936);
    covers(&made, BENCH_WORK_COMMANDS, 0, 10);
    options.devices++;
    made = bench_plan_make(&options, 1000);
    assert_int_equal(made.count, 2);
}

static void there_are_no_more_processes_than_connections(void **state)
{
    struct bench_options options = defaults;
    struct bench_plan made;

    (void)state;
    options.scenario = BENCH_CONNECT;
    options.connections = 3;
    options.processes = 7;
    made = bench_plan_make(&options, MANY_FILES);
    assert_int_equal(made.count, 3);
    covers(&made, BENCH_WORK_CONNECT, 0, 3);
    assert_int_equal(made.links, 0);
}

static void without_files_there_is_still_a_bound(void **state)
{
    struct bench_plan made = plan(BENCH_IDLE, 100000, 10);

    (void)state;
    assert_int_equal(made.count, BENCH_PROCESSES_MAX);
    covers(&made, BENCH_WORK_IDLE, 0, 100000);
}

static void all_links_of_a_storm_come_back_at_once(void **state)
{
    struct bench_plan made = plan(BENCH_STORM, 1000, MANY_FILES);

    (void)state;
    assert_int_equal(made.duties[0].jobs[0].in_flight, 1000);
    assert_false(made.duties[0].jobs[0].repeats);
    made = plan(BENCH_IDLE, 1000, MANY_FILES);
    assert_int_equal(made.duties[0].jobs[0].in_flight, BENCH_IN_FLIGHT);
}

static void the_probe_has_a_process_of_its_own(void **state)
{
    struct bench_plan made = plan(BENCH_PONG_UNDER_LOAD, 64, MANY_FILES);

    (void)state;
    assert_int_equal(made.count, 3);
    assert_true(made.duties[0].is_probe);
    assert_false(made.duties[1].is_probe || made.duties[2].is_probe);
    assert_int_equal(made.duties[0].job_count, 1);
    assert_int_equal(made.main, BENCH_WORK_PING);
    covers(&made, BENCH_WORK_COMMANDS, 0, 64);
    covers(&made, BENCH_WORK_PING, 64, 200);
    covers(&made, BENCH_WORK_STORM, 264, 500);
    assert_true(made.duties[1].jobs[0].repeats);
    assert_int_equal(made.devices, 764);
}

/* 1030 a second: 900 pings, 120 commands, 5 connections and 5 questions to dispatch. */
static void a_mixture_keeps_a_fleets_proportions(void **state)
{
    struct bench_plan made = plan(BENCH_MIXED, 64, MANY_FILES);
    uint64_t per_second[BENCH_WORKS] = {0};

    (void)state;
    assert_int_equal(made.count, 1);
    assert_true(made.counts_all);
    for (size_t i = 0; i < made.duties[0].job_count; i++)
        per_second[made.duties[0].jobs[i].work] = made.duties[0].jobs[i].per_minute / 60;
    assert_int_equal(per_second[BENCH_WORK_PING], 900);
    assert_int_equal(per_second[BENCH_WORK_COMMANDS], 120);
    assert_int_equal(per_second[BENCH_WORK_CONNECT], 5);
    assert_int_equal(per_second[BENCH_WORK_DISPATCH], 5);
    covers(&made, BENCH_WORK_PING, 64, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_process_does_what_its_files_allow),
        cmocka_unit_test(a_pair_has_two_links),
        cmocka_unit_test(an_app_may_have_several_devices),
        cmocka_unit_test(there_are_no_more_processes_than_connections),
        cmocka_unit_test(without_files_there_is_still_a_bound),
        cmocka_unit_test(all_links_of_a_storm_come_back_at_once),
        cmocka_unit_test(the_probe_has_a_process_of_its_own),
        cmocka_unit_test(a_mixture_keeps_a_fleets_proportions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
