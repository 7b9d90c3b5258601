#include "bench/bench_load.h"

#include "base/alloc.h"
#include "bench/bench_fleet.h"

#include <stdlib.h>

/* Nothing is set up: that the links open is what is measured. */
struct load {
    struct bench_fleet fleet;
};

static void on_ready(struct bench_fleet *fleet, struct bench_fleet_link *link)
{
    bench_run_done(fleet->run, BENCH_WORK_IDLE, link->begin_us);
}

static void on_all(struct bench_fleet *fleet)
{
    bench_run_ready(fleet->run);
}

static void on_lost(struct bench_fleet *fleet, struct bench_fleet_link *link, const char *why)
{
    (void)link;
    bench_run_fail(fleet->run, why);
}

static const struct bench_fleet_events events = {
    .on_ready = on_ready,
    .on_all = on_all,
    .on_lost = on_lost,
};

static void *open_load(struct bench_run *run, const struct bench_job *job)
{
    struct load *load = alloc_zero(sizeof *load);

    bench_fleet_init(&load->fleet, run, job, &events);
    bench_run_ready(run);
    return load;
}

static void go(void *ctx)
{
    struct load *load = ctx;

    bench_fleet_open(&load->fleet);
}

static void close_load(void *ctx)
{
    struct load *load = ctx;

    bench_fleet_abort(&load->fleet);
}

static void free_load(void *ctx)
{
    struct load *load = ctx;

    bench_fleet_fini(&load->fleet);
    free(load);
}

const struct bench_load bench_idle = {
    .open = open_load,
    .go = go,
    .close = close_load,
    .free = free_load,
};
