#include "bench/bench_load.h"

#include "base/alloc.h"
#include "bench/bench_link.h"
#include "bench/bench_pace.h"
#include "proto/client_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { APIKEY_CAP = 64, SEQUENCE_CAP = 24 };

/* Params of --size bytes, in both states of the switch, so that every command changes them. */
enum { STATES = 2 };

struct load {
    struct bench_run *run;
    const struct bench_job *job;
    struct bench_pace pace;
    struct pair *pairs;
    uint64_t begun;
    uint64_t ready;
    uint64_t next;   /* the pair whose turn it is, if it is idle */
    struct buf text; /* of the message that is being sent */
    struct buf params[STATES];
};

struct device {
    struct pair *pair;
    struct bench_link *link;
    char id[BENCH_ID_CAP];
};

/* An app and its devices, which it commands in turn; one, unless --devices says otherwise. */
struct pair {
    struct load *load;
    struct bench_link *app;
    struct device *devices;
    uint64_t device_count;
    uint64_t ready; /* devices */
    uint64_t turn;
    char apikey[APIKEY_CAP]; /* the owner's, from the handshakes */
    char sequence[SEQUENCE_CAP];
    uint64_t number; /* of the command */
    uint64_t begin_us;
    bool is_busy;
};

static struct client_identity identity_of(const struct pair *pair)
{
    struct client_identity who = bench_run_identity(pair->load->run);

    who.apikey = str_of(pair->apikey);
    who.deviceid = str_of(pair->devices[pair->turn].id);
    return who;
}

static void begin_command(struct pair *pair)
{
    struct load *load = pair->load;
    struct client_identity who;

    pair->turn = (pair->turn + 1) % pair->device_count;
    who = identity_of(pair);
    pair->is_busy = true;
    pair->begin_us = loop_clock_us();
    snprintf(pair->sequence, sizeof pair->sequence, "%013" PRIu64, ++pair->number);
    buf_clear(&load->text);
    client_message_format_update(&load->text, &who, str_of(pair->sequence),
                                 buf_str(&load->params[pair->number % STATES]));
    bench_link_send(pair->app, buf_str(&load->text));
}

static void send_ack(struct pair *pair, struct str sequence)
{
    const struct client_identity who = identity_of(pair);
    struct load *load = pair->load;

    buf_clear(&load->text);
    client_message_format_ack(&load->text, &who, 0, sequence);
    bench_link_send(pair->devices[pair->turn].link, buf_str(&load->text));
}

static void on_command_done(struct pair *pair, bool is_ok)
{
    struct load *load = pair->load;

    pair->is_busy = false;
    if (is_ok)
        bench_run_done(load->run, BENCH_WORK_COMMANDS, pair->begin_us);
    else
        bench_run_error(load->run, BENCH_WORK_COMMANDS);
    if (bench_pace_take(&load->pace))
        begin_command(pair);
}

/* An echo returns the command to the app, and the ack to the device; the others pass both on. */
static void on_app_text(void *ctx, struct bench_link *link, struct str text)
{
    struct pair *pair = ctx;
    struct bench_run *run = pair->load->run;
    struct message message;

    (void)link;
    if (run->is_over || !pair->is_busy)
        return;
    if (run->options->speaks == BENCH_ECHO)
        send_ack(pair, str_of(pair->sequence));
    else if (message_parse(text, &message) == ERR_NONE && message.has_error &&
             str_eq(message.sequence, str_of(pair->sequence)))
        on_command_done(pair, message.error == 0);
}

static void on_device_text(void *ctx, struct bench_link *link, struct str text)
{
    struct device *device = ctx;
    struct pair *pair = device->pair;
    struct bench_run *run = pair->load->run;
    struct message message;

    (void)link;
    if (run->is_over)
        return;
    if (run->options->speaks == BENCH_ECHO)
        on_command_done(pair, true);
    else if (message_parse(text, &message) == ERR_NONE && message.action == MESSAGE_UPDATE)
        send_ack(pair, message.sequence);
}

/* ---- setting up: an app, then its devices, then the next pair ---- */

static void on_app_lost(void *ctx, struct bench_link *link, const char *why)
{
    struct pair *pair = ctx;

    (void)link;
    pair->app = NULL;
    bench_run_fail(pair->load->run, why);
}

static void on_device_lost(void *ctx, struct bench_link *link, const char *why)
{
    struct device *device = ctx;

    (void)link;
    device->link = NULL;
    bench_run_fail(device->pair->load->run, why);
}

/* Takes the owner's apikey from the answer to a handshake. An echo has one too: the factory key. A
 * broker's answer is empty, and the factory key does. */
static bool learn(struct pair *pair, struct str answer)
{
    struct bench_run *run = pair->load->run;
    struct message message;

    if (run->options->speaks == BENCH_MQTT)
        return str_copy(str_of(run->options->key), pair->apikey, sizeof pair->apikey);
    if (message_parse(answer, &message) == ERR_NONE &&
        (run->options->speaks == BENCH_ECHO || (message.has_error && message.error == 0)) &&
        str_copy(message.apikey, pair->apikey, sizeof pair->apikey))
        return true;
    bench_run_fail(run, "a handshake was refused");
    return false;
}

static void begin_next(struct load *load);
static void begin_device(struct pair *pair);

static void on_device_ready(void *ctx, struct bench_link *link, struct str answer)
{
    struct device *device = ctx;
    struct pair *pair = device->pair;
    struct load *load = pair->load;

    (void)link;
    if (!learn(pair, answer))
        return;
    if (++pair->ready < pair->device_count) {
        begin_device(pair);
        return;
    }
    load->ready++;
    begin_next(load);
    if (load->ready == load->job->count)
        bench_run_ready(load->run);
}

