/*
 * store_check - may a record be stored? Its texts end within their arrays, its key is there.
 *
 * Says nothing about what the texts mean: that is the domain's. Pure functions, private to
 * src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "store/store_record.h"

#include <stddef.h>

MUST_USE bool store_check_app(const struct app_record *app);
MUST_USE bool store_check_user(const struct user_record *user);
/* Of a user, apikey and password_hash alone. */
MUST_USE bool store_check_password(const struct user_record *user);
MUST_USE bool store_check_token(const struct token_record *token);
MUST_USE bool store_check_device(const struct device_record *device);

MUST_USE bool store_check_change(const struct store_device_change *change);

/* Within STORE_PARAMS_MAX and without a NUL. */
MUST_USE bool store_check_params(struct str params);

/* As str_copy(), but false also for a NUL inside, which would make the copy another key. */
MUST_USE bool store_check_copy(struct str text, char *out, size_t cap);
