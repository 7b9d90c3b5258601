/*
 * bench_progress - tells on stderr how far a bench is.
 *
 * On a terminal one line that is written anew; else a line for each step.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bench_progress {
    const char *scenario; /* borrowed */
    bool is_terminal;
    char step[64];
    uint64_t shown_us; /* when what follows was shown */
    uint64_t shown;
};

struct bench_progress bench_progress_begin(const char *scenario);
/* Another step begins, whose operations are counted from `count` on. */
void bench_progress_step(struct bench_progress *progress, const char *step, uint64_t count);
/* The step has come so far; to be called now and then. */
void bench_progress_count(struct bench_progress *progress, uint64_t count);
/* Leaves an empty line, so that the figures can follow. */
void bench_progress_end(struct bench_progress *progress);
