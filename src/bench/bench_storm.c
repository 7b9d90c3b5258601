#include "bench/bench_load.h"

#include "base/alloc.h"
#include "bench/bench_fleet.h"

#include <stdlib.h>

/* Cuts all links by reset, and each dials again at once; so does one that is refused. */
struct load {
    struct bench_fleet fleet;
    bool is_on;
    uint64_t cut_us;
    struct loop_task task; /* the next cut, once this turn is over */
};

static struct load *load_of(struct bench_fleet *fleet)
{
    return CONTAINER_OF(fleet, struct load, fleet);
}

static void cut(struct load *load)
{
    load->is_on = true;
    load->cut_us = loop_clock_us();
    bench_fleet_abort(&load->fleet);
    bench_fleet_open(&load->fleet);
}

static void on_next(struct loop_task *task)
{
    struct load *load = CONTAINER_OF(task, struct load, task);

    if (!load->fleet.run->is_over)
        cut(load);
}

static void on_ready(struct bench_fleet *fleet, struct bench_fleet_link *link)
{
    struct load *load = load_of(fleet);

    (void)link;
    if (load->is_on)
        bench_run_done(fleet->run, BENCH_WORK_STORM, load->cut_us);
}

static void on_all(struct bench_fleet *fleet)
{
    struct load *load = load_of(fleet);

    if (load->is_on && fleet->job->repeats)
        loop_task_queue(fleet->run->loop, &load->task);
    else
        bench_run_ready(fleet->run);
}

static void on_lost(struct bench_fleet *fleet, struct bench_fleet_link *link, const char *why)
{
    struct load *load = load_of(fleet);

    if (!load->is_on) {
        bench_run_fail(fleet->run, why);
        return;
    }
    bench_run_error(fleet->run, BENCH_WORK_STORM);
    if (!fleet->run->is_over)
        bench_fleet_begin(fleet, link);
}

static const struct bench_fleet_events events = {
    .on_ready = on_ready,
    .on_all = on_all,
    .on_lost = on_lost,
};

/* All at once is for the storm; setting up is not to be one. */
static void *open_load(struct bench_run *run, const struct bench_job *job)
{
    struct load *load = alloc_zero(sizeof *load);

    load->task.run = on_next;
    bench_fleet_init(&load->fleet, run, job, &events);
    bench_fleet_open(&load->fleet);
    return load;
}

static void go(void *ctx)
{
    cut(ctx);
}

static void close_load(void *ctx)
{
    struct load *load = ctx;

    loop_task_cancel(&load->task);
    bench_fleet_abort(&load->fleet);
}

static void free_load(void *ctx)
{
    struct load *load = ctx;

    bench_fleet_fini(&load->fleet);
    free(load);
}

const struct bench_load bench_storm = {
    .open = open_load,
    .go = go,
    .close = close_load,
    .free = free_load,
};
