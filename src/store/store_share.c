#include "store/store_share.h"

#include "store/store_account_name.h"
#include "store/store_check.h"
#include "store/store_private.h"
#include "store/store_share_verb.h"

static void give(struct store_request *request, enum err err, const void *share)
{
    ((store_share_fn)request->on)(request->ctx, err, share);
}

static void give_prospect(struct store_request *request, enum err err, const void *prospect)
{
    ((store_share_prospect_fn)request->on)(request->ctx, err, prospect);
}

static void give_done(struct store_request *request, enum err err, const void *pair)
{
    (void)pair;
    ((store_done_fn)request->on)(request->ctx, err);
}

static const struct store_shape share_shape = {.size = sizeof(struct share_record)};
static const struct store_shape prospect_shape = {.size = sizeof(struct share_prospect)};
static const struct store_shape pair_shape = {.size = sizeof(struct store_share_pair)};
static const struct store_shape list_shape = {.size = sizeof(struct store_share_list)};
static const struct store_shape creation_shape = {.size = sizeof(struct store_share_creation)};

static const struct store_verb verbs[STORE_SHARE_VERBS] = {
    [STORE_SHARE_LOOK] = {STORE_LOOK_UP, STORE_ITEM, .args = &prospect_shape,
                          .give = give_prospect},
    [STORE_SHARE_CHECK] = {STORE_LOOK_UP, STORE_ITEM, .args = &pair_shape, .give = give_done},
    [STORE_SHARE_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &list_shape, .rows = &share_shape,
                          .give = give},
    [STORE_SHARE_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &creation_shape},
    [STORE_SHARE_UPDATE] = {STORE_CHANGE, STORE_DONE, .args = &share_shape},
    [STORE_SHARE_DELETE] = {STORE_CHANGE, STORE_DONE, .args = &share_shape},
};

const struct store_resource store_share_resource = {verbs, STORE_SHARE_VERBS};

enum err store_share_look(struct store *store, struct mailbox *reply,
                          const struct share_prospect *ask, store_share_prospect_fn on_prospect,
                          void *ctx)
{
    struct store_request *request = store_request_new(STORE_SHARE, STORE_SHARE_LOOK, reply, ctx);
    struct share_prospect *prospect = request->args;

    request->on = (store_any_fn)on_prospect;
    *prospect = *ask;
    store_account_name_fold(prospect->account);
    return store_submit(store, request,
                        store_check_key(ask->deviceid, sizeof ask->deviceid) &&
                            store_check_key(ask->owner, sizeof ask->owner) &&
                            store_check_text(ask->account, sizeof ask->account));
}

/* NOLINTBEGIN(readability-function-size): see store_app.c */
enum err store_share_check(struct store *store, struct mailbox *reply, struct str owner,
                           struct str sharee, store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_SHARE, STORE_SHARE_CHECK, reply, ctx);
    struct store_share_pair *pair = request->args;

    request->on = (store_any_fn)on_done;
    return store_submit(store, request,
                        store_check_copy(owner, pair->owner, sizeof pair->owner) &&
                            store_check_copy(sharee, pair->sharee, sizeof pair->sharee));
}

enum err store_share_list(struct store *store, struct mailbox *reply,
                          const struct store_share_range *range, store_share_fn on_record,
                          void *ctx)
{
    struct store_request *request = store_request_new(STORE_SHARE, STORE_SHARE_LIST, reply, ctx);
    struct store_share_list *list = request->args;

    request->on = (store_any_fn)on_record;
    return store_submit(
        store, request,
        store_request_set_range(request, range->after, range->limit) &&
            store_check_copy(range->deviceid, list->deviceid, sizeof list->deviceid) &&
            store_check_copy(range->owner, list->owner, sizeof list->owner) &&
            store_check_copy(range->sharee, list->sharee, sizeof list->sharee));
}

static bool is_share(const struct share_record *share)
{
    return store_check_key(share->deviceid, sizeof share->deviceid) &&
           store_check_key(share->owner, sizeof share->owner) &&
           store_check_key(share->sharee, sizeof share->sharee) &&
           store_check_text(share->name, sizeof share->name) &&
           store_check_text(share->note, sizeof share->note) && share->created_ms >= 0;
}

enum err store_share_create(struct store *store, struct mailbox *reply,
                            const struct share_record *share, unsigned max, store_done_fn on_done,
                            void *ctx)
{
    struct store_request *request = store_request_new(STORE_SHARE, STORE_SHARE_CREATE, reply, ctx);
    struct store_share_creation *creation = request->args;

    request->on = (store_any_fn)on_done;
    creation->share = *share;
    creation->max = max;
    return store_submit(store, request, is_share(share));
}
/* NOLINTEND(readability-function-size) */

enum err store_share_update(struct store *store, struct mailbox *reply,
                            const struct share_record *share, store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_SHARE, STORE_SHARE_UPDATE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct share_record *)request->args = *share;
    return store_submit(store, request, is_share(share));
}

enum err store_share_delete(struct store *store, struct mailbox *reply,
                            const struct share_record *share, store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_SHARE, STORE_SHARE_DELETE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct share_record *)request->args = *share;
    return store_submit(store, request, is_share(share));
}
