#include "ctl/simulate_run.h"

#include <inttypes.h>
#include <stdio.h>

/* The journey: each step says what it shows and what it sends; its answer leads to the next. */
enum journey_kind { JOURNEY_QUERY, JOURNEY_UPDATE, JOURNEY_PING };

static const struct journey_step {
    enum journey_kind kind;
    const char *title;
    const char *params; /* of an update */
} journey[] = {
    {JOURNEY_PING, "Keep the link alive: a ping every hbInterval seconds, a pong within 3", NULL},
    {JOURNEY_QUERY, "Ask for the device's params: answered from what is stored", NULL},
    {JOURNEY_UPDATE, "Switch it on: to the device, acked by it, stored, then answered",
     "{\"switch\":\"on\"}"},
    {JOURNEY_QUERY, "Ask again: the change is there", NULL},
    {JOURNEY_UPDATE, "Switch it off", "{\"switch\":\"off\"}"},
};

enum { JOURNEY_STEPS = sizeof journey / sizeof *journey };

static void say(const char *text)
{
    printf("\n== %s\n", text);
    fflush(stdout);
}

static void take_step(struct simulated *app)
{
    const struct journey_step *step = &journey[app->step];
    struct client_identity who = *client_identity(app->client);
    struct buf text = BUF_EMPTY;
    char sequence[24];

    say(step->title);
    if (step->kind == JOURNEY_PING) {
        client_ping(app->client);
        return;
    }
    who.apikey = client_apikey(app->client);
    who.deviceid = str_of(app->run->options.journey);
    snprintf(sequence, sizeof sequence, "%" PRId64 "%d", loop_wall_ms(app->run->loop), app->step);
    if (step->kind == JOURNEY_QUERY)
        client_message_format_query(&text, &who, str_of(sequence));
    else
        client_message_format_update(&text, &who, str_of(sequence), str_of(step->params));
    client_send(app->client, buf_str(&text));
    buf_free(&text);
}

static void on_online(void *ctx, struct client *client)
{
    struct simulated *app = ctx;

    (void)client;
    app->run->online++;
    app->step = 0;
    if (app->run->options.journey != NULL)
        take_step(app);
}

static void go_on(struct simulated *app)
{
    if (++app->step < JOURNEY_STEPS) {
        take_step(app);
        return;
    }
    say("Done: dispatched, connected, shaken hands, switched on and off");
    client_stop(app->client);
    simulate_stop(app->run, CTL_OK);
}

static void on_pong(void *ctx, struct client *client)
{
    struct simulated *app = ctx;

    (void)client;
    if (app->run->options.journey != NULL && app->step < JOURNEY_STEPS &&
        journey[app->step].kind == JOURNEY_PING)
        go_on(app);
}

static void on_message(void *ctx, struct client *client, const struct message *message)
{
    struct simulated *app = ctx;

    (void)client;
    if (app->run->options.journey == NULL || !message->has_error)
        return;
    if (message->error != 0) {
        fprintf(stderr, "the server answered error %" PRId64 "\n", message->error);
        simulate_stop(app->run, CTL_REFUSED);
    } else {
        go_on(app);
    }
}

static void on_offline(void *ctx, struct client *client, const char *why)
{
    struct simulated *app = ctx;

    (void)client;
    if (app->run->online > 0)
        app->run->online--;
    if (app->run->is_over)
        return;
    fprintf(stderr, "app: offline: %s\n", why);
    if (app->run->options.once || app->run->options.journey != NULL)
        simulate_stop(app->run, CTL_REFUSED);
}

const struct client_events simulate_app_events = {
    .on_online = on_online,
    .on_message = on_message,
    .on_pong = on_pong,
    .on_offline = on_offline,
    .on_trace = simulate_trace,
};
