#include "store_fixture.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "store/store_app.h"
#include "store/store_device.h"
#include "store/store_token.h"
#include "store/store_user.h"

#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 60 * 1000 }; /* only ever reached by a failure */

struct store_fixture *store_fixture_new(void)
{
    struct store_fixture *fx = alloc_zero(sizeof *fx);
    const char *base = getenv("TMPDIR");

    assert_int_equal(crypto_init(), ERR_NONE);
    snprintf(fx->dir, sizeof fx->dir, "%s/store_test.XXXXXX",
             base == NULL || strlen(base) > 40 ? "/tmp" : base);
    assert_non_null(mkdtemp(fx->dir));
    snprintf(fx->path, sizeof fx->path, "%s/switchyard.db", fx->dir);
    fx->mailbox = mailbox_new();
    fx->metrics = metric_set_new();
    fx->config = (struct store_config){
        .path = fx->path, .commit_ms = 0, .max_waiting = 4096, .metrics = fx->metrics};
    return fx;
}

static void remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    assert_int_equal(rmdir(path), 0);
}

void store_fixture_free(struct store_fixture *fx)
{
    store_fixture_close(fx);
    mailbox_deliver(fx->mailbox);
    mailbox_free(fx->mailbox);
    metric_set_free(fx->metrics);
    remove_dir(fx->dir);
    free(fx);
}

void store_fixture_open(struct store_fixture *fx)
{
    struct problem problem = {0};

    if (store_open(&fx->config, &problem, &fx->store) != ERR_NONE)
        fail_msg("%s", problem.text);
}

void store_fixture_close(struct store_fixture *fx)
{
    store_close(fx->store);
    fx->store = NULL;
}

int store_fixture_setup(void **state)
{
    struct store_fixture *fx = store_fixture_new();

    store_fixture_open(fx);
    *state = fx;
    return 0;
}

int store_fixture_teardown(void **state)
{
    store_fixture_free(*state);
    return 0;
}

static struct store_answer *finish(void *ctx, enum err err)
{
    struct store_answer *answer = ctx;

    assert_false(answer->done);
    answer->done = true;
    answer->err = err;
    return answer;
}

void store_fixture_on_done(void *ctx, enum err err)
{
    finish(ctx, err);
}

void store_fixture_on_app(void *ctx, enum err err, const struct app_record *app)
{
    struct store_answer *answer = finish(ctx, err);

    assert_true((app == NULL) == (err != ERR_NONE));
    if (app != NULL)
        answer->app = *app;
}

void store_fixture_on_user(void *ctx, enum err err, const struct user_record *user)
{
    struct store_answer *answer = finish(ctx, err);

    assert_true((user == NULL) == (err != ERR_NONE));
    if (user != NULL)
        answer->user = *user;
}

void store_fixture_on_token(void *ctx, enum err err, const struct token_record *token)
{
    struct store_answer *answer = finish(ctx, err);

    assert_true((token == NULL) == (err != ERR_NONE));
    if (token != NULL)
        answer->token = *token;
}

void store_fixture_on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct store_answer *answer = finish(ctx, err);

    assert_true((device == NULL) == (err != ERR_NONE));
    if (device == NULL)
        return;
    answer->device = *device;
    assert_true(str_copy(str_of(device->params), answer->params, sizeof answer->params));
    answer->device.params = answer->params;
}

/* NULL ends the list. */
static void add_listed(void *ctx, enum err err, const char *key)
{
    struct store_answer *answer = ctx;
    size_t len = strlen(answer->keys);

    if (key == NULL) {
        finish(ctx, err);
        return;
    }
    assert_int_equal(err, ERR_NONE);
    answer->count++;
    snprintf(answer->keys + len, sizeof answer->keys - len, "%s ", key);
}

void store_fixture_on_app_listed(void *ctx, enum err err, const struct app_record *app)
{
    add_listed(ctx, err, app == NULL ? NULL : app->id);
}

void store_fixture_on_user_listed(void *ctx, enum err err, const struct user_record *user)
{
    add_listed(ctx, err, user == NULL ? NULL : user->apikey);
}

void store_fixture_on_device_listed(void *ctx, enum err err, const struct device_record *device)
{
    add_listed(ctx, err, device == NULL ? NULL : device->id);
}

void store_fixture_on_hash(void *ctx, enum err err, const char *hash)
{
    struct store_answer *answer = finish(ctx, err);

    assert_true((hash == NULL) == (err != ERR_NONE));
    assert_true(str_copy(str_of(hash), answer->hash, sizeof answer->hash));
}

enum err store_fixture_wait(struct store_fixture *fx, const struct store_answer *answer)
{
    struct pollfd ready = {.fd = mailbox_fd(fx->mailbox), .events = POLLIN};

    while (!answer->done) {
        assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
        mailbox_deliver(fx->mailbox);
    }
    return answer->err;
}

enum err store_fixture_create_app(struct store_fixture *fx, const char *id)
{
    struct app_record app = {.secret = "secret", .name = "an app", .created_ms = 1};
    struct store_answer answer = {0};

    assert_true(str_copy(str_of(id), app.id, sizeof app.id));
    assert_int_equal(store_app_create(fx->store, fx->mailbox, &app, store_fixture_on_done, &answer),
                     ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

enum err store_fixture_create_user(struct store_fixture *fx, const char *apikey,
                                   const char *account)
{
    struct user_record user = {.region = "eu", .password_hash = "hash", .created_ms = 2};
    struct store_answer answer = {0};

    assert_true(str_copy(str_of(apikey), user.apikey, sizeof user.apikey));
    assert_true(str_copy(str_of(account), user.account, sizeof user.account));
    assert_int_equal(
        store_user_create(fx->store, fx->mailbox, &user, store_fixture_on_done, &answer), ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

enum err store_fixture_create_device(struct store_fixture *fx, const char *id, const char *owner)
{
    struct device_record device = {.key = "key", .name = "a device", .created_ms = 3};
    struct store_answer answer = {0};

    assert_true(str_copy(str_of(id), device.id, sizeof device.id));
    assert_true(str_copy(str_of(owner), device.owner, sizeof device.owner));
    assert_int_equal(
        store_device_create(fx->store, fx->mailbox, &device, 1, store_fixture_on_done, &answer),
        ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

enum err store_fixture_set_params(struct store_fixture *fx, const char *id, const char *params)
{
    struct store_device_change change = {.id = str_of(id), .params = str_of(params)};
    struct store_answer answer = {0};

    assert_int_equal(
        store_device_update(fx->store, fx->mailbox, &change, store_fixture_on_done, &answer),
        ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

enum err store_fixture_find_device(struct store_fixture *fx, const char *id,
                                   struct store_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    assert_int_equal(
        store_device_find(fx->store, fx->mailbox, str_of(id), store_fixture_on_device, answer),
        ERR_NONE);
    return store_fixture_wait(fx, answer);
}
