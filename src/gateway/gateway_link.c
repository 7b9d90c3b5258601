#include "gateway/gateway_link.h"

#include "base/pool.h"
#include "gateway/gateway_action.h"
#include "gateway/gateway_rate.h"

#include <assert.h>
#include <inttypes.h>

static enum metric state_gauge(enum gateway_state state)
{
    switch (state) {
    case GATEWAY_NEW:
    case GATEWAY_CHECKING:
        return METRIC_LINK_NEW;
    case GATEWAY_APP:
        return METRIC_LINK_APP;
    case GATEWAY_DEVICE:
        return METRIC_LINK_DEVICE;
    case GATEWAY_REJECTED:
    case GATEWAY_CLOSING:
        return METRIC_LINK_REJECTED;
    }
    return METRIC_LINK_NEW;
}

void gateway_link_set_state(struct gateway_link *link, enum gateway_state state)
{
    struct metric_set *metrics = link->gateway->config.metrics;

    metric_add(metrics, state_gauge((enum gateway_state)link->state), -1);
    link->state = (uint8_t)state;
    metric_add(metrics, state_gauge(state), 1);
}

uint64_t gateway_link_conn_id(void *ctx)
{
    const struct gateway_link *link = ctx;

    return conn_id(ws_link_conn(link->ws));
}

void gateway_link_tell_origin(void *ctx, struct origin *out)
{
    const struct gateway_link *link = ctx;

    out->conn_id = gateway_link_conn_id(ctx);
    out->since_ms = link->since_ms;
    address_format(conn_peer(ws_link_conn(link->ws)), out->peer);
}

/* The domain has the names, so that a link need not. */
const char *gateway_link_account(const struct gateway_link *link)
{
    struct str name = STR_EMPTY;

    if (link->state == GATEWAY_APP && link->session != NULL)
        name = session_apikey(link->session);
    else if (link->state != GATEWAY_APP && link->device != NULL)
        name = device_link_owner(link->device);
    return name.len == 0 ? "-" : name.ptr;
}

const char *gateway_link_deviceid(const struct gateway_link *link)
{
    struct str name = STR_EMPTY;

    if (link->state != GATEWAY_APP && link->device != NULL)
        name = device_link_deviceid(link->device);
    return name.len == 0 ? "-" : name.ptr;
}

/* A line a message; never its text, which may hold a token. */
static void log_message(const struct gateway_link *link, const char *event, const char *action,
                        size_t bytes)
{
    struct log *log = link->gateway->config.log;

    if (log == NULL || !log_is_on(log, LOG_DEBUG))
        return;
    log_debug(log, event, "conn=%" PRIu64 " device=%s action=%s bytes=%zu",
              conn_id(ws_link_conn(link->ws)), gateway_link_deviceid(link),
              action[0] == '\0' ? "-" : action, bytes);
}

void gateway_link_send(struct gateway_link *link)
{
    if (link->state == GATEWAY_CLOSING)
        return;
    log_message(link, "message.out", "", link->gateway->out.len);
    metric_add(link->gateway->config.metrics, METRIC_MESSAGE_OUT, 1);
    ws_link_send(link->ws, buf_str(&link->gateway->out));
}

void gateway_link_reply(struct gateway_link *link, const struct message_reply *reply)
{
    buf_clear(&link->gateway->out);
    message_format_reply(&link->gateway->out, reply);
    gateway_link_send(link);
}

bool gateway_link_fits(const struct gateway_link *link)
{
    const struct gateway *gateway = link->gateway;

    return gateway_dialect_fits(&gateway->config.firmware, (enum gateway_dialect)link->dialect,
                                gateway->out.len);
}

struct command_request gateway_link_request(const struct message *message)
{
    return (struct command_request){
        .deviceid = message->deviceid,
        .apikey = message->apikey,
        .sequence = message->sequence,
        .params = message->params,
    };
}

static void on_silent(struct timer *timer);

