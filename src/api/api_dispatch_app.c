#include "api/api_private.h"

static int verdict_error(enum access_verdict verdict)
{
    switch (verdict) {
    case ACCESS_GRANTED:
        return 0;
    case ACCESS_DENIED:
        return 401;
    case ACCESS_EXPIRED:
        return 402;
    case ACCESS_FORBIDDEN:
        return 403;
    case ACCESS_FAILED:
        return 500;
    }
    return 500;
}

/* The five parameters that the founding document's table calls required. */
static bool has_parameters(const struct dispatch_request *request)
{
    return dispatch_message_accepts_ws(request->accept) && request->version.len > 0 &&
           request->appid.len > 0 && request->ts.len > 0 && request->nonce.len > 0;
}

static void route(struct api_dispatch *call, const struct access_grant *grant)
{
    if (call->needs_parameters && (grant->quirks & APP_QUIRK_MISSING_PARAMETERS) == 0 &&
        !has_parameters(&call->request))
        api_dispatch_refuse(call, 400);
    else
        api_dispatch_route(call, str_of(grant->apikey), str_of(grant->region));
}

static void ask(struct api_dispatch *call, struct str token, access_fn on_grant)
{
    struct loop *loop = call->api->config.loop;
    const struct access_question question = {
        .token = token,
        .appid = call->request.appid,
        .time = {loop_wall_ms(loop), loop_now_ms(loop)},
        .on_grant = on_grant,
        .ctx = call,
    };
    struct access_grant grant;

    if (access_check(call->api->config.access, &question, &grant))
        on_grant(call, &grant);
}

/* The token does not count; does its app get by without one? */
static void on_app(void *ctx, const struct access_grant *grant)
{
    struct api_dispatch *call = ctx;

    if (grant->verdict == ACCESS_GRANTED && (grant->quirks & APP_QUIRK_DISPATCH_UNAUTHORIZED) != 0)
        route(call, grant);
    else if (grant->verdict == ACCESS_FAILED)
        api_dispatch_refuse(call, 500);
    else
        api_dispatch_refuse(call, verdict_error(call->verdict));
}

static void on_token(void *ctx, const struct access_grant *grant)
{
    struct api_dispatch *call = ctx;

    call->verdict = grant->verdict;
    if (grant->verdict == ACCESS_GRANTED)
        route(call, grant);
    else if (grant->verdict == ACCESS_DENIED && call->request.appid.len > 0)
        ask(call, STR_EMPTY, on_app);
    else
        api_dispatch_refuse(call, verdict_error(grant->verdict));
}

void api_dispatch_app(void *ctx, struct http_exchange *exchange, const struct http_request *request,
                      struct str body)
{
    struct api *api = ctx;
    struct dispatch_request parsed;
    struct api_dispatch *call;

    if (dispatch_message_parse(body, &parsed) != ERR_NONE) {
        api_dispatch_refuse_body(api, exchange);
        return;
    }
    call = api_dispatch_new(api, exchange, request, &parsed);
    call->verdict = ACCESS_DENIED;
    if (call->token.ptr != NULL)
        ask(call, call->token, on_token);
    else if (call->request.appid.len > 0)
        ask(call, STR_EMPTY, on_app);
    else if (api->config.anonymous)
        api_dispatch_route(call, STR_EMPTY, STR_EMPTY);
    else
        api_dispatch_refuse(call, 401);
}
