/*
 * api_private - what the files of the api share: its context, and the answer of a dispatch.
 *
 * Private to api. The owning worker's thread only.
 */
#pragma once

#include "api/api.h"
#include "api/api_call.h"
#include "proto/dispatch_message.h"
#include "proto/rest_device.h"

enum { API_HOST_CAP = 254, API_MAX_SHARES = STORE_LIST_MAX, API_MAX_GROUPS = STORE_LIST_MAX };

/* What a route of the HTTP server hands to a call. */
struct api_endpoint {
    struct api *api;
    const struct api_route *route;
};

struct api {
    struct api_config config;
    struct buf out; /* scratch for one body */
    size_t call_count;
    size_t batch_count;
    struct str groups[API_MAX_GROUPS];        /* likewise */
    struct rest_share shares[API_MAX_SHARES]; /* scratch for the view of one device */
    size_t endpoint_count;
    struct api_endpoint endpoints[API_MAX_ROUTES];
};

/* One dispatch request until it is answered; owns copies of what the answer needs. */
struct api_dispatch {
    struct api *api;
    struct http_exchange *exchange;
    uint64_t began_us;
    bool is_device;
    bool needs_parameters;           /* a POST of an app */
    struct dispatch_request request; /* views into text[] */
    struct str token;                /* likewise; ptr NULL: no Authorization header */
    enum access_verdict verdict;     /* of the token, while its app is asked about */
    char peer_ip[64];                /* who asks, and where it reached us */
    char local_ip[64];
    uint16_t local_port;
    char host[API_HOST_CAP]; /* the name it reached us by */
    char text[];
};

struct api_dispatch *api_dispatch_new(struct api *api, struct http_exchange *exchange,
                                      const struct http_request *request,
                                      const struct dispatch_request *parsed);

/* Chooses a node for the account and answers; 500 when there is none. Frees the call. */
void api_dispatch_route(struct api_dispatch *call, struct str account, struct str region);
/* Answers with an error of the founding document's table. Frees the call. */
void api_dispatch_refuse(struct api_dispatch *call, int error);
/* The same for a body that could not even be read: there is no call yet. */
void api_dispatch_refuse_body(struct api *api, struct http_exchange *exchange);

/* Handlers of the routes; ctx is the api. */
void api_dispatch_app(void *ctx, struct http_exchange *exchange, const struct http_request *request,
                      struct str body);
void api_dispatch_device(void *ctx, struct http_exchange *exchange,
                         const struct http_request *request, struct str body);
