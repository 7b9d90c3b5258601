#include "store/store_token.h"

#include "store/store_check.h"
#include "store/store_private.h"
#include "store/store_token_verb.h"

#include <string.h>

static void give(struct store_request *request, enum err err, const void *token)
{
    ((store_token_fn)request->on)(request->ctx, err, token);
}

static const struct store_shape token_shape = {.size = sizeof(struct token_record)};

static const struct store_shape grant_shape = {.size = sizeof(struct store_token_grant)};

static const struct store_verb verbs[STORE_TOKEN_VERBS] = {
    [STORE_TOKEN_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &token_shape, .give = give},
    [STORE_TOKEN_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &token_shape},
    [STORE_TOKEN_REVOKE] = {STORE_CHANGE, STORE_DONE, .args = &token_shape},
    [STORE_TOKEN_GRANT] = {STORE_CHANGE, STORE_ROWS, .args = &grant_shape, .rows = &token_shape,
                           .give = give},
    [STORE_TOKEN_END] = {STORE_CHANGE, STORE_ROWS, .args = &token_shape, .rows = &token_shape,
                         .give = give},
    [STORE_TOKEN_END_ALL] = {STORE_CHANGE, STORE_ROWS, .args = &token_shape, .rows = &token_shape,
                             .give = give},
};

const struct store_resource store_token_resource = {verbs, STORE_TOKEN_VERBS};

enum err store_token_find(struct store *store, struct mailbox *reply,
                          const uint8_t hash[STORE_TOKEN_HASH_BYTES], store_token_fn on_token,
                          void *ctx)
{
    struct store_request *request = store_request_new(STORE_TOKEN, STORE_TOKEN_FIND, reply, ctx);
    struct token_record *token = request->args;

    request->on = (store_any_fn)on_token;
    memcpy(token->hash, hash, STORE_TOKEN_HASH_BYTES);
    return store_submit(store, request, true);
}

static bool is_token(const struct token_record *token)
{
    return (token->kind == TOKEN_ACCESS || token->kind == TOKEN_REFRESH) &&
           store_check_key(token->apikey, sizeof token->apikey) &&
           store_check_text(token->appid, sizeof token->appid) && token->issued_ms >= 0 &&
           token->expires_ms >= 0 && token->revoked_ms >= 0;
}

enum err store_token_create(struct store *store, struct mailbox *reply,
                            const struct token_record *token, store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_TOKEN, STORE_TOKEN_CREATE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct token_record *)request->args = *token;
    return store_submit(store, request, is_token(token));
}

enum err store_token_revoke(struct store *store, struct mailbox *reply,
                            const struct token_record *token, store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_TOKEN, STORE_TOKEN_REVOKE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct token_record *)request->args = *token;
    return store_submit(store, request, token->revoked_ms >= 0);
}

static bool is_pair(const struct token_record *access, const struct token_record *refresh)
{
    return is_token(access) && is_token(refresh) && access->kind == TOKEN_ACCESS &&
           refresh->kind == TOKEN_REFRESH && access->pair == refresh->pair && access->pair != 0 &&
           strcmp(access->apikey, refresh->apikey) == 0 &&
           strcmp(access->appid, refresh->appid) == 0;
}

enum err store_token_grant(struct store *store, struct mailbox *reply,
                           const struct store_token_grant *grant, store_token_fn on_token,
                           void *ctx)
{
    struct store_request *request = store_request_new(STORE_TOKEN, STORE_TOKEN_GRANT, reply, ctx);

    request->on = (store_any_fn)on_token;
    *(struct store_token_grant *)request->args = *grant;
    return store_submit(store, request,
                        is_pair(&grant->access, &grant->refresh) && grant->max_pairs > 0);
}

enum err store_token_end(struct store *store, struct mailbox *reply,
                         const uint8_t hash[STORE_TOKEN_HASH_BYTES], store_token_fn on_token,
                         void *ctx)
{
    struct store_request *request = store_request_new(STORE_TOKEN, STORE_TOKEN_END, reply, ctx);
    struct token_record *token = request->args;

    request->on = (store_any_fn)on_token;
    memcpy(token->hash, hash, STORE_TOKEN_HASH_BYTES);
    return store_submit(store, request, true);
}

enum err store_token_end_all(struct store *store, struct mailbox *reply, struct str apikey,
                             store_token_fn on_token, void *ctx)
{
    struct store_request *request = store_request_new(STORE_TOKEN, STORE_TOKEN_END_ALL, reply, ctx);
    struct token_record *token = request->args;

    request->on = (store_any_fn)on_token;
    return store_submit(store, request,
                        store_check_copy(apikey, token->apikey, sizeof token->apikey));
}
