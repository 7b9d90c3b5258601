#include "store/store_password.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "store/store_password_verb.h"
#include "store/store_private.h"

#include <stdlib.h>

static void release(void *item)
{
    struct store_password *password = item;

    if (password->text == NULL)
        return;
    crypto_wipe(password->text, password->len);
    free(password->text);
    password->text = NULL;
}

static size_t weigh(const void *item)
{
    return ((const struct store_password *)item)->len;
}

static void give(struct store_request *request, enum err err, const void *item)
{
    const struct store_password *password = item;

    ((store_hash_fn)request->on)(request->ctx, err, password == NULL ? NULL : password->hash);
}

static enum err hash(struct store_request *request)
{
    struct store_password *password = request->args;

    return crypto_password_hash((struct str){password->text, password->len}, password->hash);
}

static enum err verify(struct store_request *request)
{
    const struct store_password *password = request->args;
    struct str text = {password->text, password->len};

    return crypto_password_verify(text, password->hash) ? ERR_NONE : ERR_DENIED;
}

static const struct store_shape shape = {
    .size = sizeof(struct store_password), .release = release, .weigh = weigh};

static const struct store_verb verbs[STORE_PASSWORD_VERBS] = {
    [STORE_PASSWORD_HASH] = {STORE_HASHING, STORE_ITEM, .args = &shape, .give = give, .work = hash},
    [STORE_PASSWORD_VERIFY] = {STORE_HASHING, STORE_DONE, .args = &shape, .work = verify},
};

const struct store_resource store_password_resource = {verbs, STORE_PASSWORD_VERBS};

static bool copy(struct store_password *to, struct str text)
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
    struct store_request *request =
        store_request_new(STORE_PASSWORD, STORE_PASSWORD_HASH, reply, ctx);

    request->on = (store_any_fn)on_hash;
    return store_submit(store, request, copy(request->args, password));
}

/* NOLINTNEXTLINE(readability-function-size): see store_app.c */
enum err store_password_verify(struct store *store, struct mailbox *reply, struct str password,
                               const char *hash, store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_PASSWORD, STORE_PASSWORD_VERIFY, reply, ctx);
    struct store_password *to = request->args;

    request->on = (store_any_fn)on_done;
    return store_submit(store, request,
                        copy(to, password) && str_copy(str_of(hash), to->hash, sizeof to->hash));
}
