#include "store/store_oauth.h"

#include "store/store_check.h"
#include "store/store_oauth_verb.h"
#include "store/store_private.h"

#include <string.h>

static void give_redirect(struct store_request *request, enum err err, const void *redirect)
{
    ((store_oauth_redirect_fn)request->on)(request->ctx, err, redirect);
}

static void give_code(struct store_request *request, enum err err, const void *code)
{
    ((store_oauth_code_fn)request->on)(request->ctx, err, code);
}

static const struct store_shape redirect_shape = {.size = sizeof(struct store_oauth_redirect)};
static const struct store_shape code_shape = {.size = sizeof(struct store_oauth_code)};
static const struct store_shape list_shape = {.size = sizeof(struct store_oauth_list)};

static const struct store_verb verbs[STORE_OAUTH_VERBS] = {
    [STORE_OAUTH_ADD] = {STORE_CHANGE, STORE_DONE, .args = &redirect_shape},
    [STORE_OAUTH_REMOVE] = {STORE_CHANGE, STORE_DONE, .args = &redirect_shape},
    [STORE_OAUTH_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &redirect_shape,
                          .give = give_redirect},
    [STORE_OAUTH_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &list_shape, .rows = &redirect_shape,
                          .give = give_redirect},
    [STORE_OAUTH_CODE_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &code_shape},
    [STORE_OAUTH_CODE_TAKE] = {STORE_CHANGE, STORE_ITEM, .args = &code_shape, .give = give_code},
};

const struct store_resource store_oauth_resource = {verbs, STORE_OAUTH_VERBS};

static bool is_redirect(const struct store_oauth_redirect *redirect)
{
    return store_check_key(redirect->appid, sizeof redirect->appid) &&
           store_check_key(redirect->url, sizeof redirect->url);
}

/* NOLINTBEGIN(readability-function-size): see store_app.c */
static enum err submit_redirect(struct store *store, struct mailbox *reply,
                                enum store_oauth_verb verb,
                                const struct store_oauth_redirect *redirect, store_any_fn on,
                                void *ctx)
{
    struct store_request *request = store_request_new(STORE_OAUTH, verb, reply, ctx);

    request->on = on;
    *(struct store_oauth_redirect *)request->args = *redirect;
    return store_submit(store, request, is_redirect(redirect));
}

enum err store_oauth_add(struct store *store, struct mailbox *reply,
                         const struct store_oauth_redirect *redirect, store_done_fn on_done,
                         void *ctx)
{
    return submit_redirect(store, reply, STORE_OAUTH_ADD, redirect, (store_any_fn)on_done, ctx);
}

enum err store_oauth_remove(struct store *store, struct mailbox *reply,
                            const struct store_oauth_redirect *redirect, store_done_fn on_done,
                            void *ctx)
{
    return submit_redirect(store, reply, STORE_OAUTH_REMOVE, redirect, (store_any_fn)on_done, ctx);
}

enum err store_oauth_find(struct store *store, struct mailbox *reply,
                          const struct store_oauth_redirect *redirect,
                          store_oauth_redirect_fn on_found, void *ctx)
{
    return submit_redirect(store, reply, STORE_OAUTH_FIND, redirect, (store_any_fn)on_found, ctx);
}
/* NOLINTEND(readability-function-size) */

enum err store_oauth_list(struct store *store, struct mailbox *reply, struct str appid,
                          store_oauth_redirect_fn on_record, void *ctx)
{
    struct store_request *request = store_request_new(STORE_OAUTH, STORE_OAUTH_LIST, reply, ctx);
    struct store_oauth_list *list = request->args;

    request->on = (store_any_fn)on_record;
    return store_submit(store, request,
                        store_request_set_range(request, STR(""), STORE_OAUTH_URLS_MAX) &&
                            store_check_copy(appid, list->appid, sizeof list->appid));
}

enum err store_oauth_code_create(struct store *store, struct mailbox *reply,
                                 const struct store_oauth_code *code, store_done_fn on_done,
                                 void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_OAUTH, STORE_OAUTH_CODE_CREATE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct store_oauth_code *)request->args = *code;
    return store_submit(store, request,
                        store_check_key(code->apikey, sizeof code->apikey) &&
                            store_check_key(code->appid, sizeof code->appid) &&
                            store_check_key(code->url, sizeof code->url) && code->expires_ms > 0);
}

enum err store_oauth_code_take(struct store *store, struct mailbox *reply,
                               const uint8_t hash[STORE_OAUTH_HASH_BYTES],
                               store_oauth_code_fn on_code, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_OAUTH, STORE_OAUTH_CODE_TAKE, reply, ctx);
    struct store_oauth_code *code = request->args;

    request->on = (store_any_fn)on_code;
    memcpy(code->hash, hash, sizeof code->hash);
    return store_submit(store, request, true);
}
