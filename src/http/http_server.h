/*
 * http_server - answers HTTP/1.1 on connections: routes, keep-alive, pipelining, limits, upgrade.
 *
 * One per worker; every connection handed to it stays on that worker until it closes or is taken
 * over by an upgrade. Requests of one connection are answered in their order, one at a time. The
 * owning worker's thread only.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "http/http_request.h"
#include "net/conn.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct http_exchange; /* one request that waits for its answer */

struct http_response {
    unsigned status;
    struct str content_type; /* empty: application/json */
    struct str body;         /* copied */
    struct str headers;      /* further header lines, each ending in CRLF; may be empty */
    bool close;              /* close the connection after it */
};

/*
 * Called once a request is complete, body included. Request and body are views that end when the
 * call returns. The exchange lives until it is answered, by exactly one of the three calls below,
 * in the call or later on the same worker.
 */
typedef void (*http_request_fn)(void *ctx, struct http_exchange *exchange,
                                const struct http_request *request, struct str body);

struct http_route {
    struct str method; /* a GET route also answers HEAD */
    struct str path;   /* exact */
    http_request_fn on_request;
    void *ctx;
};

struct http_server_config {
    struct http_limits limits;
    uint64_t request_ms;    /* from a request's first byte to its last: past it 408 and close */
    uint64_t keep_alive_ms; /* idle time between requests, and ahead of the first */
    uint64_t answer_ms;     /* for a handler to answer: past it 503, the late answer is dropped */
    const struct http_route *routes; /* borrowed for the server's life */
    size_t route_count;
    /* Appends the body (JSON) of a refusal by this layer itself, e.g. 404 or 413. */
    void (*format_refusal)(struct buf *out, unsigned status, struct str reason);
    struct str server_name;     /* the Server header; empty: none */
    struct metric_set *metrics; /* borrowed, may be NULL */
    struct log *log;            /* borrowed, may be NULL */
};

struct http_server *http_server_new(struct loop *loop, const struct http_server_config *config);
/* All its connections must have been closed (http_server_close_all, then turns of the loop). */
void http_server_free(struct http_server *server);

/* Takes a fresh connection; sets its handler. */
void http_server_accept(struct http_server *server, struct conn *conn);
/* Closes idle connections at once and the others after their answer. */
void http_server_close_all(struct http_server *server);
size_t http_server_count(const struct http_server *server);

/* Answers; the exchange is gone after it. If the peer has left, nothing happens. */
void http_exchange_respond(struct http_exchange *exchange, const struct http_response *response);

/*
 * Sends `head` (a complete 101 response) and gives up the connection: from here on it belongs to
 * the caller, who must set its handler before returning to the loop; bytes that came behind the
 * request are handed to that handler as input. NULL when the peer has left. Only inside on_request.
 */
MUST_USE struct conn *http_exchange_upgrade(struct http_exchange *exchange, struct str head);

/* NULL once the peer has left. For addresses and ids; not for sending. */
const struct conn *http_exchange_conn(const struct http_exchange *exchange);

const char *http_status_text(unsigned status);
