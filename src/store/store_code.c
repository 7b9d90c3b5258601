#include "store/store_code.h"

#include "store/store_check.h"
#include "store/store_code_verb.h"
#include "store/store_private.h"

static void give(struct store_request *request, enum err err, const void *guess)
{
    ((store_code_fn)request->on)(request->ctx, err, guess);
}

static const struct store_shape creation_shape = {.size = sizeof(struct store_code_creation)};
static const struct store_shape guess_shape = {.size = sizeof(struct code_guess)};

static const struct store_verb verbs[STORE_CODE_VERBS] = {
    [STORE_CODE_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &creation_shape},
    [STORE_CODE_TRY] = {STORE_CHANGE, STORE_ITEM, .args = &guess_shape, .give = give},
};

const struct store_resource store_code_resource = {verbs, STORE_CODE_VERBS};

/* NOLINTNEXTLINE(readability-function-size): see store_app.c */
enum err store_code_create(struct store *store, struct mailbox *reply,
                           const struct code_record *code, int64_t now_ms, store_done_fn on_done,
                           void *ctx)
{
    struct store_request *request = store_request_new(STORE_CODE, STORE_CODE_CREATE, reply, ctx);
    struct store_code_creation *creation = request->args;

    request->on = (store_any_fn)on_done;
    creation->code = *code;
    creation->now_ms = now_ms;
    return store_submit(store, request,
                        store_check_key(code->account, sizeof code->account) &&
                            code->expires_ms >= 0);
}

enum err store_code_try(struct store *store, struct mailbox *reply, const struct code_guess *guess,
                        store_code_fn on_guess, void *ctx)
{
    struct store_request *request = store_request_new(STORE_CODE, STORE_CODE_TRY, reply, ctx);

    request->on = (store_any_fn)on_guess;
    *(struct code_guess *)request->args = *guess;
    return store_submit(store, request, store_check_key(guess->account, sizeof guess->account));
}
