#include "http/http_private.h"

#include <assert.h>

/* A request whose head is read, and where its body begins. */
struct intake {
    struct http_request request;
    size_t head_bytes;
    char *body; /* what has come of it, and perhaps of the next request */
    size_t body_have;
};

static void refuse_and_close(struct http_exchange *exchange, unsigned status)
{
    exchange->keeps_alive = false;
    http_exchange_refuse(exchange, &(struct http_refusal){.status = status});
}

static struct http_route_table routes_of(const struct http_exchange *exchange)
{
    const struct http_server_config *config = &exchange->server->config;

    return (struct http_route_table){config->routes, config->route_count};
}

static void refuse_unrouted(struct http_exchange *exchange, struct str path)
{
    struct http_route_table table = routes_of(exchange);
    struct buf allow = BUF_EMPTY;
    struct http_refusal refusal = {.path = path};

    refusal.status = http_route_allow(&table, path, &allow) ? 405 : 404;
    refusal.headers = buf_str(&allow);
    http_exchange_refuse(exchange, &refusal);
    buf_free(&allow);
}

static const struct http_route *find_route(const struct http_exchange *exchange,
                                           struct http_request *request)
{
    struct http_route_table table = routes_of(exchange);

    return http_route_find(&table, request->method, request->path, &request->parameter);
}

/* Hands the whole request to its route. It is answered when this returns, or the peer waits. */
static void serve(struct http_exchange *exchange, struct http_request *request, struct str body)
{
    const struct http_route *route = find_route(exchange, request);

    exchange->need = 0;
    exchange->was_continued = false;
    exchange->chunked = (struct http_chunked){0};
    metric_add(exchange->server->config.metrics, METRIC_HTTP_REQUEST, 1);
    if (route == NULL) {
        refuse_unrouted(exchange, request->path);
        return;
    }
    http_exchange_set_state(exchange, HTTP_ANSWERING);
    exchange->is_owed = true;
    route->on_request(route->ctx, exchange, request, body);
    if (exchange->state == HTTP_ANSWERING)
        conn_pause(exchange->conn);
}

static void wait_for_more(struct http_exchange *exchange, size_t need)
{
    exchange->need = need;
    if (exchange->state == HTTP_IDLE)
        http_exchange_set_state(exchange, HTTP_READING);
}

/* A body that is announced and waits for our word gets it, unless nobody would want it. */
static void wait_for_body(struct http_exchange *exchange, struct intake *intake, size_t need)
{
    wait_for_more(exchange, need);
    if (!intake->request.expects_continue || exchange->was_continued)
        return;
    if (find_route(exchange, &intake->request) == NULL) {
        exchange->keeps_alive = false;
        refuse_unrouted(exchange, intake->request.path);
        return;
    }
    exchange->was_continued = true;
    (void)conn_send(exchange->conn, STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

static size_t take_chunked(struct http_exchange *exchange, struct intake *intake)
{
    struct http_chunked *chunked = &exchange->chunked;
    struct str have = {intake->body, intake->body_have};
    size_t taken;
    unsigned status;

    switch (
        http_chunked_scan(chunked, have, exchange->server->config.limits.max_body_bytes, &status)) {
    case HTTP_PARSE_MORE:
        wait_for_body(exchange, intake, intake->head_bytes + have.len + 1);
        return 0;
    case HTTP_PARSE_BAD:
        refuse_and_close(exchange, status);
        return 0;
    case HTTP_PARSE_DONE:
        break;
    }
    taken = intake->head_bytes + chunked->at;
    serve(exchange, &intake->request, http_chunked_join(intake->body, chunked));
    return taken;
}

static size_t take_sized(struct http_exchange *exchange, struct intake *intake)
{
    size_t len = (size_t)intake->request.body_bytes; /* within max_body_bytes */

    if (intake->body_have < len) {
        wait_for_body(exchange, intake, intake->head_bytes + len);
        return 0;
    }
    serve(exchange, &intake->request, (struct str){intake->body, len});
    return intake->head_bytes + len;
}

static bool is_compressed(const struct http_request *request)
{
    struct str coding = http_request_header(request, STR("content-encoding"));

    return request->body_kind != HTTP_BODY_NONE && coding.len > 0 &&
           !str_eq_nocase(coding, STR("identity"));
}

/* Takes the request that data begins with, or nothing yet. */
static size_t take_request(struct http_exchange *exchange, char *data, size_t len)
{
    struct intake intake;
    unsigned status;

    if (len < exchange->need)
        return 0;
    exchange->is_head = false;
    switch (http_request_parse((struct str){data, len}, &exchange->server->config.limits,
                               &intake.request, &intake.head_bytes, &status)) {
    case HTTP_PARSE_MORE:
        wait_for_more(exchange, 0);
        return 0;
    case HTTP_PARSE_BAD:
        refuse_and_close(exchange, status);
        return 0;
    case HTTP_PARSE_DONE:
        break;
    }
    exchange->is_head = str_eq(intake.request.method, STR("HEAD"));
    exchange->is_old = intake.request.minor == 0;
    exchange->keeps_alive = intake.request.keep_alive;
    intake.body = data + intake.head_bytes;
    intake.body_have = len - intake.head_bytes;
    if (is_compressed(&intake.request)) {
        refuse_and_close(exchange, 415);
        return 0;
    }
    return intake.request.body_kind == HTTP_BODY_CHUNKED ? take_chunked(exchange, &intake)
                                                         : take_sized(exchange, &intake);
}

/* Empty lines between requests are nobody's first byte: old clients end a body with one. */
static size_t skip_empty_lines(struct str bytes)
{
    size_t at = 0;

    while (str_starts(str_sub(bytes, at, bytes.len), STR("\r\n")))
        at += 2;
    return at;
}

size_t http_intake(struct http_exchange *exchange, char *data, size_t len)
{
    size_t used = 0;

    while (exchange->state == HTTP_IDLE || exchange->state == HTTP_READING) {
        size_t taken;

        if (exchange->state == HTTP_IDLE)
            used += skip_empty_lines((struct str){data + used, len - used});
        taken = used == len ? 0 : take_request(exchange, data + used, len - used);
        if (taken == 0)
            break;
        used += taken;
    }
    return exchange->state == HTTP_CLOSING ? len : used;
}
