#include "api/api_private.h"

#include "api/api_bearer.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The name in a Host header, when it is one that can be told to a client; else empty. */
static struct str host_name(struct str host)
{
    struct str name = str_sub(host, 0, str_find(host, ':'));

    for (size_t i = 0; i < name.len; i++) {
        char byte = name.ptr[i];
        bool is_fine = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '.' || byte == '-';

        if (!is_fine)
            return STR_EMPTY;
    }
    return name;
}

static void note_addresses(struct api_dispatch *call, const struct http_request *request)
{
    struct conn *conn = http_exchange_conn(call->exchange);
    struct str host = host_name(http_request_header(request, STR("Host")));

    address_format_ip(conn_peer(conn), call->peer_ip);
    address_format_ip(conn_local(conn), call->local_ip);
    call->local_port = conn_local(conn)->port;
    if (host.len == 0 || !str_copy(host, call->host, sizeof call->host))
        str_copy(str_of(call->local_ip), call->host, sizeof call->host);
}

struct api_dispatch *api_dispatch_new(struct api *api, struct http_exchange *exchange,
                                      const struct http_request *request,
                                      const struct dispatch_request *parsed)
{
    struct str token = api_bearer(http_request_header(request, STR("Authorization")));
    size_t bytes = token.len + parsed->accept.len + parsed->version.len + parsed->appid.len +
                   parsed->ts.len + parsed->nonce.len + parsed->deviceid.len + parsed->apikey.len;
    struct api_dispatch *call = alloc_zero(sizeof *call + bytes);
    char *at = call->text;

    call->api = api;
    call->exchange = exchange;
    call->began_us = loop_clock_us();
    call->needs_parameters = str_eq(request->method, STR("POST"));
    if (token.ptr != NULL)
        call->token = str_place(&at, token);
    call->request.accept = str_place(&at, parsed->accept);
    call->request.version = str_place(&at, parsed->version);
    call->request.appid = str_place(&at, parsed->appid);
    call->request.ts = str_place(&at, parsed->ts);
    call->request.nonce = str_place(&at, parsed->nonce);
    call->request.deviceid = str_place(&at, parsed->deviceid);
    call->request.apikey = str_place(&at, parsed->apikey);
    note_addresses(call, request);
    return call;
}

static enum metric code_metric(int error)
{
    switch (error) {
    case 0:
        return METRIC_DISPATCH_0;
    case 400:
        return METRIC_DISPATCH_400;
    case 401:
        return METRIC_DISPATCH_401;
    case 402:
        return METRIC_DISPATCH_402;
    case 403:
        return METRIC_DISPATCH_403;
    default:
        return METRIC_DISPATCH_500;
    }
}

/* The founding document's words for its codes. */
static struct str code_reason(int error)
{
    switch (error) {
    case 0:
        return STR("ok");
    case 400:
        return STR("wrong parameter");
    case 401:
        return STR("authorization failed");
    case 402:
        return STR("expired");
    case 403:
        return STR("no permission");
    default:
        return STR("server error");
    }
}

static void respond(struct api *api, struct http_exchange *exchange, bool is_device,
                    const struct dispatch_answer *answer)
{
    struct http_response response = {.status = 200};

    metric_add(api->config.metrics, code_metric(answer->error), 1);
    buf_clear(&api->out);
    if (is_device)
        dispatch_message_format_device(&api->out, answer);
    else
        dispatch_message_format_app(&api->out, answer);
    response.body = buf_str(&api->out);
    http_exchange_respond(exchange, &response);
}

static void finish(struct api_dispatch *call, struct dispatch_answer *answer)
{
    struct api *api = call->api;

    answer->reason = code_reason(answer->error);
    if (call->request.ts.len > 0 && call->request.nonce.len > 0) {
        answer->ts = call->request.ts;
        answer->nonce = call->request.nonce;
    }
    metric_observe_us(api->config.metrics, METRIC_DISPATCH_SECONDS,
                      loop_clock_us() - call->began_us);
    respond(api, call->exchange, call->is_device, answer);
    free(call);
}

void api_dispatch_refuse(struct api_dispatch *call, int error)
{
    struct dispatch_answer answer = {.error = error};

    finish(call, &answer);
}

void api_dispatch_refuse_body(struct api *api, struct http_exchange *exchange)
{
    const struct dispatch_answer answer = {.error = 400, .reason = code_reason(400)};

    respond(api, exchange, false, &answer);
}

static struct str or_else(const char *told, const char *derived)
{
    return str_of(told[0] == '\0' ? derived : told);
}

void api_dispatch_route(struct api_dispatch *call, struct str account, struct str region)
{
    struct api *api = call->api;
    const struct bus_node *node =
        node_registry_pick(api->config.nodes, account.len > 0 ? account : str_of(call->peer_ip),
                           region, loop_now_ms(api->config.loop));
    struct dispatch_answer answer = {0};

    if (node == NULL) {
        log_warn(api->config.log, "dispatch.none", "region=\"" STR_FMT "\"", STR_ARG(region));
        api_dispatch_refuse(call, 500);
        return;
    }
    answer.ip = or_else(node->ip, call->local_ip);
    answer.domain = or_else(node->domain, call->host);
    answer.port = node->port != 0 ? node->port : call->local_port;
    if (call->is_device && api->config.device_port != 0)
        answer.port = api->config.device_port;
    finish(call, &answer);
}
