#include "api/api_oauth.h"

#include "api/api_oauth_page.h"
#include "api/api_private.h"
#include "api/api_user.h"
#include "base/alloc.h"
#include "base/crypto.h"
#include "proto/rest_sign.h"
#include "proto/rest_user.h"

#include <stdio.h>

enum {
    STATE_MAX = 1024,
    SIGNED_CAP = 2 * STORE_APP_ID_CAP,
    SIGN_CAP = 64,
    STATUS_BAD = 400,
    STATUS_UNAUTHORIZED = 401,
    STATUS_FORBIDDEN = 403,
    STATUS_TOO_MANY = 429,
    STATUS_UNAVAILABLE = 503,
};

static const char GRANT_TYPE[] = "authorization_code";

/* What a page's call keeps while it waits. */
struct visit {
    struct oauth_page page;
    char app_name[STORE_NAME_CAP];
    char cookie[2 * API_OAUTH_PAGE_COOKIE_BYTES + 1];
};

static struct visit *visit_new(struct api_call *call)
{
    struct visit *visit = alloc_zero(sizeof *visit);
    struct str cookie = api_oauth_page_cookie(call);

    visit->page.request = (struct oauth_request){
        .appid = rest_args_text(&call->args, "clientId"),
        .url = rest_args_text(&call->args, "redirectUrl"),
        .state = rest_args_text(&call->args, "state"),
    };
    str_copy(cookie, visit->cookie, sizeof visit->cookie);
    visit->page.cookie = str_of(visit->cookie);
    call->own = visit;
    return visit;
}

static bool is_grant_type(const struct api_call *call)
{
    struct str type = rest_args_text(&call->args, "grantType");

    return type.len == 0 || str_eq(type, str_of(GRANT_TYPE));
}

static void show(struct api_call *call, unsigned status, const char *message)
{
    struct visit *visit = call->own;

    if (visit->cookie[0] == '\0')
        crypto_random_hex(API_OAUTH_PAGE_COOKIE_BYTES, visit->cookie);
    visit->page.cookie = str_of(visit->cookie);
    visit->page.made_ms = loop_wall_ms(call->api->config.loop);
    api_oauth_page_show(call, &visit->page, visit->app_name, status, message);
}

static void refuse_failure(struct api_call *call)
{
    api_oauth_page_refuse(call, STATUS_UNAVAILABLE, "The server is busy. Try again.");
}

static void on_url(void *ctx, enum err err, const struct store_oauth_redirect *redirect)
{
    struct api_call *call = ctx;

    (void)redirect;
    if (err == ERR_NONE)
        show(call, 200, NULL);
    else if (err == ERR_NOT_FOUND)
        api_oauth_page_refuse(call, STATUS_BAD, "The app has not registered where to return to.");
    else
        refuse_failure(call);
}

/* The app signs its id and the moment, "ID_SEQ". A '+' of base64 that was not encoded is a space.
 */
static bool is_sent_by(const struct api_call *call, const struct app_record *app)
{
    struct str sign = rest_args_text(&call->args, "authorization");
    struct str seq = rest_args_text(&call->args, "seq");
    char text[SIGNED_CAP];
    char sent[SIGN_CAP];
    int len = snprintf(text, sizeof text, "%s_" STR_FMT, app->id, STR_ARG(seq));

    if (app->quirks & APP_QUIRK_UNVERIFIED_SIGN)
        return true;
    if (!str_copy(sign, sent, sizeof sent) || len >= (int)sizeof text)
        return false;
    for (char *at = sent; *at != '\0'; at++)
        if (*at == ' ')
            *at = '+';
    return rest_sign_is_of_body(str_of(sent), str_of(app->secret), (struct str){text, (size_t)len});
}

static void keep_name(struct api_call *call, const struct app_record *app)
{
    struct visit *visit = call->own;

    str_copy(str_of(app->name[0] != '\0' ? app->name : app->id), visit->app_name,
             sizeof visit->app_name);
}

/* False, and the call is answered, unless the app may send people here. */
static bool admit(struct api_call *call, enum err err, const struct app_record *app)
{
    if (err == ERR_NONE && !app->disabled) {
        keep_name(call, app);
        return true;
    }
    if (err == ERR_NONE || err == ERR_NOT_FOUND)
        api_oauth_page_refuse(call, STATUS_FORBIDDEN, "The app is not known here.");
    else
        refuse_failure(call);
    return false;
}

static void on_app_of_page(void *ctx, enum err err, const struct app_record *app)
{
    struct api_call *call = ctx;
    struct visit *visit = call->own;

    if (!admit(call, err, app))
        return;
    if (!is_sent_by(call, app))
        api_oauth_page_refuse(call, STATUS_FORBIDDEN, "The link was not made by the app.");
    else if (oauth_find_url(call->api->config.oauth, &visit->page.request, on_url, call) !=
             ERR_NONE)
        refuse_failure(call);
}

static bool is_request(const struct oauth_request *request)
{
    return request->appid.len > 0 && request->appid.len < STORE_APP_ID_CAP &&
           oauth_is_url(request->url) && request->state.len <= STATE_MAX;
}

static void on_page(struct api_call *call)
{
    const struct visit *visit = visit_new(call);

    if (!is_request(&visit->page.request) || !is_grant_type(call))
        api_oauth_page_refuse(call, STATUS_BAD, "The link is not complete.");
    else if (access_find_app(call->api->config.access, visit->page.request.appid, on_app_of_page,
                             call) != ERR_NONE)
        refuse_failure(call);
}

