/*
 * bench_plan - which process does what: the work of a scenario, shared out.
 *
 * Pure; any thread.
 */
#pragma once

#include "bench/bench_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_PROCESSES_MAX = 64, BENCH_JOBS_MAX = 4 };

/* What a job's operations are. */
enum bench_work {
    BENCH_WORK_IDLE,
    BENCH_WORK_COMMANDS,
    BENCH_WORK_DISPATCH,
    BENCH_WORK_CONNECT,
    BENCH_WORK_STORM,
    BENCH_WORK_PING,
    BENCH_WORK_GARBAGE,
};

enum { BENCH_WORKS = BENCH_WORK_GARBAGE + 1 };

struct bench_job {
    enum bench_work work;
    uint64_t first;      /* index of its first device */
    uint64_t count;      /* connections, pairs or links; above 0 */
    uint64_t in_flight;  /* how many of them connect at the same time; above 0 */
    uint64_t per_minute; /* operations; 0: as many as go */
    bool repeats;        /* a storm begins again by itself */
};

/* One process. */
struct bench_duty {
    bool is_probe; /* measures how long answers take, and must not be kept waiting itself */
    size_t job_count;
    struct bench_job jobs[BENCH_JOBS_MAX];
};

struct bench_plan {
    bool counts_all;      /* operations of all works are the scenario's, */
    enum bench_work main; /* or those of this one */
    uint64_t devices;     /* ids in use, from --id on */
    uint64_t links;       /* open all the time */
    bool is_by_count;     /* a run ends when all is done, not when its time is over */
    size_t count;
    struct bench_duty duties[BENCH_PROCESSES_MAX];
};

/* `files`: descriptors that a process may have open. */
struct bench_plan bench_plan_make(const struct bench_options *options, uint64_t files);

/* Its name in the figures. */
const char *bench_plan_work_name(enum bench_work work);
