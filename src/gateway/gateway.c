#include "gateway/gateway.h"

#include "base/alloc.h"
#include "gateway/gateway_link.h"
#include "ws/ws_handshake.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t host_now_ms(void *ctx)
{
    struct gateway *gateway = ctx;

    return loop_now_ms(gateway->config.loop);
}

static int64_t host_wall_ms(void *ctx)
{
    struct gateway *gateway = ctx;

    return loop_wall_ms(gateway->config.loop);
}

static uint64_t host_clock_us(void *ctx)
{
    (void)ctx;
    return loop_clock_us();
}

static void on_alarm(struct timer *timer)
{
    accounts_expire(CONTAINER_OF(timer, struct gateway, alarm)->accounts);
}

static void host_wake_at(void *ctx, uint64_t due_ms)
{
    struct gateway *gateway = ctx;
    uint64_t now_ms = loop_now_ms(gateway->config.loop);
    uint64_t delay_ms = due_ms > now_ms ? due_ms - now_ms : 0;

    if (timer_is_started(&gateway->alarm) && gateway->alarm.due_ms <= due_ms)
        return;
    loop_timer_start(gateway->config.loop, &gateway->alarm, delay_ms, on_alarm);
}

struct gateway *gateway_new(const struct gateway_config *config)
{
    struct gateway *gateway = alloc_zero(sizeof *gateway);
    const struct accounts_config accounts = {
        .store = config->store,
        .mailbox = loop_mailbox(config->loop),
        .epochs = config->epochs,
        .watchers = config->watchers,
        .desk = config->desk,
        .metrics = config->metrics,
        .host = {host_now_ms, host_wall_ms, host_clock_us, host_wake_at, gateway},
        .command_ms = config->command_ms,
        .max_pending = config->max_pending,
        .max_sessions = config->max_sessions,
        .shares = config->shares,
        .max_owners = config->max_owners,
        .owner_ms = config->owner_ms,
        .sessions = config->sessions,
    };

    gateway->config = *config;
    link_init(&gateway->links);
    atomic_init(&gateway->arriving, 0);
    gateway->accounts = accounts_new(&accounts);
    return gateway;
}

void gateway_free(struct gateway *gateway)
{
    if (gateway == NULL)
        return;
    assert(gateway_is_idle(gateway));
    timer_stop(&gateway->alarm);
    accounts_free(gateway->accounts);
    buf_free(&gateway->out);
    free(gateway);
}

void gateway_set_peers(struct gateway *gateway, struct gateway *const *peers, size_t count)
{
    gateway->peers = peers;
    gateway->peer_count = count;
}

static void refuse_upgrade(struct http_exchange *exchange, unsigned status, struct str headers)
{
    struct buf body = BUF_EMPTY;
    const struct message_reply reply = {
        .error = (int)status,
        .reason = str_of(http_status_text(status)),
    };
    struct http_response response = {.status = status, .headers = headers};

    message_format_reply(&body, &reply);
    response.body = buf_str(&body);
    http_exchange_respond(exchange, &response);
    buf_free(&body);
}

void gateway_on_upgrade(void *ctx, struct http_exchange *exchange,
                        const struct http_request *request, struct str body)
{
    struct gateway *gateway = ctx;
    struct str key = http_request_header(request, STR("Sec-WebSocket-Key"));
    struct str version = http_request_header(request, STR("Sec-WebSocket-Version"));
    struct buf head = BUF_EMPTY;
    struct conn *conn;

    (void)body;
    if (gateway->is_closing) {
        refuse_upgrade(exchange, 503, STR_EMPTY);
    } else if (!request->is_upgrade || !str_eq(version, STR("13"))) {
        refuse_upgrade(exchange, 426,
                       STR("Upgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Version: 13\r\n"));
    } else if (key.len == 0) {
        refuse_upgrade(exchange, 400, STR_EMPTY);
    } else {
        ws_handshake_response(&head, key);
        conn = http_exchange_upgrade(exchange, buf_str(&head));
        buf_free(&head);
        if (conn != NULL)
            gateway_link_new(gateway, conn);
    }
}

void gateway_on_event(struct gateway *gateway, const struct bus_event *event)
{
    accounts_on_event(gateway->accounts, event);
}

void gateway_close_all(struct gateway *gateway)
{
    struct link *next;

    gateway->is_closing = true;
    for (struct link *at = gateway->links.next; at != &gateway->links; at = next) {
        next = at->next;
        gateway_link_close(CONTAINER_OF(at, struct gateway_link, link), GATEWAY_CLOSE_SHUTDOWN);
    }
}

bool gateway_is_idle(const struct gateway *gateway)
{
    return gateway->link_count == 0 && gateway->waits == 0 &&
           atomic_load_explicit(&gateway->arriving, memory_order_relaxed) == 0 &&
           accounts_are_idle(gateway->accounts);
}

struct accounts *gateway_accounts(struct gateway *gateway)
{
    return gateway->accounts;
}
