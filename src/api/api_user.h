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

/* Who has proved to be that user gets tokens, and an answer with them and the account. Copies the
 * user; frees the call, now or later. */
void api_user_log_in(struct api_call *call, const struct user_record *user);
