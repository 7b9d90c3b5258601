#include "api/api_sign.h"

#include "api/api_private.h"
#include "proto/rest_sign.h"

static bool is_signed(const struct api_call *call, const struct app_record *app)
{
    struct str sign = rest_sign_of(call->authorization);

    if (app->quirks & APP_QUIRK_UNVERIFIED_SIGN)
        return true;
    if (sign.ptr == NULL)
        return false;
    if (call->body.len > 0)
        return rest_sign_is_of_body(sign, str_of(app->secret), call->body);
    return rest_sign_is_of_args(sign, str_of(app->secret), &call->args);
}

static enum access_verdict judge(const struct api_call *call, enum err err,
                                 const struct app_record *app)
{
    if (err == ERR_NOT_FOUND)
        return call->api->config.unknown_apps ? ACCESS_GRANTED : ACCESS_FORBIDDEN;
    if (err != ERR_NONE)
        return ACCESS_FAILED;
    if (app->disabled)
        return ACCESS_FORBIDDEN;
    return is_signed(call, app) ? ACCESS_GRANTED : ACCESS_DENIED;
}

static void on_app(void *ctx, enum err err, const struct app_record *app)
{
    struct api_call *call = ctx;
    struct access_grant grant = {.verdict = judge(call, err, app)};

    if (app != NULL && grant.verdict == ACCESS_GRANTED) {
        str_copy(str_of(app->id), grant.appid, sizeof grant.appid);
        grant.quirks = app->quirks;
    }
    api_call_go_on(call, &grant);
}

void api_sign_check(struct api_call *call)
{
    enum err err = access_find_app(call->api->config.access, call->appid, on_app, call);

    if (err == ERR_INVALID)
        on_app(call, ERR_NOT_FOUND, NULL); /* too long to be an app of ours */
    else if (err != ERR_NONE)
        on_app(call, err, NULL);
}
