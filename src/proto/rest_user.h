/*
 * rest_user - an account as answers of the account API describe it, and a login's answer.
 *
 * Source: docs/protocol.md, "Login". Any thread.
 */
#pragma once

#include "base/json_out.h"
#include "base/str.h"
#include "proto/rest_answer.h"

#include <stdint.h>

enum { REST_USER_ACCOUNT_CAP = 129 };

struct rest_user {
    struct str apikey;
    struct str account; /* an e-mail address when it has an '@', else a phone number */
    struct str appid;   /* empty: left out, as all below */
    struct str country; /* "+1"; v2 has it even when it is empty, since a client reads it */
    struct str lang;
    struct str ip;
    int64_t created_ms;
    int64_t now_ms;
};

struct rest_user_login {
    struct str access;
    struct str refresh;
    struct str region;
    struct rest_user user;
};

/* Members of an answer in that style: "user". */
void rest_user_put(struct json_out *json, enum rest_style style, const struct rest_user *user);
/* "at", "rt", "user" and "region". */
void rest_user_put_login(struct json_out *json, enum rest_style style,
                         const struct rest_user_login *login);

/* OAuth 2.0: "accessToken", "atExpiredTime", "refreshToken", "rtExpiredTime"; wall milliseconds. */
struct rest_user_grant {
    struct str access;
    struct str refresh;
    int64_t access_expires_ms;
    int64_t refresh_expires_ms;
};
void rest_user_put_grant(struct json_out *json, const struct rest_user_grant *grant);

/*
 * The account that a call names: its "email", else its "phoneNumber", to which "countryCode" is
 * added where it begins with no '+', else its "account". Of an address nothing but the spaces
 * around it is taken off. Empty: there is none, or it does not fit.
 */
struct rest_args;
struct str rest_user_account(const struct rest_args *args, char room[static REST_USER_ACCOUNT_CAP]);
