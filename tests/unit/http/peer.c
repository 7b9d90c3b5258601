#include "peer.h"

#include "loopback.h"
#include "net/transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned format_refusal(struct buf *out, unsigned status, struct str path)
{
    (void)path;
    buf_printf(out, "{\"error\":%u,\"reason\":\"%s\"}", status, http_status_text(status));
    return status;
}

/* Answers with the request as it was understood. */
static void on_echo(void *ctx, struct http_exchange *exchange, const struct http_request *request,
                    struct str body)
{
    struct buf text = BUF_EMPTY;

    (void)ctx;
    assert_non_null(http_exchange_conn(exchange));
    buf_printf(&text, STR_FMT " " STR_FMT " [" STR_FMT "]", STR_ARG(request->method),
               STR_ARG(request->path), STR_ARG(body));
    http_exchange_respond(exchange, &(struct http_response){.status = 200, .body = buf_str(&text)});
    buf_free(&text);
}

static void on_late(void *ctx, struct http_exchange *exchange, const struct http_request *request,
                    struct str body)
{
    struct peer *peer = ctx;

    (void)request;
    (void)body;
    assert_null(peer->exchange);
    peer->exchange = exchange;
}

static void on_custom(void *ctx, struct http_exchange *exchange, const struct http_request *request,
                      struct str body)
{
    (void)ctx;
    (void)request;
    (void)body;
    http_exchange_respond(exchange, &(struct http_response){
                                        .status = 426,
                                        .content_type = STR("text/plain"),
                                        .headers = STR("Upgrade: websocket\r\n"),
                                        .body = STR("upgrade"),
                                        .close = true,
                                    });
}

static size_t on_taken_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct peer *peer = ctx;

    (void)conn;
    buf_append(&peer->taken_data, (struct str){data, len});
    return len;
}

static void on_taken_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct peer *peer = ctx;

    (void)conn;
    (void)end;
    peer->taken_ends++;
}

static void on_upgrade(void *ctx, struct http_exchange *exchange,
                       const struct http_request *request, struct str body)
{
    static const struct conn_handler handler = {.on_data = on_taken_data,
                                                .on_close = on_taken_close};
    struct peer *peer = ctx;

    (void)body;
    assert_true(request->is_upgrade);
    peer->taken = http_exchange_upgrade(exchange, STR("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    assert_non_null(peer->taken);
    conn_set_handler(peer->taken, &handler, peer);
}

static void add_route(struct peer *peer, const char *method, const char *path,
                      http_request_fn on_request)
{
    peer->routes[peer->config.route_count++] =
        (struct http_route){str_of(method), str_of(path), on_request, peer, false};
}

int peer_set_up(void **state)
{
    struct peer *peer = calloc(1, sizeof *peer);

    peer->loop = loop_new();
    peer->fd = -1;
    peer->conn_config = (struct conn_config){
        .max_queued = 1024 * 1024, .handshake_ms = HOUR_MS, .linger_ms = HOUR_MS};
    peer->config = (struct http_server_config){
        .limits = {.max_head_bytes = MAX_HEAD,
                   .max_line_bytes = MAX_LINE,
                   .max_body_bytes = MAX_BODY},
        .request_ms = HOUR_MS,
        .keep_alive_ms = HOUR_MS,
        .answer_ms = HOUR_MS,
        .routes = peer->routes,
        .format_refusal = format_refusal,
        .server_name = STR("switchyard"),
        .metrics = metric_set_new(),
    };
    add_route(peer, "POST", "/echo", on_echo);
    add_route(peer, "GET", "/echo", on_echo);
    add_route(peer, "POST", "/only-post", on_echo);
    add_route(peer, "GET", "/late", on_late);
    add_route(peer, "GET", "/custom", on_custom);
    add_route(peer, "GET", "/upgrade", on_upgrade);
    *state = peer;
    return 0;
}

/* Apart from peer_set_up(), so that a test may change the configuration. */
void peer_connect(struct peer *peer)
{
    const int on = 1;
    int ours;
    struct conn *conn;

    if (peer->server == NULL)
        peer->server = http_server_new(peer->loop, &peer->config);
    peer->conn_config.max_input = http_server_max_input(&peer->config.limits);
    loopback_pair(&ours, &peer->fd);
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    conn = conn_new(peer->loop, ours, transport_plain_new(), &peer->conn_config);
    http_server_accept(peer->server, conn);
    loop_turn(peer->loop, 0);
}

int64_t peer_metric(struct peer *peer, enum metric metric)
{
    return metric_total(&peer->config.metrics, 1, metric);
}

int peer_tear_down(void **state)
{
    struct peer *peer = *state;

    if (peer->fd >= 0)
        close(peer->fd);
    if (peer->taken != NULL && peer->taken_ends == 0)
        conn_abort(peer->taken);
    loopback_settle(peer->loop);
    assert_int_equal(http_server_count(peer->server), 0);
    assert_int_equal(peer_metric(peer, METRIC_CONN_HTTP), 0);
    http_server_free(peer->server);
    if (peer->exchange != NULL)
        http_exchange_respond(peer->exchange, &(struct http_response){.status = 200});
    loop_free(peer->loop);
    buf_free(&peer->got);
    buf_free(&peer->taken_data);
    metric_set_free(peer->config.metrics);
    free(peer);
    return 0;
}

/* Lets the server work until all is quiet, and collects what it sent. */
void peer_settle(struct peer *peer)
{
    char bytes[4096];
    ssize_t len;

    loopback_settle(peer->loop);
    while ((len = recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        buf_append(&peer->got, (struct str){bytes, (size_t)len});
}

/* Sends the text and returns all that came back for it, NUL-terminated. */
const char *peer_ask_bytes(struct peer *peer, struct str text)
{
    buf_clear(&peer->got);
    loopback_send(peer->fd, text.ptr, text.len);
    peer_settle(peer);
    buf_append_byte(&peer->got, '\0');
    return peer->got.ptr;
}

const char *peer_ask(struct peer *peer, const char *text)
{
    return peer_ask_bytes(peer, str_of(text));
}

bool peer_has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

size_t peer_times(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* The peer has read the server's end of the connection. */
bool peer_is_closed(struct peer *peer)
{
    char byte;

    peer_settle(peer);
    return recv(peer->fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* The peer resets the connection and is gone. */
void peer_leave(struct peer *peer)
{
    const struct linger reset = {.l_onoff = 1};

    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(peer->fd);
    peer->fd = -1;
    loopback_settle(peer->loop);
    assert_int_equal(http_server_count(peer->server), 0);
}
