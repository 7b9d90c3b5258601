#include "store/store.h"

#include "base/alloc.h"
#include "store/store_backend.h"
#include "store/store_check.h"
#include "store/store_engine.h"
#include "store/store_request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct store {
    struct store_engine *engine;
    struct store_places *places;
};

enum err store_open_backend(const struct store_backend *backend, const struct store_config *config,
                            struct problem *problem, struct store **out)
{
    struct store *store;
    struct store_engine *engine;
    void *state;
    enum err err;

    if (config->max_waiting == 0)
        return problem_set(problem, ERR_INVALID, 0, "the store must let at least one call wait");
    if ((err = backend->open(config, problem, &state)))
        return err;
    if ((err = store_engine_start(backend, state, config, &engine))) {
        backend->close(state);
        return problem_set(problem, err, 0, "cannot start the store's threads: raise the limit");
    }
    store = alloc_zero(sizeof *store);
    store->engine = engine;
    store->places = store_places_new(config->max_waiting, config->max_waiting_bytes);
    *out = store;
    return ERR_NONE;
}

enum err store_open(const struct store_config *config, struct problem *problem, struct store **out)
{
    const struct store_backend *backend =
        config->path == NULL ? &store_memory_backend : &store_sqlite_backend;

    return store_open_backend(backend, config, problem, out);
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store_engine_stop(store->engine);
    store_places_leave(store->places, 0);
    free(store);
}

bool store_is_healthy(const struct store *store)
{
    return store_engine_is_healthy(store->engine);
}

/* Takes the request on its way, or frees it with the reason. */
static enum err submit(struct store *store, struct store_request *request, bool is_valid)
{
    assert(request->reply != NULL);
    if (!is_valid) {
        store_request_free(request);
        return ERR_INVALID;
    }
    request->bytes = store_request_weigh(request);
    if (!store_places_take(store->places, request->bytes)) {
        store_request_free(request);
        store_engine_count_drop(store->engine);
        return ERR_FULL;
    }
    request->places = store->places;
    store_engine_submit(store->engine, request);
    return ERR_NONE;
}

/*
 * Up to six parameters: the store and the way of the answer (mailbox, function, context) are four
 * in every call, and read better than a struct that each caller would have to fill first.
 */
/* NOLINTBEGIN(readability-function-size) */
enum err store_app_find(struct store *store, struct mailbox *reply, struct str id,
                        store_app_fn on_app, void *ctx)
{
    struct store_request *request = store_request_new(VERB_APP_FIND, reply, ctx);

    request->on.app = on_app;
    return submit(store, request, store_check_copy(id, request->app->id, sizeof request->app->id));
}

enum err store_user_find(struct store *store, struct mailbox *reply, struct str apikey,
                         store_user_fn on_user, void *ctx)
{
    struct store_request *request = store_request_new(VERB_USER_FIND, reply, ctx);
    struct user_record *user = request->user;

    request->on.user = on_user;
    return submit(store, request, store_check_copy(apikey, user->apikey, sizeof user->apikey));
}

enum err store_user_find_account(struct store *store, struct mailbox *reply, struct str account,
                                 store_user_fn on_user, void *ctx)
{
    struct store_request *request = store_request_new(VERB_USER_FIND_ACCOUNT, reply, ctx);
    struct user_record *user = request->user;

    request->on.user = on_user;
    return submit(store, request, store_check_copy(account, user->account, sizeof user->account));
}

enum err store_token_find(struct store *store, struct mailbox *reply,
                          const uint8_t hash[STORE_TOKEN_HASH_BYTES], store_token_fn on_token,
                          void *ctx)
{
    struct store_request *request = store_request_new(VERB_TOKEN_FIND, reply, ctx);

    request->on.token = on_token;
    memcpy(request->token->hash, hash, STORE_TOKEN_HASH_BYTES);
    return submit(store, request, true);
}

enum err store_device_find(struct store *store, struct mailbox *reply, struct str id,
                           store_device_fn on_device, void *ctx)
{
    struct store_request *request = store_request_new(VERB_DEVICE_FIND, reply, ctx);
    struct device_record *record = &request->device->record;

    request->on.device = on_device;
    return submit(store, request, store_check_copy(id, record->id, sizeof record->id));
}

static bool copy_range(struct store_range *to, const struct store_device_range *from)
{
    to->limit = from->limit;
    return from->limit <= STORE_LIST_MAX &&
           store_check_copy(from->owner, to->owner, sizeof to->owner) &&
           store_check_copy(from->after, to->after, sizeof to->after);
}

enum err store_app_list(struct store *store, struct mailbox *reply, struct str after, size_t limit,
                        store_app_fn on_record, void *ctx)
{
    struct store_request *request = store_request_new(VERB_APP_LIST, reply, ctx);
    struct store_device_range range = {.after = after, .limit = limit};

    request->on.app = on_record;
    return submit(store, request, copy_range(request->range, &range));
}

