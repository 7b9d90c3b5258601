/*
 * bench_board - what the processes of a bench count, in memory that they share.
 *
 * One row for each process, written by it alone. Counts may be read while it writes; histograms
 * and texts only once it has ended.
 */
#pragma once

#include "bench/bench_histogram.h"
#include "bench/bench_plan.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_WHY_CAP = 256 };

/* Of one kind of work; only while is_measuring. */
struct bench_count {
    atomic_uint_least64_t operations;
    atomic_uint_least64_t errors;
    atomic_uint_least64_t resumed; /* connections that took a session up again */
    struct bench_histogram latency;
};

struct bench_row {
    struct bench_count counts[BENCH_WORKS];
    struct bench_histogram late; /* how much later than due the process itself began something */
    char tls[64];                /* what the last connection negotiated */
    char why[BENCH_WHY_CAP];     /* it failed; empty: it did not */
};

struct bench_board {
    atomic_bool is_measuring;
    size_t count;
    struct bench_row rows[];
};

struct bench_board *bench_board_new(size_t count); /* NULL when there is no memory */
void bench_board_free(struct bench_board *board);  /* accepts NULL */

uint64_t bench_board_operations(const struct bench_board *board, enum bench_work work);
uint64_t bench_board_errors(const struct bench_board *board, enum bench_work work);
uint64_t bench_board_resumed(const struct bench_board *board, enum bench_work work);
void bench_board_latency(const struct bench_board *board, enum bench_work work,
                         struct bench_histogram *out);
void bench_board_late(const struct bench_board *board, struct bench_histogram *out);
/* The first complaint, or NULL. */
const char *bench_board_why(const struct bench_board *board);
