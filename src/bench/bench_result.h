/*
 * bench_result - what the runs of a scenario came to: median and spread, as JSON or as a table.
 *
 * docs/bench.md explains each figure; one that does not apply is absent. Pure; any thread.
 */
#pragma once

#include "base/buf.h"
#include "bench/bench_cpu.h"
#include "bench/bench_histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_RESULT_RUNS_MAX = 99, BENCH_RESULT_PARTS_MAX = 8, BENCH_RESULT_TLS_CAP = 64 };

/* One measured run. */
struct bench_sample {
    uint64_t operations;
    uint64_t errors;
    uint64_t elapsed_us;
    struct bench_cpu cpu; /* the server's, meanwhile */
};

/* What was done of one kind, in all runs. */
struct bench_part {
    const char *name; /* borrowed */
    uint64_t operations;
    uint64_t errors;
    struct bench_histogram latency;
};

struct bench_result {
    const char *scenario; /* borrowed */
    const char *main;     /* the part whose operations are the scenario's; NULL: all parts' are */
    uint64_t pid;         /* the server's; 0: its CPU is not known */
    bool is_beside;       /* most of what the server does is not these operations: no CPU of each */
    char tls[BENCH_RESULT_TLS_CAP];
    size_t runs;
    struct bench_sample samples[BENCH_RESULT_RUNS_MAX];
    uint64_t links; /* open in the measured time; 0: they come and go */
    bool has_rss;
    double rss_kb_each; /* growth of the server's resident memory by each link */
    bool may_resume;
    uint64_t resumed;            /* connections that took a session up again */
    struct bench_histogram late; /* by how much the generator itself was */
    size_t part_count;
    struct bench_part parts[BENCH_RESULT_PARTS_MAX];
};

struct bench_spread {
    double median;
    double low;
    double high;
};

/* Of values[0..count), which are sorted in place; count is above 0. */
struct bench_spread bench_result_spread(double *values, size_t count);

/* One object on one line, with its newline. Result has at least one run. */
void bench_result_json(const struct bench_result *result, struct buf *out);
/* For people: several lines. */
void bench_result_table(const struct bench_result *result, struct buf *out);
