#include "ctl/client.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "http/http_reply.h"
#include "ws/ws_handshake.h"
#include "ws/ws_link.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PONG_MS = 3000, /* the founding document: no pong in 3 seconds, and the link is rebuilt */
    STEP_MS = 20000,
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_LAST_MS = 60000,
    REPLY_MAX_BYTES = 8 * 1024,
    MESSAGE_MAX_BYTES = 64 * 1024,
    DEFAULT_BEAT_S = 90, /* when the handshake gives none */
};

enum client_state {
    CLIENT_IDLE,     /* not begun, stopped, or waiting to dial again */
    CLIENT_DISPATCH, /* asking where to connect */
    CLIENT_UPGRADE,  /* connected to the gateway, the WebSocket is being opened */
    CLIENT_SHAKING,  /* userOnline or register has been sent */
    CLIENT_ONLINE,
};

struct client {
    const struct client_config *config;
    enum client_kind kind;
    struct client_identity who;
    void *ctx;
    enum client_state state;
    bool is_stopped;
    bool awaits_pong;
    unsigned attempts; /* since it was last online */
    struct conn *conn;
    struct ws_link *ws;
    struct timer timer; /* of the step, of the pong, or until the next attempt */
    struct timer beat;
    uint64_t beat_ms;
    struct client_route route;
    char key[WS_KEY_CAP];
    char apikey[64];
    char why[64]; /* why the attempt under way has failed; empty: its connection's end tells */
    struct buf out;
};

struct client *client_new(const struct client_config *config, enum client_kind kind,
                          const struct client_identity *who, void *ctx)
{
    struct client *client = alloc_zero(sizeof *client);

    client->config = config;
    client->kind = kind;
    client->who = *who;
    client->ctx = ctx;
    return client;
}

void client_free(struct client *client)
{
    if (client == NULL)
        return;
    timer_stop(&client->timer);
    timer_stop(&client->beat);
    buf_free(&client->out);
    free(client);
}

static void trace(struct client *client, enum client_trace what, struct str text)
{
    if (client->config->events->on_trace != NULL)
        client->config->events->on_trace(client->ctx, client, what, text);
}

static void step(struct client *client, const char *format, const char *detail)
{
    char text[200];

    if (client->config->events->on_trace == NULL)
        return;
    snprintf(text, sizeof text, "%s%s", format, detail);
    trace(client, TRACE_STEP, str_of(text));
}

static void dispatch(struct timer *timer);

/* Half of the back-off is chance, so that a fleet does not come back in one wave. */
static uint64_t backoff_ms(unsigned attempts)
{
    uint64_t limit = BACKOFF_FIRST_MS;

    for (unsigned i = 1; i < attempts && limit < BACKOFF_LAST_MS; i++)
        limit *= 2;
    if (limit > BACKOFF_LAST_MS)
        limit = BACKOFF_LAST_MS;
    return limit / 2 + crypto_random_u64() % (limit / 2 + 1);
}

static void note_error(struct client *client, const char *what, int64_t error)
{
    snprintf(client->why, sizeof client->why, "%s error %" PRId64, what, error);
}

/* The link or the attempt is over: tells, and dials again later. */
static void go_down(struct client *client, const char *how)
{
    timer_stop(&client->timer);
    timer_stop(&client->beat);
    client->conn = NULL;
    client->ws = NULL;
    client->state = CLIENT_IDLE;
    client->attempts++;
    if (client->config->events->on_offline != NULL)
        client->config->events->on_offline(client->ctx, client,
                                           client->why[0] == '\0' ? how : client->why);
    client->why[0] = '\0';
    if (!client->is_stopped && !client->config->once)
        loop_timer_start(client->config->loop, &client->timer, backoff_ms(client->attempts),
                         dispatch);
}

