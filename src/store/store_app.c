#include "store/store_app.h"

#include "store/store_app_verb.h"
#include "store/store_check.h"
#include "store/store_private.h"

static void give(struct store_request *request, enum err err, const void *app)
{
    ((store_app_fn)request->on)(request->ctx, err, app);
}

static const struct store_shape app_shape = {.size = sizeof(struct app_record)};

static const struct store_verb verbs[STORE_APP_VERBS] = {
    [STORE_APP_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &app_shape, .give = give},
    [STORE_APP_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &store_request_range, .rows = &app_shape,
                        .give = give},
    [STORE_APP_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &app_shape},
    [STORE_APP_DISABLE] = {STORE_CHANGE, STORE_DONE, .args = &app_shape},
};

const struct store_resource store_app_resource = {verbs, STORE_APP_VERBS};

enum err store_app_find(struct store *store, struct mailbox *reply, struct str id,
                        store_app_fn on_app, void *ctx)
{
    struct store_request *request = store_request_new(STORE_APP, STORE_APP_FIND, reply, ctx);
    struct app_record *app = request->args;

    request->on = (store_any_fn)on_app;
    return store_submit(store, request, store_check_copy(id, app->id, sizeof app->id));
}

/* Six parameters, here and in the other facades: the store and the way of the answer (mailbox,
 * function, context) are four in every call, and read better than a struct to fill first. */
/* NOLINTBEGIN(readability-function-size) */
enum err store_app_list(struct store *store, struct mailbox *reply, struct str after, size_t limit,
                        store_app_fn on_record, void *ctx)
{
    struct store_request *request = store_request_new(STORE_APP, STORE_APP_LIST, reply, ctx);

    request->on = (store_any_fn)on_record;
    return store_submit(store, request, store_request_set_range(request, after, limit));
}

static bool is_app(const struct app_record *app)
{
    return store_check_key(app->id, sizeof app->id) &&
           store_check_key(app->secret, sizeof app->secret) &&
           store_check_text(app->name, sizeof app->name) && app->created_ms >= 0;
}

enum err store_app_create(struct store *store, struct mailbox *reply, const struct app_record *app,
                          store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_APP, STORE_APP_CREATE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct app_record *)request->args = *app;
    return store_submit(store, request, is_app(app));
}

enum err store_app_disable(struct store *store, struct mailbox *reply, struct str id, bool disabled,
                           store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_APP, STORE_APP_DISABLE, reply, ctx);
    struct app_record *app = request->args;

    request->on = (store_any_fn)on_done;
    app->disabled = disabled;
    return store_submit(store, request, store_check_copy(id, app->id, sizeof app->id));
}
/* NOLINTEND(readability-function-size) */
