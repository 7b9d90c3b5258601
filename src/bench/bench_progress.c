#include "bench/bench_progress.h"

#include "net/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { SHOW_US = 500000, US_PER_S = 1000000 };

#define CLEAR "\r\033[K"

struct bench_progress bench_progress_begin(const char *scenario)
{
    return (struct bench_progress){
        .scenario = scenario,
        .is_terminal = isatty(STDERR_FILENO) == 1,
    };
}

void bench_progress_step(struct bench_progress *progress, const char *step, uint64_t count)
{
    snprintf(progress->step, sizeof progress->step, "%s", step);
    progress->shown_us = loop_clock_us();
    progress->shown = count;
    fprintf(stderr, progress->is_terminal ? CLEAR "%s: %s ..." : "%s: %s\n", progress->scenario,
            progress->step);
}

void bench_progress_count(struct bench_progress *progress, uint64_t count)
{
    uint64_t now_us = loop_clock_us();
    uint64_t since_us = now_us - progress->shown_us;

    if (!progress->is_terminal || since_us < SHOW_US)
        return;
    fprintf(stderr, CLEAR "%s: %s ... %" PRIu64 "/s", progress->scenario, progress->step,
            (count - progress->shown) * US_PER_S / since_us);
    progress->shown_us = now_us;
    progress->shown = count;
}

void bench_progress_end(struct bench_progress *progress)
{
    if (progress->is_terminal)
        fputs(CLEAR, stderr);
}
