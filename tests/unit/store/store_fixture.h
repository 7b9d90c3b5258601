/*
 * store_fixture - a store in a directory of its own, and one answer at a time.
 *
 * For tests: call the store with a struct store_answer as ctx and the callbacks below, then
 * store_fixture_wait() delivers mail until that answer is complete.
 */
#pragma once

#include "base/metric.h"
#include "net/mailbox.h"
#include "store/store.h"
#include "store/store_app.h"
#include "store/store_backend.h"
#include "store/store_device.h"
#include "store/store_token.h"
#include "store/store_user.h"

#include <stdbool.h>
#include <stddef.h>

struct store_fixture {
    struct store *store;
    struct mailbox *mailbox;
    struct metric_set *metrics;
    struct store_config config;
    char dir[64];
    char path[96];
};

struct store_answer {
    bool done;
    enum err err;
    size_t count;    /* of records that a list gave */
    char keys[2048]; /* theirs, one space behind each, as far as there is room */
    char hash[STORE_PASSWORD_CAP];
    char params[STORE_PARAMS_MAX + 1];
    struct app_record app;
    struct user_record user;
    struct token_record token;
    struct device_record device;
};

/* A directory and a mailbox; the store is not open. */
struct store_fixture *store_fixture_new(void);
/* Closes the store and removes the directory. */
void store_fixture_free(struct store_fixture *fx);

void store_fixture_open(struct store_fixture *fx);
void store_fixture_close(struct store_fixture *fx);

/* For cmocka: *state becomes a fixture with an open store. */
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);

/* Callbacks: each fills the struct store_answer that is its ctx. */
void store_fixture_on_done(void *ctx, enum err err);
void store_fixture_on_app(void *ctx, enum err err, const struct app_record *app);
void store_fixture_on_user(void *ctx, enum err err, const struct user_record *user);
void store_fixture_on_token(void *ctx, enum err err, const struct token_record *token);
void store_fixture_on_device(void *ctx, enum err err, const struct device_record *device);
void store_fixture_on_app_listed(void *ctx, enum err err, const struct app_record *app);
void store_fixture_on_user_listed(void *ctx, enum err err, const struct user_record *user);
void store_fixture_on_device_listed(void *ctx, enum err err, const struct device_record *device);
void store_fixture_on_hash(void *ctx, enum err err, const char *hash);

/* Delivers until the answer is there; fails the test when none comes. Returns its err. */
enum err store_fixture_wait(struct store_fixture *fx, const struct store_answer *answer);

/* Whole calls. */
enum err store_fixture_create_app(struct store_fixture *fx, const char *id);
enum err store_fixture_create_user(struct store_fixture *fx, const char *apikey,
                                   const char *account);
enum err store_fixture_create_device(struct store_fixture *fx, const char *id, const char *owner);
enum err store_fixture_set_params(struct store_fixture *fx, const char *id, const char *params);
enum err store_fixture_find_device(struct store_fixture *fx, const char *id,
                                   struct store_answer *answer);
