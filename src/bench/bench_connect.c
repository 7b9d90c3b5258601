#include "bench/bench_load.h"

#include "base/alloc.h"
#include "bench/bench_fleet.h"
#include "bench/bench_pace.h"

#include <stdlib.h>

/*
 * in_flight links at a time, each of a device of its own: opened, registered, closed in order, and
 * then the next device's turn comes. Only that the connection is gone ends the operation. What a
 * device resumes is its own session of its last turn.
 */
struct load {
    struct bench_fleet fleet;
    struct bench_pace pace;
    uint64_t next;
};

static struct load *load_of(struct bench_fleet *fleet)
{
    return CONTAINER_OF(fleet, struct load, fleet);
}

/* The next device that is not busy; there are at least as many as may be in flight. */
static void begin_next(struct load *load)
{
    struct bench_fleet *fleet = &load->fleet;
    struct bench_fleet_link *link;

    do {
        link = &fleet->links[load->next];
        load->next = (load->next + 1) % fleet->job->count;
    } while (link->link != NULL);
    bench_fleet_begin(fleet, link);
}

static void on_ready(struct bench_fleet *fleet, struct bench_fleet_link *link)
{
    (void)fleet;
    bench_link_close(link->link);
}

static void on_all(struct bench_fleet *fleet)
{
    (void)fleet;
}

static void on_lost(struct bench_fleet *fleet, struct bench_fleet_link *link, const char *why)
{
    struct load *load = load_of(fleet);

    if (fleet->run->is_over)
        return;
    if (why == NULL)
        bench_run_done(fleet->run, BENCH_WORK_CONNECT, link->begin_us);
    else
        bench_run_error(fleet->run, BENCH_WORK_CONNECT);
    if (bench_pace_take(&load->pace))
        begin_next(load);
}

static const struct bench_fleet_events events = {
    .on_ready = on_ready,
    .on_all = on_all,
    .on_lost = on_lost,
};

static void on_turn(struct bench_pace *pace)
{
    begin_next(CONTAINER_OF(pace, struct load, pace));
}

static void *open_load(struct bench_run *run, const struct bench_job *job)
{
    struct load *load = alloc_zero(sizeof *load);

    bench_fleet_init(&load->fleet, run, job, &events);
    load->fleet.begun = job->count; /* none opens but by its turn */
    bench_run_ready(run);
    return load;
}

static void go(void *ctx)
{
    struct load *load = ctx;
    const struct bench_job *job = load->fleet.job;

    bench_pace_start(&load->pace, load->fleet.run->loop, job->per_minute, job->in_flight, on_turn);
}

static void close_load(void *ctx)
{
    struct load *load = ctx;

    bench_pace_stop(&load->pace);
    bench_fleet_abort(&load->fleet);
}

static void free_load(void *ctx)
{
    struct load *load = ctx;

    bench_fleet_fini(&load->fleet);
    free(load);
}

const struct bench_load bench_connect = {
    .open = open_load,
    .go = go,
    .close = close_load,
    .free = free_load,
};
