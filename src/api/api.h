/*
 * api - the edge for HTTPS clients: server dispatch and the account API.
 *
 * One per worker, one file per resource; it gives the HTTP server its routes. HTTP status 200 with
 * the code in the body, as clients expect. The owning worker's thread only.
 */
#pragma once

#include "base/log.h"
#include "base/metric.h"
#include "domain/access.h"
#include "domain/enrolment.h"
#include "domain/groupings.h"
#include "domain/handover.h"
#include "domain/history.h"
#include "domain/inventory.h"
#include "domain/login.h"
#include "domain/node_registry.h"
#include "domain/oauth.h"
#include "domain/quarantine.h"
#include "domain/token_office.h"
#include "http/http_server.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api;

struct api_config {
    struct loop *loop;
    struct access *access;
    struct node_registry *nodes;
    struct accounts *accounts;
    struct inventory *inventory;
    struct token_office *tokens;
    struct login *login;
    struct handover *handover;
    struct groupings *groupings;
    struct history *history;       /* of the same worker */
    struct quarantine *quarantine; /* of all workers; may be NULL */
    struct relay_desk *desk;
    struct oauth *oauth;
    struct verification *verification;
    struct enrolment *enrolment;
    struct metric_set *metrics;
    struct log *log;
    bool anonymous;     /* dispatch.anonymous: GET /dispatch/app without a token is answered */
    size_t max_calls;   /* of the account API under way; past it 500 */
    bool unknown_apps;  /* apps that are not in the store may log in, without a signature */
    const char *region; /* of this server; empty: none is told */
    const char *const
        *countries; /* "86=cn": where accounts of a country code belong, if not here */
    size_t country_count;
    uint16_t device_port; /* told to devices instead of the node's port; 0: the node's */
};

struct api *api_new(const struct api_config *config);
/* No call waits for the store or a device: safe to free. */
bool api_is_idle(const struct api *api);
void api_free(struct api *api); /* accepts NULL; no exchange may be waiting */

/* Copies at most `cap` routes to *routes and returns how many there are (at most API_MAX_ROUTES).
 */
enum { API_MAX_ROUTES = 128 };
size_t api_routes(struct api *api, struct http_route *routes, size_t cap);

/*
 * The body of the HTTP layer's own refusals, in the dialect of the path: by default the shape of a
 * dispatch answer. Returns the HTTP status; an unknown path below /v2/ is 200 with 403 in the body.
 */
unsigned api_format_refusal(struct buf *out, unsigned status, struct str path);
