#include "bench/bench_load.h"

#include "base/alloc.h"
#include "bench/bench_fleet.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

/*
 * Links that take turns to ping, at times that are fixed beforehand: ping k is due
 * k * interval after the start, on link k % count, whether those before it were answered or not.
 * How long an answer took counts from when the ping was due; how late it was sent is counted apart.
 */
enum {
    UNANSWERED_MAX = 64,  /* of a link; more are errors, and not sent */
    FORGOTTEN_US = 50000, /* so old, a ping is counted with its age at the end */
    US_PER_S = 1000000,
    NS_PER_US = 1000,
};

/* When the unanswered pings of a link were due; answers come in their order. */
struct waiting {
    uint64_t due_us[UNANSWERED_MAX];
    unsigned first;
    unsigned count;
};

struct load {
    struct bench_fleet fleet;
    struct waiting *waiting; /* of each link */
    uint64_t begin_us;
    uint64_t sent;
    struct loop_watch watch; /* of a timer as exact as the system has one */
};

static struct load *load_of(struct bench_fleet *fleet)
{
    return CONTAINER_OF(fleet, struct load, fleet);
}

static uint64_t due_us(const struct load *load, uint64_t number)
{
    uint64_t per_minute = load->fleet.job->per_minute;
    uint64_t us_a_minute = UINT64_C(60) * US_PER_S;

    return load->begin_us + number / per_minute * us_a_minute +
           number % per_minute * us_a_minute / per_minute;
}

static void set_timer(struct load *load)
{
    uint64_t at_us = due_us(load, load->sent);
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(at_us / US_PER_S),
                     .tv_nsec = (long)(at_us % US_PER_S) * NS_PER_US},
    };

    if (timerfd_settime(load->watch.fd, TFD_TIMER_ABSTIME, &when, NULL) != 0)
        bench_run_fail(load->fleet.run, "a timer can't be set");
}

/* Every other link pings as WebSocket has it, where the server understands that. */
static bool pings_by_frame(const struct load *load, uint64_t index)
{
    return load->fleet.run->options->speaks == BENCH_SWITCHYARD && index % 2 == 1;
}

static void send_ping(struct load *load, uint64_t number, uint64_t now_us)
{
    uint64_t index = number % load->fleet.job->count;
    struct waiting *waiting = &load->waiting[index];
    struct bench_run *run = load->fleet.run;

    if (waiting->count == UNANSWERED_MAX) {
        bench_run_error(run, BENCH_WORK_PING);
        return;
    }
    waiting->due_us[(waiting->first + waiting->count++) % UNANSWERED_MAX] = due_us(load, number);
    bench_histogram_add(&run->row->late, now_us - due_us(load, number));
    bench_link_ping(load->fleet.links[index].link, pings_by_frame(load, index));
}

static void on_due(struct loop_watch *watch, unsigned events)
{
    struct load *load = CONTAINER_OF(watch, struct load, watch);
    uint64_t now_us = loop_clock_us();
    uint64_t times;

    (void)events;
    if (read(watch->fd, &times, sizeof times) != (ssize_t)sizeof times)
        return;
    while (due_us(load, load->sent) <= now_us && !load->fleet.run->is_over)
        send_ping(load, load->sent++, now_us);
    set_timer(load);
}

static void on_pong(struct bench_fleet *fleet, struct bench_fleet_link *link)
{
    struct load *load = load_of(fleet);
    struct waiting *waiting = &load->waiting[link - fleet->links];

    if (waiting->count == 0)
        return;
    bench_run_done(fleet->run, BENCH_WORK_PING, waiting->due_us[waiting->first]);
    waiting->first = (waiting->first + 1) % UNANSWERED_MAX;
    waiting->count--;
}

static void on_ready(struct bench_fleet *fleet, struct bench_fleet_link *link)
{
    (void)fleet;
    (void)link;
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
    .on_pong = on_pong,
    .on_lost = on_lost,
};

static void *open_load(struct bench_run *run, const struct bench_job *job)
{
    struct load *load = alloc_zero(sizeof *load);
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    load->watch.on_ready = on_due;
    load->waiting = alloc_zero(job->count * sizeof *load->waiting);
    bench_fleet_init(&load->fleet, run, job, &events);
    if (fd < 0 || loop_watch_start(run->loop, &load->watch, fd, LOOP_READABLE) != ERR_NONE)
        bench_run_fail(run, "no timer is left");
    else
        bench_fleet_open(&load->fleet);
    return load;
}

static void go(void *ctx)
{
    struct load *load = ctx;

    load->begin_us = loop_clock_us();
    load->sent = 0;
    set_timer(load);
}

/* A ping that is still not answered has taken so long at least; to leave it out would be to leave
 * out the worst. */
static void count_forgotten(struct load *load)
{
    struct bench_histogram *latency = &load->fleet.run->row->counts[BENCH_WORK_PING].latency;
    uint64_t now_us = loop_clock_us();

    for (uint64_t i = 0; i < load->fleet.job->count && latency->count > 0; i++) {
        const struct waiting *waiting = &load->waiting[i];

        for (unsigned at = 0; at < waiting->count; at++) {
            uint64_t age_us = now_us - waiting->due_us[(waiting->first + at) % UNANSWERED_MAX];

            if (age_us > FORGOTTEN_US)
                bench_histogram_add(latency, age_us);
        }
    }
}

static void close_load(void *ctx)
{
    struct load *load = ctx;

    count_forgotten(load);
    loop_watch_stop(&load->watch);
    bench_fleet_abort(&load->fleet);
}

static void free_load(void *ctx)
{
    struct load *load = ctx;

    close(load->watch.fd);
    bench_fleet_fini(&load->fleet);
    free(load->waiting);
    free(load);
}

const struct bench_load bench_ping = {
    .open = open_load,
    .go = go,
    .close = close_load,
    .free = free_load,
};
