#include "store/store_holding.h"

#include "store/store_check.h"
#include "store/store_holding_verb.h"
#include "store/store_private.h"

static void give(struct store_request *request, enum err err, const void *holding)
{
    ((store_holding_fn)request->on)(request->ctx, err, holding);
}

static const struct store_shape record_shape = {.size = sizeof(struct holding_record)};
static const struct store_shape list_shape = {.size = sizeof(struct store_holding_list)};
static const struct store_shape change_shape = {.size = sizeof(struct holding_change)};

static const struct store_verb verbs[STORE_HOLDING_VERBS] = {
    [STORE_HOLDING_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &record_shape, .give = give},
    [STORE_HOLDING_FIND_GSM] = {STORE_LOOK_UP, STORE_ITEM, .args = &record_shape, .give = give},
    [STORE_HOLDING_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &list_shape, .rows = &record_shape,
                            .give = give},
    [STORE_HOLDING_DESCRIBE] = {STORE_CHANGE, STORE_DONE, .args = &record_shape},
    [STORE_HOLDING_CHANGE] = {STORE_CHANGE, STORE_DONE, .args = &change_shape},
    [STORE_HOLDING_CLAIM] = {STORE_CHANGE, STORE_DONE, .args = &change_shape},
    [STORE_HOLDING_RELEASE] = {STORE_CHANGE, STORE_DONE, .args = &change_shape},
};

const struct store_resource store_holding_resource = {verbs, STORE_HOLDING_VERBS};

enum err store_holding_find(struct store *store, struct mailbox *reply, struct str id,
                            store_holding_fn on_holding, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_HOLDING, STORE_HOLDING_FIND, reply, ctx);
    struct holding_record *holding = request->args;

    request->on = (store_any_fn)on_holding;
    return store_submit(store, request,
                        store_check_copy(id, holding->deviceid, sizeof holding->deviceid));
}

enum err store_holding_find_gsm(struct store *store, struct mailbox *reply, struct str gsm_id,
                                store_holding_fn on_holding, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_HOLDING, STORE_HOLDING_FIND_GSM, reply, ctx);
    struct holding_record *holding = request->args;

    request->on = (store_any_fn)on_holding;
    return store_submit(store, request,
                        store_check_copy(gsm_id, holding->gsm_id, sizeof holding->gsm_id));
}

enum err store_holding_list(struct store *store, struct mailbox *reply,
                            const struct store_holding_range *range, store_holding_fn on_record,
                            void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_HOLDING, STORE_HOLDING_LIST, reply, ctx);
    struct store_holding_list *list = request->args;

    request->on = (store_any_fn)on_record;
    return store_submit(store, request,
                        store_request_set_range(request, range->after, range->limit) &&
                            store_check_copy(range->owner, list->owner, sizeof list->owner));
}

static bool is_description(const struct holding_record *holding)
{
    return store_check_key(holding->deviceid, sizeof holding->deviceid) && holding->uiid >= 0 &&
           store_check_text(holding->brand, sizeof holding->brand) &&
           store_check_text(holding->product, sizeof holding->product) &&
           store_check_text(holding->maker, sizeof holding->maker) &&
           store_check_text(holding->mac, sizeof holding->mac) &&
           store_check_text(holding->apmac, sizeof holding->apmac) &&
           store_check_text(holding->chipid, sizeof holding->chipid) &&
           store_check_text(holding->description, sizeof holding->description) &&
           store_check_text(holding->gsm_id, sizeof holding->gsm_id);
}

enum err store_holding_describe(struct store *store, struct mailbox *reply,
                                const struct holding_record *holding, store_done_fn on_done,
                                void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_HOLDING, STORE_HOLDING_DESCRIBE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct holding_record *)request->args = *holding;
    return store_submit(store, request, is_description(holding));
}

static bool is_change(const struct holding_change *change)
{
    return store_check_key(change->deviceid, sizeof change->deviceid) &&
           store_check_key(change->owner, sizeof change->owner) &&
           store_check_text(change->name, sizeof change->name) &&
           store_check_text(change->chipid, sizeof change->chipid) &&
           store_check_text(change->settings, sizeof change->settings) &&
           store_check_text(change->tags, sizeof change->tags);
}

static struct store_request *change_request(enum store_holding_verb verb,
                                            const struct holding_change *change,
                                            struct mailbox *reply, void *ctx)
{
    struct store_request *request = store_request_new(STORE_HOLDING, verb, reply, ctx);

    *(struct holding_change *)request->args = *change;
    return request;
}

enum err store_holding_change(struct store *store, struct mailbox *reply,
                              const struct holding_change *change, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_request(STORE_HOLDING_CHANGE, change, reply, ctx);

    request->on = (store_any_fn)on_done;
    return store_submit(store, request, is_change(change));
}

enum err store_holding_claim(struct store *store, struct mailbox *reply,
                             const struct holding_change *change, store_done_fn on_done, void *ctx)
{
    struct store_request *request = change_request(STORE_HOLDING_CLAIM, change, reply, ctx);

    request->on = (store_any_fn)on_done;
    return store_submit(store, request, is_change(change));
}

enum err store_holding_release(struct store *store, struct mailbox *reply,
                               const struct holding_change *change, store_done_fn on_done,
                               void *ctx)
{
    struct store_request *request = change_request(STORE_HOLDING_RELEASE, change, reply, ctx);

    request->on = (store_any_fn)on_done;
    return store_submit(store, request, is_change(change));
}
