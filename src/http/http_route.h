/*
 * http_route - which function answers which path and method. The owning worker's thread only.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"
#include "http/http_request.h"

#include <stdbool.h>
#include <stddef.h>

struct http_exchange;

/*
 * Called once a request is complete, body included. Request and body are views that end when the
 * call returns. The exchange lives until it is answered, once, by http_exchange_respond() or
 * http_exchange_upgrade(): in the call, or (respond only) later on the same worker.
 */
typedef void (*http_request_fn)(void *ctx, struct http_exchange *exchange,
                                const struct http_request *request, struct str body);

struct http_route {
    struct str method; /* a GET route also answers HEAD */
    struct str
        path; /* exact; or up to and with its last '/', see below; slashes in a row are one */
    http_request_fn on_request;
    void *ctx;
    /* One further segment, not empty, stands behind the path: request->parameter. Such a route
     * gives way to one with that exact path. */
    bool has_parameter;
};

/* The routes of one server; borrowed. They are searched in their order: the hottest first. */
struct http_route_table {
    const struct http_route *routes;
    size_t count;
};

/* The route that answers, or NULL; *parameter is set when the route has one. */
const struct http_route *http_route_find(const struct http_route_table *table, struct str method,
                                         struct str path, struct str *parameter);

/* Appends an Allow header line with the methods of that path; false when there is no such path. */
bool http_route_allow(const struct http_route_table *table, struct str path, struct buf *out);
