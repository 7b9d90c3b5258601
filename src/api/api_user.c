#include "api/api_user.h"

#include "api/api_private.h"
#include "base/alloc.h"
#include "proto/rest_user.h"

/* What the codes of a login mean in both dialects (docs/protocol.md, "Login"). */
static const struct {
    enum login_verdict verdict;
    int v1;
    int v2;
} errors[] = {
    {LOGIN_WRONG, 401, 10001},     {LOGIN_UNKNOWN, 404, 10003}, {LOGIN_INACTIVE, 402, 10002},
    {LOGIN_ELSEWHERE, 301, 10004}, {LOGIN_LIMITED, 403, 406},
};

int api_user_error(enum rest_style style, enum login_verdict verdict)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].verdict == verdict)
            return style == REST_V2 ? errors[i].v2 : errors[i].v1;
    return 500;
}

int api_user_token_error(enum rest_style style, enum access_verdict verdict)
{
    switch (verdict) {
    case ACCESS_DENIED:
        return 401;
    case ACCESS_EXPIRED:
        return 402;
    case ACCESS_FORBIDDEN:
        return style == REST_V2 ? 407 : 403;
    case ACCESS_GRANTED:
    case ACCESS_FAILED:
        break;
    }
    return 500;
}

struct str api_user_region(const struct api_call *call, const char *of_account)
{
    const char *here = call->api->config.region;

    if (of_account[0] != '\0')
        return str_of(of_account);
    return here[0] != '\0' ? str_of(here) : STR("eu");
}

/* What the call names, else one of the account's region: nobody has told which is the account's. */
static struct str country_of(const struct api_call *call, const struct user_record *user)
{
    struct str named = rest_args_text(&call->args, "countryCode");

    if (named.len > 0)
        return named;
    return str_eq(api_user_region(call, user->region), STR("cn")) ? STR("+86") : STR("+1");
}

static struct rest_user user_of(const struct api_call *call, const struct user_record *user)
{
    return (struct rest_user){
        .apikey = str_of(user->apikey),
        .account = str_of(user->account),
        .appid = str_of(call->grant.appid),
        .country = country_of(call, user),
        .lang = rest_args_text(&call->args, "lang"),
        .ip = str_of(call->peer_ip),
        .created_ms = user->created_ms,
        .now_ms = loop_wall_ms(call->api->config.loop),
    };
}

static void answer_login(struct api_call *call, const struct token_office_pair *pair,
                         const struct user_record *user)
{
    const struct rest_user_login login = {
        .access = str_of(pair->access),
        .refresh = str_of(pair->refresh),
        .region = api_user_region(call, user->region),
        .user = user_of(call, user),
    };
    struct json_out json = api_call_begin(call);

    rest_user_put_login(&json, call->route->style, &login);
    api_call_send(call, &json);
}

static void on_issued(void *ctx, enum access_verdict verdict, const struct token_office_pair *pair,
                      const struct user_record *user)
{
    struct api_call *call = ctx;

    (void)user;
    if (verdict == ACCESS_GRANTED)
        answer_login(call, pair, call->own);
    else
        api_call_refuse(call, 500);
}

void api_user_log_in(struct api_call *call, const struct user_record *user)
{
    struct user_record *kept = alloc_zero(sizeof *kept);
    const struct token_office_order order = {
        .apikey = str_of(user->apikey),
        .appid = str_of(call->grant.appid),
        .wall_ms = loop_wall_ms(call->api->config.loop),
        .on_pair = on_issued,
        .ctx = call,
    };

    *kept = *user;
    kept->password_hash[0] = '\0';
    call->own = kept;
    if (token_office_issue(call->api->config.tokens, &order) != ERR_NONE)
        api_call_refuse(call, 500);
}

