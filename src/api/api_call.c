#include "api/api_call.h"

#include "api/api_bearer.h"
#include "api/api_private.h"
#include "api/api_sign.h"
#include "base/alloc.h"
#include "base/crypto.h"
#include "http/http_query.h"

#include <stdlib.h>
#include <string.h>

/* What the codes mean; the two dialects give some of them different meanings. */
static const struct {
    int error;
    const char *text;
    const char *v2; /* NULL: the same */
} codes[] = {
    {400, "wrong parameter", NULL},
    {401, "authorization failed", NULL},
    {402, "expired", NULL},
    {403, "no permission", "no such API"},
    {404, "not found", NULL},
    {405, "not found", NULL},
    {406, "authentication failed", "not permitted"},
    {407, "the app has no permission", NULL},
    {409, "exists already", NULL},
    {301, "the account belongs to another region", NULL},
    {10001, "wrong account or password", NULL},
    {10002, "no password, or a wrong verification code", NULL},
    {10003, "no such account", NULL},
    {498, "wrong verification code", NULL},
    {10009, "the account exists already", NULL},
    {10010, "too many codes were asked for", NULL},
    {160038, "too many codes were asked for", NULL},
    {10004, "the account belongs to another region", NULL},
    {412, "not available on this plan", NULL},
    {500, "server error", NULL},
    {503, "device offline", NULL},
    {504, "no answer in time", NULL},
    {4002, "the device could not be controlled", NULL},
    {30007, "added by another account", NULL},
    {30008, "there is no such account", NULL},
    {30009, "as many as there may be", NULL},
    {30011, "no such device", NULL},
    {30014, "wrong chip", NULL},
    {30015, "wrong digest", NULL},
};

static struct str code_text(int error, enum rest_style style)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].error == error)
            return str_of(style == REST_V2 && codes[i].v2 != NULL ? codes[i].v2 : codes[i].text);
    return STR("refused");
}

static void call_free(struct api_call *call)
{
    call->api->call_count--;
    crypto_wipe(call->text, call->text_bytes);
    buf_free(&call->out);
    free(call->members);
    free(call->own);
    free(call);
}

static void respond_as(struct api_call *call, enum metric outcome,
                       const struct http_response *response)
{
    struct metric_set *metrics = call->api->config.metrics;

    metric_add(metrics, outcome, 1);
    metric_observe_us(metrics, METRIC_API_SECONDS, loop_clock_us() - call->began_us);
    http_exchange_respond(call->exchange, response);
    call_free(call);
}

static void respond(struct api_call *call, enum metric outcome)
{
    const struct http_response response = {.status = 200, .body = buf_str(&call->out)};

    respond_as(call, outcome, &response);
}

void api_call_respond(struct api_call *call, const struct http_response *response)
{
    respond_as(call, response->status < 400 ? METRIC_API_OK : METRIC_API_REFUSED, response);
}

struct json_out api_call_begin(struct api_call *call)
{
    buf_clear(&call->out);
    return rest_answer_begin(&call->out, call->route->style);
}

void api_call_send(struct api_call *call, struct json_out *json)
{
    rest_answer_end(json, call->route->style);
    respond(call, METRIC_API_OK);
}

void api_call_succeed(struct api_call *call)
{
    struct json_out json = api_call_begin(call);

    api_call_send(call, &json);
}

struct json_out api_call_begin_refusal(struct api_call *call, int error)
{
    enum rest_style style = call->route->style;

    buf_clear(&call->out);
    return rest_answer_begin_refusal(&call->out, style, error, code_text(error, style));
}

void api_call_send_refusal(struct api_call *call, struct json_out *json)
{
    rest_answer_end(json, call->route->style);
    respond(call, METRIC_API_REFUSED);
}

void api_call_refuse(struct api_call *call, int error)
{
    struct json_out json = api_call_begin_refusal(call, error);

    if (error == 500)
        log_warn(call->api->config.log, "api.failed", "path=%s", call->route->path);
    api_call_send_refusal(call, &json);
}

static int verdict_error(const struct api_route *route, enum access_verdict verdict)
{
    switch (verdict) {
    case ACCESS_GRANTED:
        return 0;
    case ACCESS_DENIED:
        return route->denied != 0 ? route->denied : 401;
    case ACCESS_EXPIRED:
        return 402;
    case ACCESS_FORBIDDEN:
        return route->style == REST_V2 ? 407 : 403;
    case ACCESS_FAILED:
        return 500;
    }
    return 500;
}

