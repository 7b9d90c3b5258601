#include "proto/rest_user.h"

#include "base/clock.h"
#include "proto/rest_args.h"

#include <stdio.h>
#include <string.h>

enum { ID_CAP = 25 };

static void put_if(struct json_out *json, const char *key, struct str text)
{
    if (text.len > 0)
        json_out_str(json, key, text);
}

static void put_time(struct json_out *json, const char *key, int64_t wall_ms)
{
    char text[CLOCK_ISO_CAP];

    clock_format_iso(wall_ms, text);
    json_out_str(json, key, str_of(text));
}

/* 24 hex digits, as an id of the database that old clients were made for has: of the apikey. */
static struct str id_of(struct str apikey, char room[static ID_CAP])
{
    size_t len = 0;

    for (size_t i = 0; i < apikey.len && len < ID_CAP - 1; i++)
        if (apikey.ptr[i] != '-')
            room[len++] = apikey.ptr[i];
    return (struct str){room, len};
}

static void put_account(struct json_out *json, struct str account)
{
    bool is_email = str_find(account, '@') < account.len;

    json_out_str(json, is_email ? "email" : "phoneNumber", account);
}

static void put_v1(struct json_out *json, const struct rest_user *user)
{
    char room[ID_CAP];

    json_out_str(json, "_id", id_of(user->apikey, room));
    put_account(json, user->account);
    put_if(json, "appId", user->appid);
    json_out_str(json, "lang", user->lang.len > 0 ? user->lang : STR("en"));
    json_out_bool(json, "online", false);
    put_time(json, "onlineTime", user->now_ms);
    put_if(json, "ip", user->ip);
    json_out_str(json, "location", STR(""));
    put_time(json, "offlineTime", user->now_ms);
    put_time(json, "createdAt", user->created_ms);
    json_out_str(json, "apikey", user->apikey);
}

static void put_v2(struct json_out *json, const struct rest_user *user)
{
    json_out_str(json, "countryCode", user->country);
    put_account(json, user->account);
    put_if(json, "lang", user->lang);
    json_out_str(json, "apikey", user->apikey);
}

void rest_user_put(struct json_out *json, enum rest_style style, const struct rest_user *user)
{
    json_out_object(json, "user");
    if (style == REST_V2)
        put_v2(json, user);
    else
        put_v1(json, user);
    json_out_end_object(json);
}

void rest_user_put_login(struct json_out *json, enum rest_style style,
                         const struct rest_user_login *login)
{
    json_out_str(json, "at", login->access);
    json_out_str(json, "rt", login->refresh);
    rest_user_put(json, style, &login->user);
    json_out_str(json, "region", login->region);
}

void rest_user_put_grant(struct json_out *json, const struct rest_user_grant *grant)
{
    json_out_str(json, "accessToken", grant->access);
    json_out_int(json, "atExpiredTime", grant->access_expires_ms);
    json_out_str(json, "refreshToken", grant->refresh);
    json_out_int(json, "rtExpiredTime", grant->refresh_expires_ms);
}

struct str rest_user_account(const struct rest_args *args, char room[static REST_USER_ACCOUNT_CAP])
{
    struct str account = str_trim(rest_args_text(args, "email"));
    struct str country = str_trim(rest_args_text(args, "countryCode"));
    int len;

    if (account.len > 0)
        country = STR("");
    else
        account = str_trim(rest_args_text(args, "phoneNumber"));
    if (account.len == 0)
        account = str_trim(rest_args_text(args, "account"));
    if (account.len == 0 || account.ptr[0] == '+' || str_find(account, '@') < account.len)
        country = STR("");
    if (account.len >= REST_USER_ACCOUNT_CAP || country.len >= REST_USER_ACCOUNT_CAP)
        return STR("");
    len = snprintf(room, REST_USER_ACCOUNT_CAP, "%s" STR_FMT STR_FMT,
                   country.len > 0 && country.ptr[0] != '+' ? "+" : "", STR_ARG(country),
                   STR_ARG(account));
    return len < REST_USER_ACCOUNT_CAP ? (struct str){room, (size_t)len} : STR("");
}
