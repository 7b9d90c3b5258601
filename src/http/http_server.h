/*
 * http_server - answers HTTP/1.1 on connections: routes, keep-alive, pipelining, limits, upgrade.
 *
 * One per worker; every connection handed to it stays on that worker until it closes or is taken
 * over by an upgrade. Requests of one connection are answered in their order, one at a time. The
 * owning worker's thread only.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"
#include "http/http_exchange.h"
#include "http/http_request.h"
#include "http/http_route.h"
#include "http/http_status.h"
#include "net/conn.h"
#include "net/loop.h"

#include <stddef.h>
#include <stdint.h>

struct http_server;

struct http_server_config {
    struct http_limits limits;
    uint64_t request_ms;    /* from a request's first byte to its last: past it 408 and close */
    uint64_t keep_alive_ms; /* idle time between requests, and ahead of the first */
    uint64_t answer_ms;     /* for a handler to answer: past it 503, the late answer is dropped */
    const struct http_route *routes;
    size_t route_count;
    /* Appends the body (JSON) of a refusal by this layer itself, e.g. 404 or 413, and returns the
     * status to answer with. path: empty for a request that could not be read. */
    unsigned (*format_refusal)(struct buf *out, unsigned status, struct str path);
    struct str server_name;     /* the Server header; empty: none */
    struct metric_set *metrics; /* borrowed, may be NULL */
    struct log *log;            /* borrowed, may be NULL */
};

/* Bytes it may leave in a connection's input (conn_config.max_input): one request at most. */
size_t http_server_max_input(const struct http_limits *limits);

/* Copies *config; what it points to is borrowed for the server's life. */
struct http_server *http_server_new(struct loop *loop, const struct http_server_config *config);
/* All its connections must have been closed (http_server_close_all, then turns of the loop); an
 * exchange that is still owed an answer may outlive it. */
void http_server_free(struct http_server *server);

/* Takes a fresh connection; sets its handler. */
void http_server_accept(struct http_server *server, struct conn *conn);
/* Closes idle connections at once, refuses half a request with 503, and closes those whose request
 * is being answered after their answer. */
void http_server_close_all(struct http_server *server);
size_t http_server_count(const struct http_server *server);