static void on_step_late(struct timer *timer)
{
    struct client *client = CONTAINER_OF(timer, struct client, timer);

    snprintf(client->why, sizeof client->why, "no answer in time");
    if (client->ws != NULL)
        ws_link_abort(client->ws);
    else if (client->conn != NULL)
        conn_abort(client->conn);
}

static void on_conn_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct client *client = ctx;

    if (client->conn == conn)
        go_down(client, end == CONN_TLS_FAILED
                            ? "no TLS; is --ca the root of the server's certificate?"
                            : conn_end_text(end));
}

static struct transport *transport_to(struct client *client, const char *name)
{
    if (client->config->tls == NULL)
        return transport_plain_new();
    return tls_client_transport(client->config->tls, name, true);
}

static bool dial(struct client *client, const struct address *to, const char *name,
                 const struct conn_handler *handler)
{
    const struct client_config *config = client->config;
    char text[ADDRESS_TEXT_CAP];

    step(client,
         client->state == CLIENT_DISPATCH ? "Ask the dispatcher where to connect: "
                                          : "Open a WebSocket at the IP and port it named: ",
         address_format(to, text));
    loop_timer_start(config->loop, &client->timer, STEP_MS, on_step_late);
    if (conn_connect(config->loop, to, transport_to(client, name), config->conn, &client->conn) !=
        ERR_NONE)
        return false;
    conn_set_handler(client->conn, handler, client);
    return true;
}

static void send_traced(struct client *client)
{
    trace(client, TRACE_SENT, buf_str(&client->out));
    conn_send(client->conn, buf_str(&client->out));
}

static void format_now(struct client *client)
{
    client->who.ts = loop_wall_ms(client->config->loop) / 1000;
    buf_clear(&client->out);
}

/* The WebSocket, the last stage, stands first: helpers above their callers. */

void client_ping(struct client *client)
{
    if (client->state != CLIENT_ONLINE)
        return;
    client->awaits_pong = true;
    trace(client, TRACE_SENT, STR("(ping, a control frame)"));
    ws_link_ping(client->ws, STR_EMPTY);
    loop_timer_start(client->config->loop, &client->timer, PONG_MS, on_step_late);
}

static void on_beat(struct timer *timer)
{
    struct client *client = CONTAINER_OF(timer, struct client, beat);

    client_ping(client);
    loop_timer_start(client->config->loop, &client->beat, client->beat_ms, on_beat);
}

static void go_online(struct client *client, const struct message *message)
{
    unsigned beat_s = client_message_parse_beat(message);

    client->state = CLIENT_ONLINE;
    client->attempts = 0;
    timer_stop(&client->timer);
    str_copy(message->apikey, client->apikey, sizeof client->apikey);
    client->beat_ms = (beat_s == 0 ? DEFAULT_BEAT_S : beat_s) * UINT64_C(1000);
    /* The first ping at a time of its own, so that a fleet does not beat as one. */
    loop_timer_start(client->config->loop, &client->beat, crypto_random_u64() % client->beat_ms,
                     on_beat);
    if (client->config->events->on_online != NULL)
        client->config->events->on_online(client->ctx, client);
}

static void on_text(void *ctx, struct ws_link *ws, char *text, size_t len)
{
    struct client *client = ctx;
    struct message message;

    (void)ws;
    trace(client, TRACE_RECEIVED, (struct str){text, len});
    if (message_parse((struct str){text, len}, &message) != ERR_NONE)
        return;
    if (client->state == CLIENT_ONLINE) {
        if (client->config->events->on_message != NULL)
            client->config->events->on_message(client->ctx, client, &message);
    } else if (message.has_error && message.error == 0) {
        go_online(client, &message);
    } else {
        note_error(client, "the handshake was answered", message.error);
        ws_link_close(client->ws, WS_CODE_NORMAL, STR_EMPTY);
    }
}