static void on_code(void *ctx, enum err err, const char *code)
{
    struct api_call *call = ctx;
    const struct visit *visit = call->own;

    if (err == ERR_NONE)
        api_oauth_page_send_back(call, &visit->page.request, code, api_user_region(call, ""));
    else
        refuse_failure(call);
}

static void issue_code(struct api_call *call, const struct user_record *user)
{
    const struct visit *visit = call->own;
    const struct oauth_grant grant = {
        .request = visit->page.request,
        .apikey = str_of(user->apikey),
        .wall_ms = loop_wall_ms(call->api->config.loop),
        .on_code = on_code,
        .ctx = call,
    };

    if (oauth_issue(call->api->config.oauth, &grant) != ERR_NONE)
        refuse_failure(call);
}

static void on_login(void *ctx, enum login_verdict verdict, const struct user_record *user)
{
    struct api_call *call = ctx;

    switch (verdict) {
    case LOGIN_GRANTED:
        issue_code(call, user);
        return;
    case LOGIN_LIMITED:
        show(call, STATUS_TOO_MANY, "Too many attempts. Try again later.");
        return;
    case LOGIN_ELSEWHERE:
        show(call, STATUS_FORBIDDEN, "This account belongs to another region.");
        return;
    case LOGIN_FAILED:
        refuse_failure(call);
        return;
    case LOGIN_WRONG:
    case LOGIN_UNKNOWN:
    case LOGIN_INACTIVE:
        show(call, STATUS_UNAUTHORIZED, "Wrong account or password.");
        return;
    }
}

static void on_app_of_form(void *ctx, enum err err, const struct app_record *app)
{
    struct api_call *call = ctx;
    char room[REST_USER_ACCOUNT_CAP];
    const struct login_attempt attempt = {
        .account = rest_user_account(&call->args, room),
        .password = rest_args_text(&call->args, "password"),
        .peer_ip = str_of(call->peer_ip),
        .now_ms = loop_now_ms(call->api->config.loop),
        .on_login = on_login,
        .ctx = call,
    };

    if (!admit(call, err, app))
        return;
    if (!login_check(call->api->config.login, &attempt))
        show(call, STATUS_UNAUTHORIZED, "Wrong account or password.");
}

/* What the seal holds for was checked when the page was made. */
static void on_form(struct api_call *call)
{
    struct visit *visit = visit_new(call);
    bool is_ours =
        rest_args_i64(&call->args, "made", &visit->page.made_ms) &&
        oauth_is_sealed(call->api->config.oauth, &visit->page, rest_args_text(&call->args, "seal"),
                        loop_wall_ms(call->api->config.loop));

    if (!is_ours)
        api_oauth_page_refuse(call, STATUS_FORBIDDEN,
                              "This page is too old, or cookies are off. Go back to the app.");
    else if (access_find_app(call->api->config.access, visit->page.request.appid, on_app_of_form,
                             call) != ERR_NONE)
        refuse_failure(call);
}

static void on_pair(void *ctx, enum access_verdict verdict, const struct token_office_pair *pair,
                    const struct user_record *user)
{
    struct api_call *call = ctx;
    struct rest_user_grant grant;
    struct json_out json;

    (void)user;
    if (verdict != ACCESS_GRANTED) {
        api_call_refuse(call, api_user_token_error(call->route->style, verdict));
        return;
    }
    grant = (struct rest_user_grant){
        .access = str_of(pair->access),
        .refresh = str_of(pair->refresh),
        .access_expires_ms = pair->access_expires_ms,
        .refresh_expires_ms = pair->refresh_expires_ms,
    };
    json = api_call_begin(call);
    rest_user_put_grant(&json, &grant);
    api_call_send(call, &json);
}

static void on_taken(void *ctx, enum err err, const char *apikey)
{
    struct api_call *call = ctx;
    const struct token_office_order order = {
        .apikey = str_of(apikey),
        .appid = str_of(call->grant.appid),
        .wall_ms = loop_wall_ms(call->api->config.loop),
        .on_pair = on_pair,
        .ctx = call,
    };

    if (err == ERR_NOT_FOUND)
        api_call_refuse(call, 405);
    else if (err == ERR_EXPIRED)
        api_call_refuse(call, 402);
    else if (err != ERR_NONE || token_office_issue(call->api->config.tokens, &order) != ERR_NONE)
        api_call_refuse(call, 500);
}

static void on_token(struct api_call *call)
{
    const struct oauth_exchange exchange = {
        .code = rest_args_text(&call->args, "code"),
        .url = rest_args_text(&call->args, "redirectUrl"),
        .appid = str_of(call->grant.appid),
        .wall_ms = loop_wall_ms(call->api->config.loop),
        .on_taken = on_taken,
        .ctx = call,
    };
    enum err err;

    if (exchange.code.len == 0 || exchange.url.len == 0 || !is_grant_type(call)) {
        api_call_refuse(call, 400);
        return;
    }
    err = oauth_take(call->api->config.oauth, &exchange);
    if (err != ERR_NONE)
        api_call_refuse(call, err == ERR_INVALID ? 400 : 500);
}

static const struct api_route routes[] = {
    {"GET", "/oauth/index.html", API_OPEN, REST_V2, 0, on_page},
    {"POST", "/oauth/login", API_OPEN, REST_V2, 0, on_form},
    {"POST", "/v2/user/oauth/token", API_SIGNED, REST_V2, 0, on_token},
};

const struct api_resource api_oauth = {routes, sizeof routes / sizeof *routes};
