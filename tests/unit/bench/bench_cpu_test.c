#include "bench/bench_cpu.h"

#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static uint64_t own_cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void work_for_us(uint64_t us)
{
    uint64_t end = own_cpu_us() + us;

    while (own_cpu_us() < end)
        ;
}

/* The process's own clock brackets each reading, however busy the machine is; /proc lags behind it
 * by at most a tick. */
static void a_process_has_spent_what_its_own_clock_says(void **state)
{
    enum { TICK_US = 20000, WORK_US = 60000 };
    struct bench_cpu cpu;
    uint64_t before;

    (void)state;
    work_for_us(WORK_US);
    before = own_cpu_us();
    assert_int_equal(bench_cpu_read((uint64_t)getpid(), &cpu), ERR_NONE);
    assert_true(cpu.total_us <= own_cpu_us());
    assert_true(cpu.total_us + TICK_US >= before);
    assert_true(cpu.user_us + cpu.system_us > 0);
}

static void a_process_that_is_not_there_is_told(void **state)
{
    struct bench_cpu cpu = {.total_us = 7};

    (void)state;
    assert_int_equal(bench_cpu_read(UINT64_C(99999999999), &cpu), ERR_NOT_FOUND);
    assert_int_equal(cpu.total_us, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_has_spent_what_its_own_clock_says),
        cmocka_unit_test(a_process_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
