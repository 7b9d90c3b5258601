/*
 * bench_cpu - the CPU time and the memory of another process, all of it together, from /proc.
 *
 * Threads that ended meanwhile are lost, so it is for processes that keep theirs.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct bench_cpu {
    uint64_t total_us; /* by the scheduler's count, in nanoseconds there */
    uint64_t user_us;  /* these two by the kernel's clock ticks: for their ratio */
    uint64_t system_us;
};

MUST_USE enum err bench_cpu_read(uint64_t pid, struct bench_cpu *out);

/* What of its memory is resident, by /proc/PID/smaps_rollup. */
MUST_USE enum err bench_cpu_read_rss(uint64_t pid, uint64_t *kb);