static void on_frame(void *ctx, struct ws_link *ws, enum ws_opcode opcode)
{
    struct client *client = ctx;

    (void)ws;
    if (opcode != WS_PONG || !client->awaits_pong)
        return;
    client->awaits_pong = false;
    trace(client, TRACE_RECEIVED, STR("(pong)"));
    timer_stop(&client->timer);
    if (client->config->events->on_pong != NULL)
        client->config->events->on_pong(client->ctx, client);
}

static void on_ws_close(void *ctx, struct ws_link *ws, unsigned code, enum conn_end end)
{
    struct client *client = ctx;
    char why[64];

    (void)ws;
    snprintf(why, sizeof why, "close code %u, %s", code, conn_end_text(end));
    go_down(client, why);
}

static void on_abandoned_text(void *ctx, struct ws_link *ws, char *text, size_t len)
{
    (void)ctx;
    (void)ws;
    (void)text;
    (void)len;
}

static void on_abandoned_close(void *ctx, struct ws_link *ws, unsigned code, enum conn_end end)
{
    (void)ctx;
    (void)ws;
    (void)code;
    (void)end;
}

static const struct ws_handler ws_silent = {
    .on_text = on_abandoned_text,
    .on_close = on_abandoned_close,
};

static const struct ws_handler ws_events = {
    .on_text = on_text,
    .on_frame = on_frame,
    .on_close = on_ws_close,
};

static void shake_hands(struct client *client)
{
    char sequence[24];

    client->state = CLIENT_SHAKING;
    client->awaits_pong = false;
    client->ws = ws_link_new(client->conn, WS_CLIENT, MESSAGE_MAX_BYTES);
    ws_link_set_handler(client->ws, &ws_events, client);
    format_now(client);
    snprintf(sequence, sizeof sequence, "%" PRId64, loop_wall_ms(client->config->loop));
    if (client->kind == CLIENT_APP)
        client_message_format_user_online(&client->out, &client->who, str_of(sequence));
    else
        client_message_format_register(&client->out, &client->who);
    step(client, "Shake hands: say who we are, and learn how often to ping", "");
    trace(client, TRACE_SENT, buf_str(&client->out));
    ws_link_send(client->ws, buf_str(&client->out));
}

static size_t on_upgrade_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct client *client = ctx;
    size_t head_bytes = 0;

    switch (ws_handshake_check((struct str){data, len}, client->key, STR_EMPTY, &head_bytes)) {
    case WS_REPLY_MORE:
        return 0;
    case WS_REPLY_REFUSED:
        trace(client, TRACE_RECEIVED, (struct str){data, len});
        conn_close(conn);
        return len;
    case WS_REPLY_ACCEPTED:
        trace(client, TRACE_RECEIVED, str_trim((struct str){data, head_bytes}));
        shake_hands(client);
        return head_bytes;
    }
    return len;
}

static void on_gateway_open(void *ctx, struct conn *conn)
{
    struct client *client = ctx;
    char host[300];

    (void)conn;
    snprintf(host, sizeof host, "%s:%u", client->route.ip, (unsigned)client->route.port);
    buf_clear(&client->out);
    ws_handshake_request(&client->out, str_of(host), STR("/api/ws"), STR_EMPTY, client->key);
    send_traced(client);
}

static const struct conn_handler gateway_events = {
    .on_data = on_upgrade_data,
    .on_close = on_conn_close,
    .on_open = on_gateway_open,
};

/* Dispatch, the first stage. */

static void connect_to_gateway(struct client *client)
{
    char text[ADDRESS_TEXT_CAP];
    struct address to;

    client->state = CLIENT_UPGRADE;
    snprintf(text, sizeof text, strchr(client->route.ip, ':') == NULL ? "%.50s:%u" : "[%.50s]:%u",
             client->route.ip, (unsigned)client->route.port);
    if (address_parse(str_of(text), &to) != ERR_NONE ||
        !dial(client, &to, client->route.ip, &gateway_events))
        go_down(client, "can't connect to where dispatch said");
}

/* A connection that has served: its close is nobody's to hear of. */
static void on_served_close(void *ctx, struct conn *conn, enum conn_end end)
{
    (void)ctx;
    (void)conn;
    (void)end;
}

