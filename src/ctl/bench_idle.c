#include "ctl/bench_idle.h"

#include "base/alloc.h"
#include "ctl/bench_link.h"
#include "proto/client_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct device {
    struct bench_link *link;
};

struct fleet {
    struct bench_run *run;
    struct device *devices;
    uint64_t begun;
    uint64_t ready;
    uint64_t rss_kb; /* the server's, before */
    struct loop_watch input;
};

void bench_idle_id(const struct bench_options *options, uint64_t index, char out[BENCH_ID_CAP])
{
    snprintf(out, BENCH_ID_CAP, "%0*llx", (int)strlen(options->id),
             strtoull(options->id, NULL, 16) + index);
}

static void on_ready(void *ctx, struct bench_link *link, struct str answer);

static void on_text(void *ctx, struct bench_link *link, struct str text)
{
    (void)ctx;
    (void)link;
    (void)text;
}

static void on_lost(void *ctx, struct bench_link *link, const char *why)
{
    struct fleet *fleet = ctx;

    (void)link;
    bench_run_fail(fleet->run, why);
}

static const struct bench_link_events events = {
    .on_ready = on_ready,
    .on_text = on_text,
    .on_lost = on_lost,
};

static void begin_next(struct fleet *fleet)
{
    const struct bench_options *options = fleet->run->options;
    char id[BENCH_ID_CAP];
    struct client_identity who = {
        .apikey = str_of(options->key),
        .model = STR("BENCH-1"),
        .ts = loop_wall_ms(fleet->run->loop) / 1000,
    };
    struct buf hello = BUF_EMPTY;

    if (fleet->begun == options->connections || fleet->run->has_failed)
        return;
    bench_idle_id(options, fleet->begun, id);
    who.deviceid = str_of(id);
    client_message_format_register(&hello, &who);
    fleet->devices[fleet->begun++].link =
        bench_link_new(fleet->run, buf_str(&hello), &events, fleet);
    buf_free(&hello);
}

static void on_input(struct loop_watch *watch, unsigned ready)
{
    struct fleet *fleet = CONTAINER_OF(watch, struct fleet, input);
    char ignored[64];

    (void)ready;
    if (read(watch->fd, ignored, sizeof ignored) <= 0)
        loop_stop(fleet->run->loop);
}

/* Prints, then holds or ends. */
static void finish(struct fleet *fleet)
{
    struct bench_run *run = fleet->run;

    if (!run->has_failed)
        bench_run_print(run);
    if (!run->options->hold) {
        loop_stop(run->loop);
        return;
    }
    fleet->input.on_ready = on_input;
    if (loop_watch_start(run->loop, &fleet->input, STDIN_FILENO, LOOP_READABLE) != ERR_NONE)
        bench_run_fail(run, "--hold needs a standard input that is a pipe or a terminal");
}

static uint64_t read_rss(struct bench_run *run)
{
    uint64_t kb = 0;

    if (run->options->pid != 0 && bench_cpu_read_rss(run->options->pid, &kb) != ERR_NONE)
        bench_run_fail(run, "can't read the memory of --pid");
    return kb;
}

static void on_settled(struct timer *timer)
{
    struct bench_run *run = CONTAINER_OF(timer, struct bench_run, timer);
    struct fleet *fleet = run->load;
    double grown_kb = (double)read_rss(run) - (double)fleet->rss_kb;

    run->result.has_rss = run->options->pid != 0;
    run->result.rss_kb_each = grown_kb / (double)fleet->ready;
    finish(fleet);
}

/* All are there. What the server needed only to let them in goes back in the time to settle. */
static void settle(struct fleet *fleet)
{
    struct bench_run *run = fleet->run;

    bench_run_end(run);
    run->result.links = fleet->ready;
    loop_timer_start(run->loop, &run->timer, run->options->for_ms, on_settled);
}

static bool is_accepted(const struct fleet *fleet, struct str answer)
{
    struct message message;

    if (fleet->run->options->speaks == BENCH_ECHO)
        return true;
    return message_parse(answer, &message) == ERR_NONE && message.has_error && message.error == 0;
}

static void on_ready(void *ctx, struct bench_link *link, struct str answer)
{
    struct fleet *fleet = ctx;

    (void)link;
    if (!is_accepted(fleet, answer)) {
        bench_run_fail(fleet->run, "a device was not accepted");
        return;
    }
    bench_run_count(fleet->run);
    if (++fleet->ready == fleet->run->options->connections)
        settle(fleet);
    else
        begin_next(fleet);
}

void bench_idle(struct bench_run *run)
{
    const struct bench_options *options = run->options;
    struct fleet fleet = {.run = run, .rss_kb = read_rss(run)};

    run->load = &fleet;
    fleet.devices = alloc_zero(options->connections * sizeof *fleet.devices);
    bench_run_begin(run);
    for (uint64_t i = 0; i < options->in_flight; i++)
        begin_next(&fleet);
    if (!run->has_failed)
        loop_run(run->loop);
    run->is_over = true;
    loop_watch_stop(&fleet.input);
    for (uint64_t i = 0; i < fleet.begun; i++)
        bench_link_abort(fleet.devices[i].link);
    loop_turn(run->loop, 0);
    loop_turn(run->loop, 0);
    for (uint64_t i = 0; i < fleet.begun; i++)
        bench_link_free(fleet.devices[i].link);
    free(fleet.devices);
}
