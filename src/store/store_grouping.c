#include "store/store_grouping.h"

#include "store/store_check.h"
#include "store/store_grouping_verb.h"
#include "store/store_private.h"

static void give(struct store_request *request, enum err err, const void *grouping)
{
    ((store_grouping_fn)request->on)(request->ctx, err, grouping);
}

static void give_member(struct store_request *request, enum err err, const void *member)
{
    ((store_grouping_member_fn)request->on)(request->ctx, err, member);
}

static const struct store_shape record_shape = {.size = sizeof(struct grouping_record)};
static const struct store_shape member_shape = {.size = sizeof(struct grouping_member)};
static const struct store_shape list_shape = {.size = sizeof(struct store_grouping_list)};
static const struct store_shape move_shape = {.size = sizeof(struct grouping_move)};
static const struct store_shape creation_shape = {.size = sizeof(struct store_grouping_creation)};

static const struct store_verb verbs[STORE_GROUPING_VERBS] = {
    [STORE_GROUPING_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &list_shape, .rows = &record_shape,
                             .give = give},
    [STORE_GROUPING_MEMBERS] = {STORE_LOOK_UP, STORE_ROWS, .args = &list_shape,
                                .rows = &member_shape, .give = give_member},
    [STORE_GROUPING_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &creation_shape},
    [STORE_GROUPING_CHANGE] = {STORE_CHANGE, STORE_DONE, .args = &record_shape},
    [STORE_GROUPING_DELETE] = {STORE_CHANGE, STORE_DONE, .args = &record_shape},
    [STORE_GROUPING_ASSIGN] = {STORE_CHANGE, STORE_DONE, .args = &move_shape},
};

const struct store_resource store_grouping_resource = {verbs, STORE_GROUPING_VERBS};

enum err store_grouping_list(struct store *store, struct mailbox *reply, struct str owner,
                             store_grouping_fn on_record, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_GROUPING, STORE_GROUPING_LIST, reply, ctx);
    struct store_grouping_list *list = request->args;

    request->on = (store_any_fn)on_record;
    return store_submit(store, request,
                        store_request_set_range(request, STR_EMPTY, STORE_LIST_MAX) &&
                            store_check_copy(owner, list->owner, sizeof list->owner));
}

/* NOLINTBEGIN(readability-function-size): see store_app.c */
enum err store_grouping_members(struct store *store, struct mailbox *reply, struct str owner,
                                struct str after, store_grouping_member_fn on_record, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_GROUPING, STORE_GROUPING_MEMBERS, reply, ctx);
    struct store_grouping_list *list = request->args;

    request->on = (store_any_fn)on_record;
    return store_submit(store, request,
                        store_request_set_range(request, after, STORE_GROUPING_PAGE) &&
                            store_check_copy(owner, list->owner, sizeof list->owner));
}

static bool is_grouping(const struct grouping_record *grouping)
{
    return store_check_key(grouping->id, sizeof grouping->id) &&
           store_check_key(grouping->owner, sizeof grouping->owner) &&
           store_check_text(grouping->name, sizeof grouping->name) && grouping->place >= 0 &&
           grouping->created_ms >= 0;
}

enum err store_grouping_create(struct store *store, struct mailbox *reply,
                               const struct grouping_record *grouping, unsigned max,
                               store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_GROUPING, STORE_GROUPING_CREATE, reply, ctx);
    struct store_grouping_creation *creation = request->args;

    creation->record = *grouping;
    creation->max = max;
    request->on = (store_any_fn)on_done;
    return store_submit(store, request, is_grouping(grouping));
}
/* NOLINTEND(readability-function-size) */

enum err store_grouping_change(struct store *store, struct mailbox *reply,
                               const struct grouping_record *grouping, store_done_fn on_done,
                               void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_GROUPING, STORE_GROUPING_CHANGE, reply, ctx);

    *(struct grouping_record *)request->args = *grouping;
    request->on = (store_any_fn)on_done;
    return store_submit(store, request, is_grouping(grouping));
}

enum err store_grouping_delete(struct store *store, struct mailbox *reply,
                               const struct grouping_record *grouping, store_done_fn on_done,
                               void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_GROUPING, STORE_GROUPING_DELETE, reply, ctx);

    *(struct grouping_record *)request->args = *grouping;
    request->on = (store_any_fn)on_done;
    return store_submit(store, request, is_grouping(grouping));
}

enum err store_grouping_assign(struct store *store, struct mailbox *reply,
                               const struct grouping_move *move, store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_GROUPING, STORE_GROUPING_ASSIGN, reply, ctx);

    *(struct grouping_move *)request->args = *move;
    request->on = (store_any_fn)on_done;
    return store_submit(store, request,
                        store_check_key(move->owner, sizeof move->owner) &&
                            store_check_key(move->deviceid, sizeof move->deviceid) &&
                            store_check_text(move->source, sizeof move->source) &&
                            store_check_text(move->target, sizeof move->target));
}