static void on_exchanged(void *ctx, enum access_verdict verdict,
                         const struct token_office_pair *pair, const struct user_record *user)
{
    struct api_call *call = ctx;

    if (verdict == ACCESS_GRANTED)
        answer_login(call, pair, user);
    else
        api_call_refuse(call, api_user_token_error(call->route->style, verdict));
}

/* The refresh token vouches for itself; only where the app has signed, it must be that app's. */
static void on_refresh(struct api_call *call)
{
    const struct token_office_order order = {
        .refresh = rest_args_text(&call->args, "rt"),
        .appid = str_of(call->grant.appid),
        .wall_ms = loop_wall_ms(call->api->config.loop),
        .on_pair = on_exchanged,
        .ctx = call,
    };

    if (order.refresh.len == 0)
        api_call_refuse(call, 400);
    else if (token_office_exchange(call->api->config.tokens, &order) != ERR_NONE)
        api_call_refuse(call, 500);
}

static void on_done(void *ctx, enum err err)
{
    if (err == ERR_NONE)
        api_call_succeed(ctx);
    else
        api_call_refuse(ctx, 500);
}

static void on_logout(struct api_call *call)
{
    if (token_office_end(call->api->config.tokens, call->grant.token_hash, on_done, call) !=
        ERR_NONE)
        api_call_refuse(call, 500);
}

static void on_user(void *ctx, enum err err, const struct user_record *user)
{
    struct api_call *call = ctx;
    struct rest_user profile;
    struct json_out json;

    if (err != ERR_NONE) {
        api_call_refuse(call, err == ERR_NOT_FOUND ? 401 : 500);
        return;
    }
    profile = user_of(call, user);
    json = api_call_begin(call);
    rest_user_put(&json, call->route->style, &profile);
    json_out_str(&json, "region", api_user_region(call, user->region));
    api_call_send(call, &json);
}

static void on_profile(struct api_call *call)
{
    if (access_find_user(call->api->config.access, str_of(call->grant.apikey), on_user, call) !=
        ERR_NONE)
        api_call_refuse(call, 500);
}

static void on_old_password(void *ctx, enum login_verdict verdict, const struct user_record *user)
{
    struct api_call *call = ctx;
    struct str password = rest_args_text(&call->args, "newPassword");

    if (verdict != LOGIN_GRANTED && verdict != LOGIN_ELSEWHERE)
        api_call_refuse(call, api_user_error(call->route->style, verdict));
    else if (login_set_password(call->api->config.login, str_of(user->apikey), password, on_done,
                                call) != ERR_NONE)
        api_call_refuse(call, 500);
}

static void on_password(struct api_call *call)
{
    struct login *login = call->api->config.login;
    const struct login_attempt attempt = {
        .apikey = str_of(call->grant.apikey),
        .password = rest_args_text(&call->args, "oldPassword"),
        .peer_ip = str_of(call->peer_ip),
        .now_ms = loop_now_ms(call->api->config.loop),
        .on_login = on_old_password,
        .ctx = call,
    };

    if (!login_is_password(login, rest_args_text(&call->args, "newPassword")) ||
        !login_check(login, &attempt))
        api_call_refuse(call, 400);
}

static const struct api_route routes[] = {
    {"GET", "/api/user/refresh", API_SIGNED_OR_BEARER, REST_BARE, 406, on_refresh},
    {"POST", "/api/user/refresh", API_SIGNED_OR_BEARER, REST_BARE, 406, on_refresh},
    {"POST", "/api/user/password", API_BEARER, REST_INFO, 0, on_password},
    {"POST", "/v2/user/refresh", API_SIGNED_OR_BEARER, REST_V2, 0, on_refresh},
    {"GET", "/v2/user/profile", API_BEARER, REST_V2, 0, on_profile},
    {"DELETE", "/v2/user/logout", API_BEARER, REST_V2, 0, on_logout},
    {"POST", "/v2/user/change-pwd", API_BEARER, REST_V2, 0, on_password},
};

const struct api_resource api_user = {routes, sizeof routes / sizeof *routes};
