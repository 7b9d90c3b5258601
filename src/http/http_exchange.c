#include "http/http_exchange.h"

#include "base/alloc.h"
#include "http/http_private.h"

#include <assert.h>
#include <stdlib.h>

struct http_exchange *http_exchange_new(struct http_server *server, struct conn *conn)
{
    struct http_exchange *exchange = alloc_zero(sizeof *exchange);

    link_init(&exchange->link);
    exchange->server = server;
    exchange->conn = conn;
    http_exchange_set_state(exchange, HTTP_IDLE);
    server->count++;
    metric_add(server->config.metrics, METRIC_CONN_HTTP, 1);
    return exchange;
}

void http_exchange_release(struct http_exchange *exchange)
{
    if (exchange->state != HTTP_GONE || exchange->is_owed || exchange->is_called)
        return;
    link_remove(&exchange->link);
    free(exchange);
}

/* A Date costs a formatting a second, not one an answer. */
static struct str date_of(struct http_server *server)
{
    int64_t now_s = loop_wall_ms(server->loop) / 1000;

    if (now_s != server->date_s || server->date[0] == '\0') {
        http_date_format(now_s, server->date);
        server->date_s = now_s;
    }
    return (struct str){server->date, HTTP_DATE_CAP - 1};
}

/* HTTP/1.1 peers know that a connection stays; older ones must be told. */
static struct str connection_of(const struct http_exchange *exchange)
{
    if (!exchange->keeps_alive)
        return STR("close");
    return exchange->is_old ? STR("keep-alive") : STR_EMPTY;
}

static void send_response(struct http_exchange *exchange, const struct http_response *response)
{
    struct http_server *server = exchange->server;
    struct http_envelope envelope = {
        .server_name = server->config.server_name,
        .date = date_of(server),
        .connection = connection_of(exchange),
    };

    http_response_format(&server->head, response, &envelope);
    if (conn_send(exchange->conn, buf_str(&server->head)) && response->body.len > 0 &&
        !exchange->is_head && http_response_has_body(response->status))
        (void)conn_send_whole(exchange->conn, response->body); /* a failure is told by on_close */
    buf_clear(&server->head);
}

void http_exchange_close(struct http_exchange *exchange)
{
    http_exchange_set_state(exchange, HTTP_CLOSING);
    conn_close(exchange->conn);
}

static void answer(struct http_exchange *exchange, const struct http_response *response)
{
    if (response->close || exchange->server->is_closing)
        exchange->keeps_alive = false;
    send_response(exchange, response);
    if (exchange->keeps_alive)
        http_exchange_set_state(exchange, HTTP_IDLE);
    else
        http_exchange_close(exchange);
}

void http_exchange_refuse(struct http_exchange *exchange, const struct http_refusal *refusal)
{
    struct http_server *server = exchange->server;
    struct http_response response = {.headers = refusal->headers};

    response.status = server->config.format_refusal(&server->body, refusal->status, refusal->path);
    response.body = buf_str(&server->body);
    metric_add(server->config.metrics, METRIC_HTTP_REFUSED, 1);
    log_debug(server->config.log, "http.refused", "conn=%llu status=%u",
              (unsigned long long)conn_id(exchange->conn), refusal->status);
    answer(exchange, &response);
    buf_clear(&server->body);
}

void http_exchange_refuse_late(struct http_exchange *exchange, unsigned status)
{
    exchange->keeps_alive = false;
    if (exchange->state == HTTP_READING)
        exchange->is_head = false; /* whatever was answered before it */
    http_exchange_refuse(exchange, &(struct http_refusal){.status = status});
}

static void on_timer(struct timer *timer)
{
    struct http_exchange *exchange = CONTAINER_OF(timer, struct http_exchange, timer);

    switch (exchange->state) {
    case HTTP_IDLE:
        metric_add(exchange->server->config.metrics, METRIC_CLOSE_IDLE, 1);
        http_exchange_close(exchange);
        break;
    case HTTP_READING:
        http_exchange_refuse_late(exchange, 408);
        break;
    case HTTP_ANSWERING:
        http_exchange_refuse_late(exchange, 503);
        break;
    case HTTP_CLOSING:
    case HTTP_GONE:
        break;
    }
}

/* How long a state may last; 0 where others keep the time. */
static uint64_t time_limit_ms(const struct http_exchange *exchange, enum http_state state)
{
    const struct http_server_config *config = &exchange->server->config;

    switch (state) {
    case HTTP_IDLE:
        return config->keep_alive_ms;
    case HTTP_READING:
        return config->request_ms;
    case HTTP_ANSWERING:
        return config->answer_ms;
    case HTTP_CLOSING:
    case HTTP_GONE:
        break;
    }
    return 0;
}

static struct link *place_of(struct http_server *server, enum http_state state)
{
    if (state == HTTP_IDLE)
        return &server->idle;
    return state == HTTP_GONE ? &server->gone : &server->busy;
}

void http_exchange_set_state(struct http_exchange *exchange, enum http_state state)
{
    uint64_t limit_ms = time_limit_ms(exchange, state);

    link_remove(&exchange->link);
    exchange->state = state;
    link_insert(place_of(exchange->server, state), &exchange->link);
    if (limit_ms > 0)
        loop_timer_start(exchange->server->loop, &exchange->timer, limit_ms, on_timer);
    else
        timer_stop(&exchange->timer);
}

void http_exchange_leave(struct http_exchange *exchange)
{
    http_exchange_set_state(exchange, HTTP_GONE);
    exchange->conn = NULL;
    exchange->server->count--;
    metric_add(exchange->server->config.metrics, METRIC_CONN_HTTP, -1);
}

void http_exchange_respond(struct http_exchange *exchange, const struct http_response *response)
{
    assert(exchange->is_owed);
    exchange->is_owed = false;
    if (exchange->state == HTTP_ANSWERING) {
        answer(exchange, response);
        if (!exchange->is_called)
            conn_resume(exchange->conn);
    }
    http_exchange_release(exchange);
}

struct conn *http_exchange_upgrade(struct http_exchange *exchange, struct str head)
{
    struct conn *conn = exchange->conn;

    assert(exchange->is_owed && exchange->is_called);
    exchange->is_owed = false;
    if (!conn_send(conn, head)) {
        http_exchange_close(exchange);
        return NULL;
    }
    http_exchange_leave(exchange);
    return conn;
}

struct conn *http_exchange_conn(const struct http_exchange *exchange)
{
    return exchange->conn;
}
