#include "ctl/bench_commands.h"

#include "base/alloc.h"
#include "ctl/bench_idle.h"
#include "ctl/bench_link.h"
#include "proto/client_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { APIKEY_CAP = 64, TOKEN_CAP = 160, SEQUENCE_CAP = 24 };

struct load {
    struct bench_run *run;
    struct pair *pairs;
    uint64_t begun;
    uint64_t ready;
    struct buf text; /* of the message that is being sent */
};

struct pair {
    struct load *load;
    uint64_t index;
    struct bench_link *app;
    struct bench_link *device;
    char deviceid[BENCH_ID_CAP];
    char apikey[APIKEY_CAP]; /* the owner's, from the handshakes */
    char sequence[SEQUENCE_CAP];
    uint64_t number; /* of the command */
};

static struct client_identity identity_of(const struct pair *pair)
{
    const struct bench_options *options = pair->load->run->options;

    return (struct client_identity){
        .appid = str_of(options->appid),
        .apikey = str_of(pair->apikey),
        .deviceid = str_of(pair->deviceid),
        .model = STR("BENCH-1"),
        .nonce = STR("a1b2c3d4"),
        .ts = loop_wall_ms(pair->load->run->loop) / 1000,
    };
}

static void send_update(struct pair *pair)
{
    const struct client_identity who = identity_of(pair);
    struct load *load = pair->load;

    snprintf(pair->sequence, sizeof pair->sequence, "%013" PRIu64, ++pair->number);
    buf_clear(&load->text);
    client_message_format_update(&load->text, &who, str_of(pair->sequence),
                                 pair->number % 2 == 0 ? STR("{\"switch\":\"off\"}")
                                                       : STR("{\"switch\":\"on\"}"));
    bench_link_send(pair->app, buf_str(&load->text));
}

static void send_ack(struct pair *pair, struct str sequence)
{
    const struct client_identity who = identity_of(pair);
    struct load *load = pair->load;

    buf_clear(&load->text);
    client_message_format_ack(&load->text, &who, 0, sequence);
    bench_link_send(pair->device, buf_str(&load->text));
}

static void on_command_done(struct pair *pair, bool is_ok)
{
    if (is_ok)
        bench_run_count(pair->load->run);
    else
        bench_run_error(pair->load->run);
    send_update(pair);
}

static void on_app_text(void *ctx, struct bench_link *link, struct str text)
{
    struct pair *pair = ctx;
    struct message message;

    (void)link;
    if (pair->load->run->is_over)
        return;
    if (pair->load->run->options->speaks == BENCH_ECHO)
        send_ack(pair, str_of(pair->sequence));
    else if (message_parse(text, &message) == ERR_NONE && message.has_error &&
             str_eq(message.sequence, str_of(pair->sequence)))
        on_command_done(pair, message.error == 0);
}

static void on_device_text(void *ctx, struct bench_link *link, struct str text)
{
    struct pair *pair = ctx;
    struct message message;

    (void)link;
    if (pair->load->run->is_over)
        return;
    if (pair->load->run->options->speaks == BENCH_ECHO)
        on_command_done(pair, true);
    else if (message_parse(text, &message) == ERR_NONE && message.action == MESSAGE_UPDATE)
        send_ack(pair, message.sequence);
}

static void on_lost(void *ctx, struct bench_link *link, const char *why)
{
    struct pair *pair = ctx;

    (void)link;
    bench_run_fail(pair->load->run, why);
}

/* Takes the owner's apikey from the answer to a handshake. An echo has one too: the factory key. */
static bool learn(struct pair *pair, struct str answer)
{
    struct bench_run *run = pair->load->run;
    struct message message;
    bool is_fine =
        message_parse(answer, &message) == ERR_NONE &&
        (run->options->speaks == BENCH_ECHO || (message.has_error && message.error == 0));

    if (is_fine && str_copy(message.apikey, pair->apikey, sizeof pair->apikey))
        return true;
    bench_run_fail(run, "a handshake was refused");
    return false;
}

static void begin_next(struct load *load);

static void on_device_ready(void *ctx, struct bench_link *link, struct str answer)
{
    struct pair *pair = ctx;
    struct load *load = pair->load;

    (void)link;
    if (!learn(pair, answer))
        return;
    load->ready++;
    begin_next(load);
    if (load->ready < load->run->options->connections)
        return;
    for (uint64_t i = 0; i < load->ready; i++)
        send_update(&load->pairs[i]);
    bench_run_schedule(load->run);
}

static const struct bench_link_events device_events = {
    .on_ready = on_device_ready,
    .on_text = on_device_text,
    .on_lost = on_lost,
};

static void on_app_ready(void *ctx, struct bench_link *link, struct str answer)
{
    struct pair *pair = ctx;
    struct client_identity who;
    struct buf hello = BUF_EMPTY;

    (void)link;
    if (!learn(pair, answer))
        return;
    who = identity_of(pair);
    who.apikey = str_of(pair->load->run->options->key);
    client_message_format_register(&hello, &who);
    pair->device = bench_link_new(pair->load->run, buf_str(&hello), &device_events, pair);
    buf_free(&hello);
}

static const struct bench_link_events app_events = {
    .on_ready = on_app_ready,
    .on_text = on_app_text,
    .on_lost = on_lost,
};

static void begin_next(struct load *load)
{
    const struct bench_options *options = load->run->options;
    struct pair *pair = &load->pairs[load->begun];
    char token[TOKEN_CAP];
    struct client_identity who;
    struct buf hello = BUF_EMPTY;

    if (load->begun == options->connections || load->run->has_failed)
        return;
    pair->load = load;
    pair->index = load->begun++;
    bench_idle_id(options, pair->index, pair->deviceid);
    snprintf(token, sizeof token, "%s%" PRIu64, options->token, pair->index);
    who = identity_of(pair);
    who.at = str_of(token);
    client_message_format_user_online(&hello, &who, STR("1"));
    pair->app = bench_link_new(load->run, buf_str(&hello), &app_events, pair);
    buf_free(&hello);
}

static void abort_link(struct bench_link *link)
{
    if (link != NULL)
        bench_link_abort(link);
}

void bench_commands(struct bench_run *run)
{
    struct load load = {.run = run};

    load.pairs = alloc_zero(run->options->connections * sizeof *load.pairs);
    for (uint64_t i = 0; i < run->options->in_flight; i++)
        begin_next(&load);
    if (!run->has_failed)
        loop_run(run->loop);
    run->is_over = true;
    for (uint64_t i = 0; i < load.begun; i++) {
        abort_link(load.pairs[i].app);
        abort_link(load.pairs[i].device);
    }
    loop_turn(run->loop, 0);
    loop_turn(run->loop, 0);
    for (uint64_t i = 0; i < load.begun; i++) {
        bench_link_free(load.pairs[i].app);
        bench_link_free(load.pairs[i].device);
    }
    buf_free(&load.text);
    free(load.pairs);
}