static const struct bench_link_events device_events = {
    .on_ready = on_device_ready,
    .on_text = on_device_text,
    .on_lost = on_device_lost,
};

static void begin_device(struct pair *pair)
{
    struct device *device = &pair->devices[pair->ready];
    struct client_identity who = bench_run_identity(pair->load->run);
    struct buf hello = BUF_EMPTY;

    who.apikey = str_of(pair->load->run->options->key);
    who.deviceid = str_of(device->id);
    client_message_format_register(&hello, &who);
    device->link =
        bench_link_new(pair->load->run, &(struct bench_link_config){.role = BENCH_DEVICE,
                                                                    .work = BENCH_WORK_COMMANDS,
                                                                    .id = device->id,
                                                                    .hello = buf_str(&hello),
                                                                    .events = &device_events,
                                                                    .ctx = device});
    buf_free(&hello);
}

static void on_app_ready(void *ctx, struct bench_link *link, struct str answer)
{
    struct pair *pair = ctx;

    (void)link;
    if (learn(pair, answer))
        begin_device(pair);
}

static const struct bench_link_events app_events = {
    .on_ready = on_app_ready,
    .on_text = on_app_text,
    .on_lost = on_app_lost,
};

/* Devices are dealt out like cards: the index-th app has the index-th and, from there, every one
 * that is a multiple of the number of apps further. */
static void name_devices(struct pair *pair, uint64_t index)
{
    const struct bench_options *options = pair->load->run->options;
    uint64_t apps = options->connections;

    pair->device_count = options->devices == 0 ? 1 : (options->devices - index + apps - 1) / apps;
    pair->devices = alloc_zero(pair->device_count * sizeof *pair->devices);
    for (uint64_t i = 0; i < pair->device_count; i++) {
        pair->devices[i].pair = pair;
        bench_run_device_id(pair->load->run, index + i * apps, pair->devices[i].id);
    }
}

static void begin_next(struct load *load)
{
    struct pair *pair = &load->pairs[load->begun];
    uint64_t index = load->job->first + load->begun;
    char token[BENCH_TOKEN_CAP];
    struct client_identity who;
    struct buf hello = BUF_EMPTY;

    if (load->begun == load->job->count || load->run->is_over)
        return;
    load->begun++;
    pair->load = load;
    name_devices(pair, index);
    bench_run_token(load->run, index, token);
    who = identity_of(pair);
    who.at = str_of(token);
    client_message_format_user_online(&hello, &who, STR("1"));
    pair->app = bench_link_new(load->run, &(struct bench_link_config){.role = BENCH_APP,
                                                                      .work = BENCH_WORK_COMMANDS,
                                                                      .id = pair->devices->id,
                                                                      .hello = buf_str(&hello),
                                                                      .events = &app_events,
                                                                      .ctx = pair});
    buf_free(&hello);
}

static void format_params(struct load *load)
{
    static const char *const heads[STATES] = {"{\"switch\":\"off\"", "{\"switch\":\"on\""};
    const struct str rest = STR(",\"fill\":\"\"}");
    uint64_t size = load->run->options->size;

    for (size_t i = 0; i < STATES; i++) {
        struct buf *params = &load->params[i];

        buf_append(params, str_of(heads[i]));
        if (size <= params->len + rest.len) {
            buf_append_byte(params, '}');
            continue;
        }
        size_t fill = (size_t)size - params->len - rest.len;

        buf_append(params, str_sub(rest, 0, rest.len - 2));
        memset(buf_reserve(params, fill), 'x', fill);
        params->len += fill;
        buf_append(params, STR("\"}"));
    }
}

/* ---- the load ---- */

static void *open_load(struct bench_run *run, const struct bench_job *job)
{
    struct load *load = alloc_zero(sizeof *load);

    load->run = run;
    load->job = job;
    load->pairs = alloc_zero(job->count * sizeof *load->pairs);
    format_params(load);
    for (uint64_t i = 0; i < job->in_flight; i++)
        begin_next(load);
    return load;
}

static void on_turn(struct bench_pace *pace)
{
    struct load *load = CONTAINER_OF(pace, struct load, pace);
    struct pair *pair;

    do {
        pair = &load->pairs[load->next];
        load->next = (load->next + 1) % load->job->count;
    } while (pair->is_busy);
    begin_command(pair);
}

static void go(void *ctx)
{
    struct load *load = ctx;

    bench_pace_start(&load->pace, load->run->loop, load->job->per_minute, load->job->count,
                     on_turn);
}

static void abort_link(struct bench_link *link)
{
    if (link != NULL)
        bench_link_abort(link);
}

static void close_load(void *ctx)
{
    struct load *load = ctx;

    bench_pace_stop(&load->pace);
    for (uint64_t i = 0; i < load->begun; i++) {
        struct pair *pair = &load->pairs[i];

        abort_link(pair->app);
        for (uint64_t j = 0; j < pair->device_count; j++)
            abort_link(pair->devices[j].link);
    }
}

static void free_load(void *ctx)
{
    struct load *load = ctx;

    buf_free(&load->text);
    for (size_t i = 0; i < STATES; i++)
        buf_free(&load->params[i]);
    for (uint64_t i = 0; i < load->begun; i++)
        free(load->pairs[i].devices);
    free(load->pairs);
    free(load);
}

const struct bench_load bench_commands = {
    .open = open_load,
    .go = go,
    .close = close_load,
    .free = free_load,
};
