#include "store/store_device.h"

#include "base/alloc.h"
#include "store/store_check.h"
#include "store/store_device_verb.h"
#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static void release(void *item)
{
    struct store_device *device = item;

    free(device->params);
    device->params = NULL;
}

static size_t weigh(const void *item)
{
    const struct store_device *device = item;

    return device->params == NULL ? 0 : strlen(device->params) + 1;
}

static void give(struct store_request *request, enum err err, const void *item)
{
    const struct store_device *device = item;
    struct device_record record;

    if (device != NULL) {
        record = device->record;
        record.params = device->params == NULL ? "{}" : device->params;
    }
    ((store_device_fn)request->on)(request->ctx, err, device == NULL ? NULL : &record);
}

static const struct store_shape device_shape = {
    .size = sizeof(struct store_device), .release = release, .weigh = weigh};
static const struct store_shape list_shape = {.size = sizeof(struct store_device_list)};
static const struct store_shape assignment_shape = {.size = sizeof(struct store_device_assignment)};
static const struct store_shape ban_shape = {.size = sizeof(struct store_device_ban)};
static const struct store_shape change_shape = {.size = sizeof(struct store_device_change)};
static const struct store_shape none_shape = {.size = 0};

static const struct store_verb verbs[STORE_DEVICE_VERBS] = {
    [STORE_DEVICE_FIND] = {STORE_LOOK_UP, STORE_ITEM, .args = &device_shape, .give = give},
    [STORE_DEVICE_LIST] = {STORE_LOOK_UP, STORE_ROWS, .args = &list_shape, .rows = &device_shape,
                           .give = give},
    [STORE_DEVICE_CREATE] = {STORE_CHANGE, STORE_DONE, .args = &none_shape, .rows = &device_shape},
    [STORE_DEVICE_ASSIGN] = {STORE_CHANGE, STORE_DONE, .args = &assignment_shape},
    [STORE_DEVICE_UPDATE] = {STORE_CHANGE, STORE_DONE, .args = &change_shape},
    [STORE_DEVICE_DISABLE] = {STORE_CHANGE, STORE_DONE, .args = &ban_shape},
    [STORE_DEVICE_DELETE] = {STORE_CHANGE, STORE_DONE, .args = &ban_shape},
};

const struct store_resource store_device_resource = {verbs, STORE_DEVICE_VERBS};

enum err store_device_find(struct store *store, struct mailbox *reply, struct str id,
                           store_device_fn on_device, void *ctx)
{
    struct store_request *request = store_request_new(STORE_DEVICE, STORE_DEVICE_FIND, reply, ctx);
    struct store_device *device = request->args;

    request->on = (store_any_fn)on_device;
    return store_submit(store, request,
                        store_check_copy(id, device->record.id, sizeof device->record.id));
}

enum err store_device_list(struct store *store, struct mailbox *reply,
                           const struct store_device_range *range, store_device_fn on_record,
                           void *ctx)
{
    struct store_request *request = store_request_new(STORE_DEVICE, STORE_DEVICE_LIST, reply, ctx);
    struct store_device_list *list = request->args;

    request->on = (store_any_fn)on_record;
    return store_submit(store, request,
                        store_request_set_range(request, range->after, range->limit) &&
                            store_check_copy(range->owner, list->owner, sizeof list->owner));
}

static bool is_device(const struct device_record *device)
{
    return store_check_key(device->id, sizeof device->id) &&
           store_check_key(device->key, sizeof device->key) &&
           store_check_text(device->owner, sizeof device->owner) &&
           store_check_text(device->name, sizeof device->name) &&
           store_check_text(device->model, sizeof device->model) && device->created_ms >= 0 &&
           device->online_ms >= 0 && device->offline_ms >= 0;
}

static bool copy_devices(struct store_request *request, const struct device_record *devices,
                         size_t count)
{
    bool is_valid = count <= STORE_BATCH_MAX;

    for (size_t i = 0; i < count && is_valid; i++) {
        struct str params = str_of(devices[i].params == NULL ? "{}" : devices[i].params);
        struct store_device *device;

        is_valid = is_device(&devices[i]) && store_check_view(params, STORE_PARAMS_MAX + 1);
        if (!is_valid)
            break;
        device = store_request_add(request);
        device->record = devices[i];
        device->params = alloc_text(params.ptr, params.len);
    }
    return is_valid;
}

/* NOLINTBEGIN(readability-function-size): see store_app.c */
enum err store_device_create(struct store *store, struct mailbox *reply,
                             const struct device_record *devices, size_t count,
                             store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_DEVICE, STORE_DEVICE_CREATE, reply, ctx);

    request->on = (store_any_fn)on_done;
    return store_submit(store, request, copy_devices(request, devices, count));
}

enum err store_device_assign(struct store *store, struct mailbox *reply, struct str id,
                             struct str owner, store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_DEVICE, STORE_DEVICE_ASSIGN, reply, ctx);
    struct store_device_assignment *assignment = request->args;

    request->on = (store_any_fn)on_done;
    return store_submit(store, request,
                        store_check_copy(id, assignment->id, sizeof assignment->id) &&
                            store_check_copy(owner, assignment->owner, sizeof assignment->owner));
}

enum err store_device_disable(struct store *store, struct mailbox *reply, struct str id,
                              bool disabled, store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_DEVICE, STORE_DEVICE_DISABLE, reply, ctx);
    struct store_device_ban *ban = request->args;

    request->on = (store_any_fn)on_done;
    ban->disabled = disabled;
    return store_submit(store, request, store_check_copy(id, ban->id, sizeof ban->id));
}

enum err store_device_delete(struct store *store, struct mailbox *reply, struct str id,
                             store_done_fn on_done, void *ctx)
{
    struct store_request *request =
        store_request_new(STORE_DEVICE, STORE_DEVICE_DELETE, reply, ctx);
    struct store_device_ban *ban = request->args;

    request->on = (store_any_fn)on_done;
    return store_submit(store, request, store_check_copy(id, ban->id, sizeof ban->id));
}
/* NOLINTEND(readability-function-size) */

static bool is_change(const struct store_device_change *change)
{
    return store_check_view(change->id, STORE_DEVICE_ID_CAP) &&
           store_check_view(change->owner, STORE_APIKEY_CAP) &&
           store_check_view(change->model, STORE_MODEL_CAP) &&
           store_check_view(change->params, STORE_PARAMS_MAX + 1) && change->online_ms >= 0 &&
           change->offline_ms >= 0;
}

/* Its texts stand behind it. */
static void copy_change(struct store_device_change *to, const struct store_device_change *from)
{
    char *at = (char *)(to + 1);

    *to = *from;
    to->id = str_place(&at, from->id);
    to->owner = str_place(&at, from->owner);
    to->model = str_place(&at, from->model);
    if (from->params.ptr != NULL)
        to->params = str_place(&at, from->params);
}

struct store_request *store_device_new_update(const struct store_device_change *change,
                                              struct mailbox *reply, void *ctx)
{
    size_t texts = change->id.len + change->owner.len + change->params.len + change->model.len;
    struct store_request *request =
        store_request_new_with(STORE_DEVICE, STORE_DEVICE_UPDATE, texts, reply, ctx);

    copy_change(request->args, change);
    return request;
}

enum err store_device_update(struct store *store, struct mailbox *reply,
                             const struct store_device_change *change, store_done_fn on_done,
                             void *ctx)
{
    struct store_request *request;

    if (!is_change(change))
        return ERR_INVALID;
    request = store_device_new_update(change, reply, ctx);
    request->on = (store_any_fn)on_done;
    return store_submit(store, request, true);
}
