#include "ctl/simulate_run.h"

#include <stdio.h>

static struct client_identity identity_of(const struct simulated *device)
{
    struct client_identity who = *client_identity(device->client);

    who.apikey = client_apikey(device->client); /* from the handshake on, the owner's */
    return who;
}

static void report(struct simulated *device)
{
    const struct client_identity who = identity_of(device);
    struct buf text = BUF_EMPTY;
    struct buf params = BUF_EMPTY;

    buf_printf(&params, "{\"switch\":\"%s\",\"fwVersion\":\"3.5.1\",\"rssi\":-42}",
               device->is_on ? "on" : "off");
    client_message_format_report(&text, &who, buf_str(&params));
    client_send(device->client, buf_str(&text));
    buf_free(&params);
    buf_free(&text);
}

static void on_online(void *ctx, struct client *client)
{
    struct simulated *device = ctx;

    (void)client;
    device->run->online++;
    report(device);
}

/* The switch obeys: any other param is accepted and has no effect. */
static void obey(struct simulated *device, const struct message *command)
{
    struct json_member members[MESSAGE_MAX_MEMBERS];
    struct str position;
    size_t count;

    if (json_scan_object(command->params.raw, members, MESSAGE_MAX_MEMBERS, &count) != ERR_NONE)
        return;
    if (json_to_view(json_find(members, count, STR("switch")), &position))
        device->is_on = str_eq(position, STR("on"));
}

static void on_message(void *ctx, struct client *client, const struct message *message)
{
    struct simulated *device = ctx;
    struct buf text = BUF_EMPTY;
    struct client_identity who;

    if (message->action != MESSAGE_UPDATE)
        return;
    who = identity_of(device);
    obey(device, message);
    client_message_format_ack(&text, &who, 0, message->sequence);
    client_send(client, buf_str(&text));
    buf_free(&text);
}

static void on_offline(void *ctx, struct client *client, const char *why)
{
    struct simulated *device = ctx;

    if (device->run->online > 0)
        device->run->online--;
    if (device->run->options.count == 1 || device->run->options.trace)
        fprintf(stderr, "%s: offline: %s\n", device->id, why);
    if (device->run->options.once)
        simulate_stop(device->run, CTL_REFUSED);
    (void)client;
}

const struct client_events simulate_device_events = {
    .on_online = on_online,
    .on_message = on_message,
    .on_offline = on_offline,
    .on_trace = simulate_trace,
};