enum err store_user_list(struct store *store, struct mailbox *reply, struct str after, size_t limit,
                         store_user_fn on_record, void *ctx)
{
    struct store_request *request = store_request_new(VERB_USER_LIST, reply, ctx);
    struct store_device_range range = {.after = after, .limit = limit};

    request->on.user = on_record;
    return submit(store, request, copy_range(request->range, &range));
}

enum err store_device_list(struct store *store, struct mailbox *reply,
                           const struct store_device_range *range, store_device_fn on_record,
                           void *ctx)
{
    struct store_request *request = store_request_new(VERB_DEVICE_LIST, reply, ctx);

    request->on.device = on_record;
    return submit(store, request, copy_range(request->range, range));
}

static struct store_request *change_new(enum store_verb verb, struct mailbox *reply,
                                        store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(verb, reply, ctx);

    request->on.done = on_done;
    return request;
}

enum err store_app_create(struct store *store, struct mailbox *reply, const struct app_record *app,
                          store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_APP_CREATE, reply, on_done, ctx);

    *request->app = *app;
    return submit(store, request, store_check_app(app));
}

enum err store_app_disable(struct store *store, struct mailbox *reply, struct str id, bool disabled,
                           store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_APP_DISABLE, reply, on_done, ctx);

    request->app->disabled = disabled;
    return submit(store, request, store_check_copy(id, request->app->id, sizeof request->app->id));
}

enum err store_user_create(struct store *store, struct mailbox *reply,
                           const struct user_record *user, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_USER_CREATE, reply, on_done, ctx);

    *request->user = *user;
    return submit(store, request, store_check_user(user));
}

enum err store_user_set_password(struct store *store, struct mailbox *reply,
                                 const struct user_record *user, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_USER_SET_PASSWORD, reply, on_done, ctx);
    bool is_valid = store_check_password(user);

    *request->user = *user;
    return submit(store, request, is_valid);
}

enum err store_token_create(struct store *store, struct mailbox *reply,
                            const struct token_record *token, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_TOKEN_CREATE, reply, on_done, ctx);

    *request->token = *token;
    return submit(store, request, store_check_token(token));
}

enum err store_token_revoke(struct store *store, struct mailbox *reply,
                            const struct token_record *token, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_TOKEN_REVOKE, reply, on_done, ctx);

    *request->token = *token;
    return submit(store, request, token->revoked_ms >= 0);
}

static bool copy_devices(struct store_request *request, const struct device_record *devices,
                         size_t count)
{
    bool is_valid = count <= STORE_BATCH_MAX;

    for (size_t i = 0; i < count && is_valid; i++) {
        struct str params = str_of(devices[i].params == NULL ? "{}" : devices[i].params);

        is_valid = store_check_device(&devices[i]) && store_check_params(params);
        if (is_valid)
            store_request_add_device(request, alloc_text(params.ptr, params.len))->record =
                devices[i];
    }
    return is_valid;
}

enum err store_device_create(struct store *store, struct mailbox *reply,
                             const struct device_record *devices, size_t count,
                             store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_DEVICE_CREATE, reply, on_done, ctx);

    return submit(store, request, copy_devices(request, devices, count));
}

enum err store_device_assign(struct store *store, struct mailbox *reply, struct str id,
                             struct str owner, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_DEVICE_ASSIGN, reply, on_done, ctx);
    struct device_record *record = &request->device->record;

    return submit(store, request,
                  store_check_copy(id, record->id, sizeof record->id) &&
                      store_check_copy(owner, record->owner, sizeof record->owner));
}

enum err store_device_update(struct store *store, struct mailbox *reply,
                             const struct store_device_change *change, store_done_fn on_done,
                             void *ctx)
{
    struct store_request *request;

    if (!store_check_change(change))
        return ERR_INVALID;
    request = store_request_new_change(change, reply, ctx);
    request->on.done = on_done;
    return submit(store, request, true);
}

static bool copy_password(struct store_password *to, struct str text)
{
    if (text.len > STORE_PASSWORD_TEXT_MAX)
        return false;
    to->text = alloc_text(text.ptr, text.len);
    to->len = text.len;
    return true;
}

enum err store_password_hash(struct store *store, struct mailbox *reply, struct str password,
                             store_hash_fn on_hash, void *ctx)
{
    struct store_request *request = store_request_new(VERB_PASSWORD_HASH, reply, ctx);

    request->on.hash = on_hash;
    return submit(store, request, copy_password(request->password, password));
}

enum err store_password_verify(struct store *store, struct mailbox *reply, struct str password,
                               const char *hash, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_new(VERB_PASSWORD_VERIFY, reply, on_done, ctx);
    struct store_password *to = request->password;

    return submit(store, request,
                  copy_password(to, password) && str_copy(str_of(hash), to->hash, sizeof to->hash));
}
/* NOLINTEND(readability-function-size) */