/* The timer is not touched by every frame: when it ends, it looks when the last one came. */
void gateway_link_watch(struct gateway_link *link)
{
    struct loop *loop = link->gateway->config.loop;
    uint64_t silent_ms = loop_now_ms(loop) - link->last_frame_ms;
    uint64_t idle_ms = link->gateway->config.idle_ms;

    loop_timer_start(loop, &link->timer, silent_ms < idle_ms ? idle_ms - silent_ms : 0, on_silent);
}

static void on_silent(struct timer *timer)
{
    struct gateway_link *link = CONTAINER_OF(timer, struct gateway_link, timer);
    uint64_t silent_ms = loop_now_ms(link->gateway->config.loop) - link->last_frame_ms;

    if (silent_ms >= link->gateway->config.idle_ms)
        gateway_link_close(link, GATEWAY_CLOSE_IDLE);
    else
        gateway_link_watch(link);
}

/* A device whose register was refused tries again on the same link, within the idle limit. */
static void on_no_handshake(struct timer *timer)
{
    struct gateway_link *link = CONTAINER_OF(timer, struct gateway_link, timer);

    if (link->refused > 0)
        on_silent(timer);
    else
        gateway_link_close(link, GATEWAY_CLOSE_HANDSHAKE_TIMEOUT);
}

/* Before the handshake nothing else is processed; after a refusal everything is answered 406. */
static void on_message_outside(struct gateway_link *link, const struct message *message)
{
    const struct message_reply reply = {.error = 406, .sequence = message->sequence};

    if (link->state == GATEWAY_NEW && message->action == MESSAGE_USER_ONLINE) {
        gateway_user_online(link, message);
    } else if (link->state == GATEWAY_NEW && message->action == MESSAGE_REGISTER) {
        gateway_register(link, message);
    } else {
        gateway_link_reply(link, &reply);
        if (link->state == GATEWAY_NEW)
            gateway_link_reject(link);
    }
}

/* A message of an app or a device that has shaken hands. */
static void on_message_inside(struct gateway_link *link, const struct message *message)
{
    bool is_device = link->state == GATEWAY_DEVICE;

    switch (message->action) {
    case MESSAGE_UPDATE:
        if (is_device)
            gateway_report(link, message);
        else
            gateway_update(link, message);
        break;
    case MESSAGE_UPGRADE:
        if (is_device)
            gateway_error_reply(link, message, 400);
        else
            gateway_upgrade(link, message);
        break;
    case MESSAGE_QUERY:
        gateway_query(link, message);
        break;
    case MESSAGE_DATE:
        gateway_date(link, message);
        break;
    case MESSAGE_SHARE:
    case MESSAGE_UPDATE_SHARE:
    case MESSAGE_CANCEL_SHARE:
        if (is_device)
            gateway_error_reply(link, message, 400);
        else
            gateway_share(link, message);
        break;
    case MESSAGE_RESPONSE: /* of an app: to the offer of a share, and nothing else is awaited */
        if (is_device)
            gateway_ack(link, message);
        else if (message->has_error)
            gateway_share_answer(link, message);
        else
            gateway_error_reply(link, message, 400);
        break;
    case MESSAGE_REGISTER:
        if (is_device)
            gateway_register_again(link, message);
        else
            gateway_error_reply(link, message, 400);
        break;
    case MESSAGE_UNKNOWN:
    case MESSAGE_USER_ONLINE:
    case MESSAGE_RESTART: /* what follows is for us to say */
    case MESSAGE_REDIRECT:
    case MESSAGE_NOTIFY:
    case MESSAGE_SYSMSG:
        gateway_error_reply(link, message, 400);
        break;
    }
}

static void on_message(struct gateway_link *link, const struct message *message)
{
    switch ((enum gateway_state)link->state) {
    case GATEWAY_NEW:
    case GATEWAY_REJECTED:
        on_message_outside(link, message);
        break;
    case GATEWAY_APP:
    case GATEWAY_DEVICE:
        on_message_inside(link, message);
        break;
    case GATEWAY_CHECKING: /* input is paused */
    case GATEWAY_CLOSING:
        break;
    }
}

