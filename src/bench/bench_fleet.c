#include "bench/bench_fleet.h"

#include "base/alloc.h"
#include "proto/client_message.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void begin_next(struct bench_fleet *fleet)
{
    if (fleet->begun < fleet->job->count && !fleet->run->is_over)
        bench_fleet_begin(fleet, &fleet->links[fleet->begun++]);
}

static bool is_accepted(const struct bench_run *run, struct str answer)
{
    struct message message;

    if (run->options->speaks != BENCH_SWITCHYARD)
        return true;
    return message_parse(answer, &message) == ERR_NONE && message.has_error && message.error == 0;
}

static void keep_session(struct bench_fleet_link *self)
{
    if (!self->fleet->run->options->resume)
        return;
    tls_client_session_free(self->session);
    self->session = tls_client_session_new(bench_link_transport(self->link));
}

static void on_ready(void *ctx, struct bench_link *link, struct str answer)
{
    struct bench_fleet_link *self = ctx;
    struct bench_fleet *fleet = self->fleet;

    (void)link;
    if (!is_accepted(fleet->run, answer)) {
        bench_run_fail(fleet->run, "a client was not accepted");
        return;
    }
    keep_session(self);
    self->is_ready = true;
    fleet->ready++;
    fleet->events->on_ready(fleet, self);
    begin_next(fleet);
    if (fleet->ready == fleet->job->count)
        fleet->events->on_all(fleet);
}

static void on_text(void *ctx, struct bench_link *link, struct str text)
{
    (void)ctx;
    (void)link;
    (void)text;
}

static void on_pong(void *ctx, struct bench_link *link)
{
    struct bench_fleet_link *self = ctx;

    (void)link;
    if (self->fleet->events->on_pong != NULL)
        self->fleet->events->on_pong(self->fleet, self);
}

static void on_lost(void *ctx, struct bench_link *link, const char *why)
{
    struct bench_fleet_link *self = ctx;
    struct bench_fleet *fleet = self->fleet;

    (void)link;
    self->link = NULL;
    if (self->is_ready)
        fleet->ready--;
    self->is_ready = false;
    fleet->events->on_lost(fleet, self, why);
}

static const struct bench_link_events link_events = {
    .on_ready = on_ready,
    .on_text = on_text,
    .on_pong = on_pong,
    .on_lost = on_lost,
};

static void format_hello(const struct bench_fleet *fleet, uint64_t index, const char *id,
                         struct buf *out)
{
    struct client_identity who = bench_run_identity(fleet->run);
    char token[BENCH_TOKEN_CAP];
    char nonce[24];

    if (!fleet->run->options->apps) {
        who.deviceid = str_of(id);
        client_message_format_register(out, &who);
        return;
    }
    bench_run_token(fleet->run, index, token);
    snprintf(nonce, sizeof nonce, "app%" PRIu64, index);
    who.at = str_of(token);
    who.apikey = STR("");
    who.nonce = str_of(nonce);
    client_message_format_user_online(out, &who, STR("1"));
}

void bench_fleet_begin(struct bench_fleet *fleet, struct bench_fleet_link *self)
{
    uint64_t index = fleet->job->first + (uint64_t)(self - fleet->links);
    bool are_apps = fleet->run->options->apps;
    struct buf hello = BUF_EMPTY;
    char id[BENCH_ID_CAP];

    assert(self->link == NULL);
    if (are_apps)
        snprintf(id, sizeof id, "%" PRIu64, index);
    else
        bench_run_device_id(fleet->run, index, id);
    format_hello(fleet, index, id, &hello);
    self->begin_us = loop_clock_us();
    self->link = bench_link_new(fleet->run, &(struct bench_link_config){
                                                .role = are_apps ? BENCH_APP : BENCH_DEVICE,
                                                .work = fleet->job->work,
                                                .id = id,
                                                .hello = buf_str(&hello),
                                                .session = self->session,
                                                .events = &link_events,
                                                .ctx = self,
                                            });
    buf_free(&hello);
}

void bench_fleet_init(struct bench_fleet *fleet, struct bench_run *run, const struct bench_job *job,
                      const struct bench_fleet_events *events)
{
    *fleet = (struct bench_fleet){.run = run, .job = job, .events = events};
    fleet->links = alloc_zero(job->count * sizeof *fleet->links);
    for (uint64_t i = 0; i < job->count; i++)
        fleet->links[i].fleet = fleet;
}

void bench_fleet_fini(struct bench_fleet *fleet)
{
    for (uint64_t i = 0; i < fleet->job->count; i++)
        tls_client_session_free(fleet->links[i].session);
    free(fleet->links);
}

void bench_fleet_open(struct bench_fleet *fleet)
{
    fleet->begun = 0;
    fleet->ready = 0;
    for (uint64_t i = 0; i < fleet->job->in_flight; i++)
        begin_next(fleet);
}

void bench_fleet_abort(struct bench_fleet *fleet)
{
    for (uint64_t i = 0; i < fleet->job->count; i++) {
        struct bench_fleet_link *self = &fleet->links[i];

        if (self->link != NULL)
            bench_link_abort(self->link);
        self->link = NULL;
        self->is_ready = false;
    }
}
