#include "store/store_history.h"

#include "store/store_check.h"
#include "store/store_history_verb.h"
#include "store/store_private.h"

static void release(void *item)
{
    struct store_history *history = item;

    buf_free(&history->entries);
}

static size_t weigh(const void *item)
{
    const struct store_history *history = item;

    return history->entries.cap;
}

static void give(struct store_request *request, enum err err, const void *item)
{
    const struct store_history *history = item;

    ((store_history_fn)request->on)(request->ctx, err,
                                    history == NULL ? STR_EMPTY : buf_str(&history->entries));
}

static const struct store_shape history_shape = {
    .size = sizeof(struct store_history), .release = release, .weigh = weigh};
static const struct store_shape append_shape = {.size = sizeof(struct store_history_append_args)};

static const struct store_verb verbs[STORE_HISTORY_VERBS] = {
    [STORE_HISTORY_APPEND] = {STORE_CHANGE, STORE_DONE, .args = &append_shape,
                              .rows = &history_shape},
    [STORE_HISTORY_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &history_shape, .give = give},
    [STORE_HISTORY_CLEAR] = {STORE_CHANGE, STORE_DONE, .args = &history_shape},
};

const struct store_resource store_history_resource = {verbs, STORE_HISTORY_VERBS};

static bool copy_parts(struct store_request *request, const struct store_history_parts *parts)
{
    bool is_valid = parts->count <= STORE_HISTORY_PARTS_MAX && parts->keep > 0 &&
                    parts->keep <= STORE_HISTORY_KEEP_MAX;

    for (size_t i = 0; i < parts->count && is_valid; i++) {
        struct store_history *to = store_request_add(request);

        is_valid = parts->items[i].entries.len > 0 &&
                   store_check_copy(parts->items[i].id, to->id, sizeof to->id) &&
                   store_check_copy(parts->items[i].owner, to->owner, sizeof to->owner);
        buf_append(&to->entries, parts->items[i].entries);
    }
    return is_valid;
}

enum err store_history_append(struct store *store, struct mailbox *reply,
                              const struct store_history_parts *parts, store_done_fn on_done,
                              void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_HISTORY, STORE_HISTORY_APPEND, reply, ctx);
    struct store_history_append_args *args = request->args;

    request->on = (store_any_fn)on_done;
    args->keep = parts->keep;
    return store_submit(store, request, copy_parts(request, parts));
}

/* NOLINTBEGIN(readability-function-size): see store_app.c */
enum err store_history_find(struct store *store, struct mailbox *reply, struct str id,
                            struct str owner, store_history_fn on_found, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_HISTORY, STORE_HISTORY_FIND, reply, ctx);
    struct store_history *args = request->args;

    request->on = (store_any_fn)on_found;
    return store_submit(store, request,
                        store_check_copy(id, args->id, sizeof args->id) &&
                            store_check_copy(owner, args->owner, sizeof args->owner));
}

enum err store_history_clear(struct store *store, struct mailbox *reply, struct str id,
                             struct str owner, store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_HISTORY, STORE_HISTORY_CLEAR, reply, ctx);
    struct store_history *args = request->args;

    request->on = (store_any_fn)on_done;
    return store_submit(store, request,
                        store_check_copy(id, args->id, sizeof args->id) &&
                            store_check_copy(owner, args->owner, sizeof args->owner));
}
/* NOLINTEND(readability-function-size) */
