/*
 * bench_fleet - many links of one kind, opened a bounded number at a time, and opened again.
 *
 * For the loads whose links are all alike. Private to bench.
 */
#pragma once

#include "bench/bench_link.h"

#include <stddef.h>
#include <stdint.h>

struct bench_fleet;

struct bench_fleet_link {
    struct bench_fleet *fleet;
    struct bench_link *link;            /* NULL: not open */
    struct tls_client_session *session; /* of the connection before; with --resume */
    uint64_t begin_us;                  /* when it was begun */
    bool is_ready;
};

struct bench_fleet_events {
    void (*on_ready)(struct bench_fleet *fleet, struct bench_fleet_link *link);
    /* All are ready, for the first time or again. */
    void (*on_all)(struct bench_fleet *fleet);
    void (*on_pong)(struct bench_fleet *fleet, struct bench_fleet_link *link); /* may be NULL */
    /* It is gone, or was refused (why); bench_fleet_begin() may open it again. */
    void (*on_lost)(struct bench_fleet *fleet, struct bench_fleet_link *link, const char *why);
};

/* Embedded in its owner. */
struct bench_fleet {
    struct bench_run *run;
    const struct bench_job *job;
    const struct bench_fleet_events *events;
    struct bench_fleet_link *links; /* owned: job->count of them */
    uint64_t begun;                 /* the next one to be opened */
    uint64_t ready;
};

void bench_fleet_init(struct bench_fleet *fleet, struct bench_run *run, const struct bench_job *job,
                      const struct bench_fleet_events *events);
/* After bench_fleet_abort() and a turn of the loop. */
void bench_fleet_fini(struct bench_fleet *fleet);

/* Opens all; none may be open. */
void bench_fleet_open(struct bench_fleet *fleet);
/* Opens one, which must not be open. */
void bench_fleet_begin(struct bench_fleet *fleet, struct bench_fleet_link *self);
void bench_fleet_abort(struct bench_fleet *fleet); /* all */
