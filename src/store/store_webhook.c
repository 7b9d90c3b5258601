#include "store/store_webhook.h"

#include "store/store_check.h"
#include "store/store_private.h"
#include "store/store_webhook_verb.h"

#include <stdlib.h>
#include <string.h>

static void release_event(void *item)
{
    struct store_webhook_event *event = item;

    free(event->body);
    event->body = NULL;
}

static size_t weigh_event(const void *item)
{
    const struct store_webhook_event *event = item;

    return event->body == NULL ? 0 : strlen(event->body) + 1;
}

static void give(struct store_request *request, enum err err, const void *webhook)
{
    ((store_webhook_fn)request->on)(request->ctx, err, webhook);
}

static void give_waiting(struct store_request *request, enum err err, const void *item)
{
    const struct store_webhook_event *event = item;
    struct webhook_waiting waiting = {0};

    if (event != NULL)
        waiting = (struct webhook_waiting){event->number, event->at_ms, event->body};
    ((store_webhook_waiting_fn)request->on)(request->ctx, err, event == NULL ? NULL : &waiting);
}

static void give_tally(struct store_request *request, enum err err, const void *item)
{
    const struct store_webhook_telling *telling = item;

    ((store_webhook_tally_fn)request->on)(request->ctx, err,
                                          telling == NULL ? NULL : &telling->tally);
}

static const struct store_shape webhook_shape = {.size = sizeof(struct webhook_record)};
static const struct store_shape reading_shape = {.size = sizeof(struct store_webhook_reading)};
static const struct store_shape event_shape = {
    .size = sizeof(struct store_webhook_event), .release = release_event, .weigh = weigh_event};
static const struct store_shape telling_shape = {.size = sizeof(struct store_webhook_telling)};
static const struct store_shape end_shape = {.size = sizeof(struct webhook_end)};

static const struct store_verb verbs[STORE_WEBHOOK_VERBS] = {
    [STORE_WEBHOOK_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &webhook_shape, .give = give},
    [STORE_WEBHOOK_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &store_request_range,
                            .rows = &webhook_shape, .give = give},
    [STORE_WEBHOOK_READ] = {STORE_LOOK_UP, STORE_ROWS, .args = &reading_shape, .rows = &event_shape,
                            .give = give_waiting},
    [STORE_WEBHOOK_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &webhook_shape},
    [STORE_WEBHOOK_REMOVE] = {STORE_CHANGE, STORE_DONE, .args = &end_shape},
    [STORE_WEBHOOK_TELL] = {STORE_CHANGE, STORE_ITEM, .args = &telling_shape, .give = give_tally},
    [STORE_WEBHOOK_END] = {STORE_CHANGE, STORE_DONE, .args = &end_shape},
};

const struct store_resource store_webhook_resource = {verbs, STORE_WEBHOOK_VERBS};

enum err store_webhook_find(struct store *store, struct mailbox *reply, struct str id,
                            store_webhook_fn on_webhook, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_WEBHOOK, STORE_WEBHOOK_FIND, reply, ctx);
    struct webhook_record *webhook = request->args;

    request->on = (store_any_fn)on_webhook;
    return store_submit(store, request, store_check_copy(id, webhook->id, sizeof webhook->id));
}

/* NOLINTBEGIN(readability-function-size): see store_app.c */
enum err store_webhook_list(struct store *store, struct mailbox *reply, struct str after,
                            size_t limit, store_webhook_fn on_record, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_WEBHOOK, STORE_WEBHOOK_LIST, reply, ctx);

    request->on = (store_any_fn)on_record;
    return store_submit(store, request, store_request_set_range(request, after, limit));
}

static bool is_webhook(const struct webhook_record *webhook)
{
    return store_check_key(webhook->id, sizeof webhook->id) &&
           store_check_text(webhook->apikey, sizeof webhook->apikey) &&
           store_check_key(webhook->url, sizeof webhook->url) &&
           store_check_key(webhook->secret, sizeof webhook->secret) && webhook->created_ms >= 0;
}

enum err store_webhook_create(struct store *store, struct mailbox *reply,
                              const struct webhook_record *webhook, store_done_fn on_done,
                              void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_WEBHOOK, STORE_WEBHOOK_CREATE, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct webhook_record *)request->args = *webhook;
    return store_submit(store, request, is_webhook(webhook));
}

enum err store_webhook_remove(struct store *store, struct mailbox *reply, struct str id,
                              store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_WEBHOOK, STORE_WEBHOOK_REMOVE, reply, ctx);
    struct webhook_end *end = request->args;

    request->on = (store_any_fn)on_done;
    return store_submit(store, request, store_check_copy(id, end->id, sizeof end->id));
}

enum err store_webhook_tell(struct store *store, struct mailbox *reply,
                            const struct webhook_event *event, store_webhook_tally_fn on_tally,
                            void *ctx)
{
    struct store_request *request =
        store_request_new_with(STORE_WEBHOOK, STORE_WEBHOOK_TELL, event->body.len, reply, ctx);
    struct store_webhook_telling *telling = request->args;
    char *at = (char *)(telling + 1);

    request->on = (store_any_fn)on_tally;
    telling->event = *event;
    telling->event.body = str_place(&at, event->body);
    return store_submit(
        store, request,
        store_check_view(event->body, STORE_WEBHOOK_BODY_MAX + 1) && event->max_waiting > 0 &&
            store_check_copy(event->apikey, telling->apikey, sizeof telling->apikey));
}

enum err store_webhook_read(struct store *store, struct mailbox *reply, struct str id, size_t limit,
                            store_webhook_waiting_fn on_event, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_WEBHOOK, STORE_WEBHOOK_READ, reply, ctx);
    struct store_webhook_reading *reading = request->args;

    request->on = (store_any_fn)on_event;
    return store_submit(store, request,
                        store_request_set_range(request, STR_EMPTY, limit) &&
                            store_check_copy(id, reading->id, sizeof reading->id));
}
/* NOLINTEND(readability-function-size) */

enum err store_webhook_end(struct store *store, struct mailbox *reply,
                           const struct webhook_end *end, store_done_fn on_done, void *ctx)
{
    struct store_request *request = store_request_new(STORE_WEBHOOK, STORE_WEBHOOK_END, reply, ctx);

    request->on = (store_any_fn)on_done;
    *(struct webhook_end *)request->args = *end;
    return store_submit(store, request, store_check_key(end->id, sizeof end->id));
}
