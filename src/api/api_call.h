/*
 * api_call - one call of the account API, from its arrival to its answer.
 *
 * A resource is a file with a table of routes (api_resource.c lists them). A call owns copies of
 * all that its request said, so a handler may answer at once or later, from callbacks on the same
 * worker; it is freed by its answer, which every handler gives exactly once. The answer is HTTP 200
 * whatever its code says (docs/protocol.md, "The account API"). Private to api. The owning worker's
 * thread only.
 */
#pragma once

#include "api/api.h"
#include "base/buf.h"
#include "base/json_out.h"
#include "proto/rest_answer.h"
#include "proto/rest_args.h"

struct api_call;

enum api_auth {
    API_OPEN,   /* anybody; the handler checks what there is to check, say a signature */
    API_BEARER, /* a valid access token: the handler finds whose in call->grant */
    API_SIGNED, /* the app's signature: the handler finds which app, and no account, in call->grant
                 */
    API_SIGNED_OR_BEARER, /* the same, or any Bearer text: the handler checks what it is worth */
};

struct api_route {
    const char *method;
    const char *path; /* "/api/user/device/:id" has one trailing parameter */
    enum api_auth auth;
    enum rest_style style;
    int denied; /* the code for a token or a signature that is not valid; 0: 401 */
    void (*on_call)(struct api_call *call);
};

struct api_resource {
    const struct api_route *routes;
    size_t count;
};

struct api_call {
    struct api *api;
    const struct api_route *route;
    struct http_exchange *exchange;
    uint64_t began_us;
    struct access_grant grant; /* with API_BEARER */
    struct rest_args args;     /* of the body, then of the query */
    struct str authorization;  /* the whole header; ptr NULL: none */
    struct str cookie;         /* likewise */
    struct str appid;          /* X-CK-Appid, or else the parameter; may be empty */
    struct str parameter;      /* the trailing one of the path, decoded */
    struct str query;          /* as sent, undecoded */
    struct str body;           /* as sent */
    struct buf out;
    struct grouping_member *members; /* of the account's groups, by device; from malloc() */
    size_t member_count;
    void *own;         /* the handler's, from malloc(): freed with the call; may be NULL */
    char peer_ip[64];  /* who asks */
    size_t text_bytes; /* of text[], which is wiped: bodies hold passwords */
    char text[];
};

/* A route's entry: makes the call, checks its token and hands it to its route's handler. */
void api_call_start(struct api *api, const struct api_route *route, struct http_exchange *exchange,
                    const struct http_request *request, struct str body);

/* For what a call has to wait for: with a grant its route's handler goes on, else it is refused. */
void api_call_go_on(struct api_call *call, const struct access_grant *grant);

/* A success: the members that the handler writes between begin and send. */
struct json_out api_call_begin(struct api_call *call);
/* Ends the answer, sends it and frees the call. */
void api_call_send(struct api_call *call, struct json_out *json);
/* A success that has nothing to say. */
void api_call_succeed(struct api_call *call);

/* Any other answer, such as a page. Frees the call. */
void api_call_respond(struct api_call *call, const struct http_response *response);

/* Says why not, with the code's own text, and frees the call. */
void api_call_refuse(struct api_call *call, int error);
/* The same with members beside the error, written between these; `error` is counted. */
struct json_out api_call_begin_refusal(struct api_call *call, int error);
void api_call_send_refusal(struct api_call *call, struct json_out *json);
