#include "http/http_server.h"

#include "base/alloc.h"
#include "http/http_private.h"

#include <assert.h>
#include <stdlib.h>

size_t http_server_max_input(const struct http_limits *limits)
{
    return limits->max_head_bytes + limits->max_body_bytes + HTTP_CHUNKED_MAX_FRAMING;
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_config *config)
{
    struct http_server *server = alloc_zero(sizeof *server);

    server->loop = loop;
    server->config = *config;
    link_init(&server->idle);
    link_init(&server->busy);
    link_init(&server->gone);
    return server;
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    assert(server->count == 0);
    while (!link_is_alone(&server->gone))
        link_remove(server->gone.next);
    buf_free(&server->head);
    buf_free(&server->body);
    free(server);
}

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct http_exchange *exchange = ctx;
    size_t used;

    (void)conn;
    exchange->is_called = true;
    used = http_intake(exchange, data, len);
    exchange->is_called = false;
    http_exchange_release(exchange);
    return used;
}

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct http_exchange *exchange = ctx;

    (void)conn;
    (void)end;
    http_exchange_leave(exchange);
    http_exchange_release(exchange);
}

/* The handshake took its own time; what is waited for now is the first request. */
static void on_open(void *ctx, struct conn *conn)
{
    (void)conn;
    http_exchange_set_state(ctx, HTTP_IDLE);
}

static const struct conn_handler handler = {
    .on_data = on_data,
    .on_close = on_close,
    .on_open = on_open,
};

void http_server_accept(struct http_server *server, struct conn *conn)
{
    conn_set_handler(conn, &handler, http_exchange_new(server, conn));
}

/* A refused one goes to the end of the list, no longer reading. */
static void refuse_half_requests(struct http_server *server)
{
    struct link *next;

    for (struct link *at = server->busy.next; at != &server->busy; at = next) {
        struct http_exchange *exchange = CONTAINER_OF(at, struct http_exchange, link);

        next = at->next;
        if (exchange->state == HTTP_READING)
            http_exchange_refuse_late(exchange, 503);
    }
}

void http_server_close_all(struct http_server *server)
{
    server->is_closing = true;
    refuse_half_requests(server);
    while (!link_is_alone(&server->idle))
        http_exchange_close(CONTAINER_OF(server->idle.next, struct http_exchange, link));
}

size_t http_server_count(const struct http_server *server)
{
    return server->count;
}
