#include "store/store_user.h"

#include "store/store_account_name.h"
#include "store/store_check.h"
#include "store/store_private.h"
#include "store/store_user_verb.h"

static void give(struct store_request *request, enum err err, const void *user)
{
    ((store_user_fn)request->on)(request->ctx, err, user);
}

static void give_token(struct store_request *request, enum err err, const void *token)
{
    ((store_token_fn)request->on)(request->ctx, err, token);
}

static const struct store_shape token_shape = {.size = sizeof(struct token_record)};
static const struct store_shape user_shape = {.size = sizeof(struct user_record)};

static const struct store_verb verbs[STORE_USER_VERBS] = {
    [STORE_USER_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &user_shape, .give = give},
    [STORE_USER_FIND_ACCOUNT] = {STORE_LOOK_UP, STORE_ITEM, .args = &user_shape, .give = give},
    [STORE_USER_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &store_request_range,
                         .rows = &user_shape, .give = give},
    [STORE_USER_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &user_shape},
    [STORE_USER_SET_PASSWORD] = {STORE_CHANGE, STORE_DONE, .args = &user_shape},
    [STORE_USER_RENEW_PASSWORD] = {STORE_CHANGE, STORE_ROWS, .args = &user_shape,
                                   .rows = &token_shape, .give = give_token},
};

const struct store_resource store_user_resource = {verbs, STORE_USER_VERBS};

enum err store_user_find(struct store *store, struct mailbox *reply, struct str apikey,
                         store_user_fn on_user, void *ctx)
{
    struct store_request *request = store_request_new(STORE_USER, STORE_USER_FIND, reply, ctx);
    struct user_record *user = request->args;

    request->on = (store_any_fn)on_user;
    return store_submit(store, request,
                        store_check_copy(apikey, user->apikey, sizeof user->apikey));
}

enum err store_user_find_account(struct store *store, struct mailbox *reply, struct str account,
                                 store_user_fn on_user, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_USER, STORE_USER_FIND_ACCOUNT, reply, ctx);
    struct user_record *user = request->args;

    request->on = (store_any_fn)on_user;
    return store_submit(store, request, store_account_name_copy(account, user->account));
}

/* NOLINTNEXTLINE(readability-function-size): see store_app.c */
enum err store_user_list(struct store *store, struct mailbox *reply, struct str after, size_t limit,
                         store_user_fn on_record, void *ctx)
{
    struct store_request *request = store_request_new(STORE_USER, STORE_USER_LIST, reply, ctx);

    request->on = (store_any_fn)on_record;
    return store_submit(store, request, store_request_set_range(request, after, limit));
}

static bool has_password(const struct user_record *user)
{
    return store_check_key(user->apikey, sizeof user->apikey) &&
           store_check_text(user->password_hash, sizeof user->password_hash);
}

static bool is_user(const struct user_record *user)
{
    return has_password(user) && store_check_key(user->account, sizeof user->account) &&
           store_check_text(user->region, sizeof user->region) && user->created_ms >= 0;
}

enum err store_user_create(struct store *store, struct mailbox *reply,
                           const struct user_record *user, store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_USER, STORE_USER_CREATE, reply, ctx);
    struct user_record *made = request->args;

    request->on = (store_any_fn)on_done;
    *made = *user;
    store_account_name_fold(made->account);
    return store_submit(store, request, is_user(user));
}

enum err store_user_set_password(struct store *store, struct mailbox *reply,
                                 const struct user_record *user, store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_USER, STORE_USER_SET_PASSWORD, reply, ctx);
    bool is_valid = has_password(user);

    request->on = (store_any_fn)on_done;
    *(struct user_record *)request->args = *user;
    return store_submit(store, request, is_valid);
}

enum err store_user_renew_password(struct store *store, struct mailbox *reply,
                                   const struct user_record *user, store_token_fn on_token,
                                   void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_USER, STORE_USER_RENEW_PASSWORD, reply, ctx);
    bool is_valid = has_password(user);

    request->on = (store_any_fn)on_token;
    *(struct user_record *)request->args = *user;
    return store_submit(store, request, is_valid);
}
