/* gateway_close - how a link ends, and what its client is told of it. */
#include "gateway/gateway_link.h"

#include <inttypes.h>

struct close_kind {
    unsigned code;
    struct str reason;
    enum metric metric;
};

static enum device_loss close_loss(enum gateway_close why)
{
    switch (why) {
    case GATEWAY_CLOSE_IDLE:
        return DEVICE_LOSS_IDLE;
    case GATEWAY_CLOSE_REVOKED:
        return DEVICE_LOSS_REVOKED;
    case GATEWAY_CLOSE_KICKED:
        return DEVICE_LOSS_KICKED;
    case GATEWAY_CLOSE_SHUTDOWN:
        return DEVICE_LOSS_STOPPED;
    case GATEWAY_CLOSE_HANDSHAKE_TIMEOUT:
    case GATEWAY_CLOSE_REJECTED:
    case GATEWAY_CLOSE_REPLACED:
    case GATEWAY_CLOSE_LIMIT:
    case GATEWAY_CLOSE_FAILED:
        return DEVICE_LOSS_FAILED;
    }
    return DEVICE_LOSS_FAILED;
}

static struct close_kind close_kind(enum gateway_close why)
{
    switch (why) {
    case GATEWAY_CLOSE_IDLE:
        return (struct close_kind){WS_CODE_NORMAL, STR("idle"), METRIC_CLOSE_IDLE};
    case GATEWAY_CLOSE_HANDSHAKE_TIMEOUT:
        return (struct close_kind){WS_CODE_POLICY, STR("no handshake"),
                                   METRIC_CLOSE_HANDSHAKE_TIMEOUT};
    case GATEWAY_CLOSE_REJECTED:
        return (struct close_kind){WS_CODE_POLICY, STR("authentication failed"),
                                   METRIC_CLOSE_REJECTED};
    case GATEWAY_CLOSE_REPLACED:
        return (struct close_kind){WS_CODE_NORMAL, STR("replaced"), METRIC_CLOSE_REPLACED};
    case GATEWAY_CLOSE_REVOKED:
        return (struct close_kind){WS_CODE_POLICY, STR("access revoked"), METRIC_CLOSE_REJECTED};
    case GATEWAY_CLOSE_KICKED:
        return (struct close_kind){WS_CODE_POLICY, STR("kicked"), METRIC_CLOSE_KICKED};
    case GATEWAY_CLOSE_LIMIT:
        return (struct close_kind){WS_CODE_POLICY, STR("too many sessions"), METRIC_CLOSE_REPLACED};
    case GATEWAY_CLOSE_FAILED:
        return (struct close_kind){WS_CODE_INTERNAL, STR("server error"), METRIC_CLOSE_PROTOCOL};
    case GATEWAY_CLOSE_SHUTDOWN:
        return (struct close_kind){WS_CODE_GOING_AWAY, STR("server stops"), METRIC_CLOSE_SHUTDOWN};
    }
    return (struct close_kind){WS_CODE_INTERNAL, STR_EMPTY, METRIC_CLOSE_PROTOCOL};
}

void gateway_link_forget(struct gateway_link *link, enum device_loss loss)
{
    struct gateway_handshake *handshake = link->handshake;
    bool is_opening = handshake != NULL && !handshake->is_again && link->device != NULL;

    if (link->state == GATEWAY_APP && link->session != NULL)
        session_close(link->session);
    else if (link->state != GATEWAY_APP && link->device != NULL)
        device_link_close(link->device, loss);
    link->device = NULL;
    if (handshake != NULL) {
        handshake->link = NULL;
        link->handshake = NULL;
        link->gateway->waits--;
        if (is_opening) /* the device link was the last that knew of the handshake */
            gateway_handshake_free(handshake);
    }
}

/* The tightest firmware knows only the empty close frame (docs/protocol.md, "Frames"). */
static bool is_close_empty(const struct gateway_link *link, enum gateway_close why)
{
    return link->state == GATEWAY_DEVICE &&
           (why != GATEWAY_CLOSE_SHUTDOWN || link->dialect != GATEWAY_MODERN);
}

void gateway_link_close(struct gateway_link *link, enum gateway_close why)
{
    struct close_kind kind = close_kind(why);
    bool is_empty = is_close_empty(link, why);

    if (link->state == GATEWAY_CLOSING)
        return;
    log_info(link->gateway->config.log, "link.close",
             "conn=%" PRIu64 " account=%s device=%s why=\"" STR_FMT "\"",
             conn_id(ws_link_conn(link->ws)), gateway_link_account(link),
             gateway_link_deviceid(link), STR_ARG(kind.reason));
    gateway_link_forget(link, close_loss(why));
    timer_stop(&link->timer);
    metric_add(link->gateway->config.metrics, kind.metric, 1);
    gateway_link_set_state(link, GATEWAY_CLOSING);
    if (is_empty)
        ws_link_close(link->ws, 0, STR_EMPTY);
    else
        ws_link_close(link->ws, kind.code, kind.reason);
}

/* Its token counts no more: it is told, and treated from here on, as one that was refused. */
static void turn_away(struct gateway_link *link)
{
    const struct message_reply notice = {
        .error = 406,
        .reason = STR("Logged In Elsewhere"),
        .apikey = session_apikey(link->session),
    };

    log_info(link->gateway->config.log, "app.superseded", "conn=%" PRIu64 " account=%s",
             conn_id(ws_link_conn(link->ws)), gateway_link_account(link));
    gateway_link_reply(link, &notice);
    gateway_link_forget(link, DEVICE_LOSS_CLOSED);
    gateway_link_reject(link);
}

void gateway_link_end(struct gateway_link *link, enum session_end end)
{
    enum gateway_close why = GATEWAY_CLOSE_FAILED;

    if (end == END_NEWER) {
        turn_away(link);
        return;
    }
    switch (end) {
    case END_REPLACED:
        why = GATEWAY_CLOSE_REPLACED;
        break;
    case END_REVOKED:
        why = GATEWAY_CLOSE_REVOKED;
        break;
    case END_KICKED:
        why = GATEWAY_CLOSE_KICKED;
        break;
    case END_LIMIT:
    case END_NEWER:
        why = GATEWAY_CLOSE_LIMIT;
        break;
    }
    gateway_link_close(link, why);
}

static void on_reject_over(struct timer *timer)
{
    gateway_link_close(CONTAINER_OF(timer, struct gateway_link, timer), GATEWAY_CLOSE_REJECTED);
}

void gateway_link_reject(struct gateway_link *link)
{
    if (link->state == GATEWAY_CLOSING)
        return;
    gateway_link_set_state(link, GATEWAY_REJECTED);
    loop_timer_start(link->gateway->config.loop, &link->timer, link->gateway->config.reject_ms,
                     on_reject_over);
}
