/*
 * api_user - what an account does about itself: refresh, logout, profile, password. Private to api.
 */
#pragma once

#include "api/api_call.h"

#include <stddef.h>

extern const struct api_resource api_user;

/* What both dialects answer for a check of a password that was not granted; none of them is 0. */
int api_user_error(enum rest_style style, enum login_verdict verdict);
/* Likewise for a refresh token. */
int api_user_token_error(enum rest_style style, enum access_verdict verdict);

/* The region to tell: the account's, else this server's. A server without one says "eu": clients
 * make host names of it. */
struct str api_user_region(const struct api_call *call, const char *of_account);

/* Answers with the tokens and the account. Frees the call. */
void api_user_answer_login(struct api_call *call, const struct token_office_pair *pair,
                           const struct user_record *user);
