#include "api/api_user_login.h"

#include "api/api_private.h"
#include "api/api_user.h"
#include "proto/rest_user.h"

/* Clients log in once more, where they are sent. */
static void send_elsewhere(struct api_call *call, const struct user_record *user)
{
    struct json_out json =
        api_call_begin_refusal(call, api_user_error(call->route->style, LOGIN_ELSEWHERE));

    json_out_str(&json, "region", str_of(user->region));
    api_call_send_refusal(call, &json);
}

static void on_verdict(void *ctx, enum login_verdict verdict, const struct user_record *user)
{
    struct api_call *call = ctx;

    if (verdict == LOGIN_GRANTED)
        api_user_log_in(call, user);
    else if (verdict == LOGIN_ELSEWHERE)
        send_elsewhere(call, user);
    else
        api_call_refuse(call, api_user_error(call->route->style, verdict));
}

static void on_login(struct api_call *call)
{
    char room[REST_USER_ACCOUNT_CAP];
    const struct login_attempt attempt = {
        .account = rest_user_account(&call->args, room),
        .password = rest_args_text(&call->args, "password"),
        .peer_ip = str_of(call->peer_ip),
        .now_ms = loop_now_ms(call->api->config.loop),
        .on_login = on_verdict,
        .ctx = call,
    };

    if (!login_check(call->api->config.login, &attempt))
        api_call_refuse(call, 400);
}

static const struct api_route routes[] = {
    {"POST", "/api/user/login", API_SIGNED, REST_BARE, 406, on_login},
    {"POST", "/v2/user/login", API_SIGNED, REST_V2, 0, on_login},
};

const struct api_resource api_user_login = {routes, sizeof routes / sizeof *routes};