static void on_text(void *ctx, struct ws_link *ws, char *text, size_t len)
{
    static const struct message_reply bad = {.error = 400, .reason = {"Bad Request", 11}};
    struct gateway_link *link = ctx;
    struct message message;

    if (link->state == GATEWAY_CLOSING)
        return;
    if (message_is_ping((struct str){text, len})) {
        ws_link_send_urgent(ws, STR("pong"));
        return;
    }
    metric_add(link->gateway->config.metrics, METRIC_MESSAGE_IN, 1);
    if (message_parse((struct str){text, len}, &message) == ERR_NONE) {
        log_message(link, "message.in", message_action_name(message.action), len);
        on_message(link, &message);
        return;
    }
    gateway_link_reply(link, &bad);
    if (link->state == GATEWAY_NEW)
        gateway_link_reject(link);
}

static void on_frame(void *ctx, struct ws_link *ws, enum ws_opcode opcode)
{
    struct gateway_link *link = ctx;

    (void)ws;
    (void)opcode;
    gateway_rate_note(link);
    if (link->state != GATEWAY_NEW) /* who is not let in can't stay by pings: only a try counts */
        link->last_frame_ms = loop_now_ms(link->gateway->config.loop);
}

void gateway_link_leave(struct gateway_link *link)
{
    struct gateway *gateway = link->gateway;

    metric_add(gateway->config.metrics, state_gauge((enum gateway_state)link->state), -1);
    timer_stop(&link->timer);
    link_remove(&link->link);
    gateway->link_count--;
}

static enum device_loss gone_loss(const struct gateway_link *link, enum conn_end end)
{
    if (ws_link_has_failed(link->ws))
        return DEVICE_LOSS_PROTOCOL;
    switch (end) {
    case CONN_PEER_CLOSED:
    case CONN_CLOSED:
        return DEVICE_LOSS_CLOSED;
    case CONN_SLOW:
        return DEVICE_LOSS_SLOW;
    case CONN_TLS_FAILED:
    case CONN_INPUT_FULL:
        return DEVICE_LOSS_PROTOCOL;
    }
    return DEVICE_LOSS_CLOSED;
}

static void on_close(void *ctx, struct ws_link *ws, unsigned code, enum conn_end end)
{
    struct gateway_link *link = ctx;

    if (link->state != GATEWAY_CLOSING)
        log_info(link->gateway->config.log, "link.gone",
                 "conn=%" PRIu64 " account=%s device=%s code=%u end=\"%s\"",
                 conn_id(ws_link_conn(ws)), gateway_link_account(link), gateway_link_deviceid(link),
                 code, conn_end_text(end));
    if (ws_link_has_failed(ws))
        metric_add(link->gateway->config.metrics, METRIC_CLOSE_PROTOCOL, 1);
    gateway_link_forget(link, gone_loss(link, end));
    gateway_link_leave(link);
    pool_give_back(link);
}

static const struct ws_handler handler = {
    .on_text = on_text,
    .on_frame = on_frame,
    .on_close = on_close,
};

void gateway_link_join(struct gateway_link *link, struct gateway *gateway)
{
    link->gateway = gateway;
    link->last_frame_ms = loop_now_ms(gateway->config.loop);
    link_insert(&gateway->links, &link->link);
    gateway->link_count++;
    metric_add(gateway->config.metrics, state_gauge((enum gateway_state)link->state), 1);
    ws_link_set_handler(link->ws, &handler, link);
    gateway_link_watch(link);
}

void gateway_link_new(struct gateway *gateway, struct conn *conn)
{
    struct gateway_link *link = pool_take(loop_pool(gateway->config.loop), sizeof *link);

    link_init(&link->link);
    link->ws = ws_link_new(conn, WS_SERVER, gateway->config.max_message_bytes);
    gateway_link_join(link, gateway);
    loop_timer_start(gateway->config.loop, &link->timer, gateway->config.handshake_ms,
                     on_no_handshake);
}