void api_call_go_on(struct api_call *call, const struct access_grant *grant)
{
    call->grant = *grant;
    if (grant->verdict == ACCESS_GRANTED)
        call->route->on_call(call);
    else
        api_call_refuse(call, verdict_error(call->route, grant->verdict));
}

static void on_grant(void *ctx, const struct access_grant *grant)
{
    api_call_go_on(ctx, grant);
}

static void check_token(struct api_call *call)
{
    struct loop *loop = call->api->config.loop;
    struct str token = api_bearer(call->authorization);
    const struct access_question question = {
        .token = token.ptr == NULL ? STR("") : token,
        .appid = call->appid,
        .time = {loop_wall_ms(loop), loop_now_ms(loop)},
        .on_grant = on_grant,
        .ctx = call,
    };
    struct access_grant grant;

    if (access_check(call->api->config.access, &question, &grant))
        on_grant(call, &grant);
}

static void authorize(struct api_call *call)
{
    switch (call->route->auth) {
    case API_OPEN:
        call->route->on_call(call);
        return;
    case API_BEARER:
        check_token(call);
        return;
    case API_SIGNED_OR_BEARER:
        if (api_bearer(call->authorization).len > 0)
            call->route->on_call(call);
        else
            api_sign_check(call);
        return;
    case API_SIGNED:
        api_sign_check(call);
        return;
    }
}

/* Adds the pairs of a query or a form; what is decoded moves *room on. */
static enum err add_pairs(struct rest_args *args, struct str text, char **room)
{
    struct http_query query;
    enum err err = http_query_parse(text, *room, &query);

    for (size_t i = 0; err == ERR_NONE && i < query.count; i++)
        err = rest_args_add(args, query.pairs[i].name, query.pairs[i].value);
    *room += text.len;
    return err;
}

static bool is_form(struct str content_type)
{
    return str_starts(content_type, STR("application/x-www-form-urlencoded"));
}

/* Clients name any content type for JSON, a form's among them: what it begins with decides. */
static enum err add_body(struct api_call *call, struct str content_type, char **room)
{
    struct str trimmed = str_trim(call->body);
    enum err err;

    if (trimmed.len > 0 && trimmed.ptr[0] != '{' && is_form(content_type))
        return add_pairs(&call->args, call->body, room);
    err = rest_args_add_body(&call->args, call->body, *room);
    *room += call->body.len;
    return err;
}

/* Copies what the request says and decodes it. */
static enum err take_request(struct api_call *call, const struct http_request *request)
{
    struct str appid = http_request_header(request, STR("X-CK-Appid"));
    char *room = call->text;
    enum err err;

    if (call->authorization.ptr != NULL)
        call->authorization = str_place(&room, call->authorization);
    if (call->cookie.ptr != NULL)
        call->cookie = str_place(&room, call->cookie);
    call->query = str_place(&room, request->query);
    call->body = str_place(&room, call->body);
    call->appid = str_place(&room, appid);
    if ((err = http_query_decode_path(request->parameter, room, &call->parameter)))
        return err;
    room += request->parameter.len;
    if ((err = add_body(call, http_request_header(request, STR("Content-Type")), &room)))
        return err;
    if ((err = add_pairs(&call->args, call->query, &room)))
        return err;
    if (appid.len == 0)
        call->appid = rest_args_text(&call->args, "appid");
    return ERR_NONE;
}

static struct api_call *call_new(struct api *api, const struct api_route *route,
                                 const struct http_request *request, struct str body)
{
    struct str authorization = http_request_header(request, STR("Authorization"));
    struct str cookie = http_request_header(request, STR("Cookie"));
    size_t bytes = authorization.len + cookie.len + 2 * (request->query.len + body.len) +
                   request->parameter.len + http_request_header(request, STR("X-CK-Appid")).len;
    struct api_call *call = alloc_zero(sizeof *call + bytes);

    call->api = api;
    call->route = route;
    call->began_us = loop_clock_us();
    call->authorization = authorization;
    call->cookie = cookie;
    call->body = body;
    call->text_bytes = bytes;
    api->call_count++;
    return call;
}

void api_call_start(struct api *api, const struct api_route *route, struct http_exchange *exchange,
                    const struct http_request *request, struct str body)
{
    struct api_call *call = call_new(api, route, request, body);

    call->exchange = exchange;
    address_format_ip(conn_peer(http_exchange_conn(exchange)), call->peer_ip);
    if (api->call_count > api->config.max_calls)
        api_call_refuse(call, 500);
    else if (take_request(call, request) != ERR_NONE)
        api_call_refuse(call, 400);
    else
        authorize(call);
}
