/*
 * bench_run - what the connections of one run share, and the time that is measured.
 *
 * Private to bench. Operations are counted only between bench_run_begin() and bench_run_end().
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "ctl/bench_cpu.h"
#include "ctl/bench_options.h"
#include "ctl/bench_result.h"
#include "net/address.h"
#include "net/conn.h"
#include "net/loop.h"
#include "net/tls_client.h"

#include <stdbool.h>
#include <stdint.h>

struct bench_run {
    const struct bench_options *options;
    struct loop *loop;
    struct tls_client *tls;
    struct conn_config conn;
    struct address server;
    char host[ADDRESS_TEXT_CAP]; /* for the Host header */
    bool is_measuring;
    bool is_over;
    bool has_failed;
    uint64_t operations;
    uint64_t errors;
    uint64_t begin_us;
    struct bench_cpu begin_cpu;
    struct bench_result result;
    void *load; /* borrowed: the scenario's own */
    struct timer timer;
    struct timer progress;
    uint64_t shown; /* operations at the last line of progress */
};

/* Complains to stderr when the server's name can't be resolved. options are borrowed. */
MUST_USE enum err bench_run_open(const struct bench_options *options, struct bench_run *out);
void bench_run_close(struct bench_run *run);

/* A new connection to the server, never resumed; NULL (and the run has failed) when there is none.
 */
struct conn *bench_run_dial(struct bench_run *run, const struct conn_handler *handler, void *ctx);

void bench_run_begin(struct bench_run *run);
void bench_run_end(struct bench_run *run);
/* Warms up, measures as many runs as asked for, and stops the loop; by timers. */
void bench_run_schedule(struct bench_run *run);

static inline void bench_run_count(struct bench_run *run)
{
    run->operations += run->is_measuring;
}

void bench_run_error(struct bench_run *run);
/* Complains, once, and stops the loop. */
void bench_run_fail(struct bench_run *run, const char *why);

void bench_run_print(const struct bench_run *run);