static size_t on_served_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    (void)ctx;
    (void)conn;
    (void)data;
    return len;
}

static const struct conn_handler left_alone = {
    .on_data = on_served_data,
    .on_close = on_served_close,
};

static size_t on_dispatch_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct client *client = ctx;
    struct http_reply reply;
    enum http_parse parsed = http_reply_parse((struct str){data, len}, REPLY_MAX_BYTES, &reply);

    if (parsed == HTTP_PARSE_MORE)
        return 0;
    trace(client, TRACE_RECEIVED, (struct str){data, len});
    client->route.error = 0;
    if (parsed == HTTP_PARSE_BAD ||
        client_message_parse_route(reply.body, &client->route) != ERR_NONE ||
        client->route.error != 0) {
        if (client->route.error != 0)
            note_error(client, "dispatch answered", client->route.error);
        conn_close(conn);
        return len;
    }
    conn_set_handler(conn, &left_alone, NULL);
    conn_close(conn);
    client->conn = NULL;
    connect_to_gateway(client);
    return len;
}

static void on_dispatcher_open(void *ctx, struct conn *conn)
{
    struct client *client = ctx;
    struct buf body = BUF_EMPTY;

    (void)conn;
    format_now(client);
    if (client->kind == CLIENT_APP)
        client_message_format_dispatch(&body, &client->who);
    else
        client_message_format_dispatch_device(&body, &client->who);
    buf_printf(&client->out, "POST /dispatch/%s HTTP/1.1\r\nHost: %s\r\n",
               client->kind == CLIENT_APP ? "app" : "device", client->config->dispatcher_name);
    if (client->kind == CLIENT_APP)
        buf_printf(&client->out, "Authorization: Bearer " STR_FMT "\r\n", STR_ARG(client->who.at));
    buf_printf(&client->out, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               body.len);
    buf_append(&client->out, buf_str(&body));
    buf_free(&body);
    send_traced(client);
}

static const struct conn_handler dispatcher_events = {
    .on_data = on_dispatch_data,
    .on_close = on_conn_close,
    .on_open = on_dispatcher_open,
};

static void dispatch(struct timer *timer)
{
    struct client *client = CONTAINER_OF(timer, struct client, timer);

    client->state = CLIENT_DISPATCH;
    if (!dial(client, &client->config->dispatcher, client->config->dispatcher_name,
              &dispatcher_events))
        go_down(client, "can't connect to the dispatcher");
}

void client_start(struct client *client, uint64_t delay_ms)
{
    client->is_stopped = false;
    loop_timer_start(client->config->loop, &client->timer, delay_ms, dispatch);
}

void client_stop(struct client *client)
{
    client->is_stopped = true;
    timer_stop(&client->timer);
    timer_stop(&client->beat);
    if (client->ws != NULL)
        ws_link_close(client->ws, WS_CODE_NORMAL, STR_EMPTY);
    else if (client->conn != NULL)
        conn_close(client->conn);
}

void client_abandon(struct client *client)
{
    client->is_stopped = true;
    timer_stop(&client->timer);
    timer_stop(&client->beat);
    if (client->ws != NULL) {
        ws_link_set_handler(client->ws, &ws_silent, NULL);
        ws_link_abort(client->ws);
    } else if (client->conn != NULL) {
        conn_set_handler(client->conn, &left_alone, NULL);
        conn_abort(client->conn);
    }
    client->ws = NULL;
    client->conn = NULL;
}

bool client_send(struct client *client, struct str text)
{
    if (client->state != CLIENT_ONLINE)
        return false;
    trace(client, TRACE_SENT, text);
    return ws_link_send(client->ws, text);
}

struct str client_apikey(const struct client *client)
{
    return str_of(client->apikey);
}

const struct client_identity *client_identity(const struct client *client)
{
    return &client->who;
}
