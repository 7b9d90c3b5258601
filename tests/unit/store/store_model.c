#include "store_model.h"

#include "base/alloc.h"
#include "store/store_device_verb.h"
#include "store/store_request.h"
#include "store/store_user_verb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Items in the order of their keys; owns them. */
struct table {
    void **items;
    size_t count;
    size_t cap;
    struct str (*key_of)(const void *item);
};

struct store_model {
    struct table users;   /* struct user_record */
    struct table devices; /* struct store_device */
};

static struct str key_of_user(const void *item)
{
    return str_of(((const struct user_record *)item)->apikey);
}

static struct str key_of_device(const void *item)
{
    return str_of(((const struct store_device *)item)->record.id);
}

/* Where the first item stands whose key is not less than `key`. */
static size_t table_place(const struct table *table, struct str key)
{
    size_t from = 0;
    size_t to = table->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (str_cmp(table->key_of(table->items[middle]), key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void *table_find(const struct table *table, struct str key)
{
    size_t place = table_place(table, key);

    if (place == table->count || !str_eq(table->key_of(table->items[place]), key))
        return NULL;
    return table->items[place];
}

/* Where a list that follows `after` starts. */
static size_t table_after(const struct table *table, struct str after)
{
    size_t place = table_place(table, after);

    if (place < table->count && str_eq(table->key_of(table->items[place]), after))
        place++;
    return place;
}

/* Adds a copy of `size` bytes whose key is not there yet. */
static void *table_add(struct table *table, const void *item, size_t size)
{
    void *copy = alloc_zero(size);
    size_t place = table_place(table, table->key_of(item));

    if (table->count == table->cap) {
        table->cap = table->cap == 0 ? 16 : 2 * table->cap;
        table->items = alloc_resize(table->items, table->cap, sizeof *table->items);
    }
    memmove(table->items + place + 1, table->items + place,
            (table->count - place) * sizeof *table->items);
    table->items[place] = copy;
    table->count++;
    memcpy(copy, item, size);
    return copy;
}

static void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->items[i]);
    free(table->items);
}

static enum err model_open(const struct store_config *config, struct problem *problem, void **out)
{
    struct store_model *model = alloc_zero(sizeof *model);

    (void)config;
    (void)problem;
    model->users.key_of = key_of_user;
    model->devices.key_of = key_of_device;
    *out = model;
    return ERR_NONE;
}

static void model_close(void *state)
{
    struct store_model *model = state;

    for (size_t i = 0; i < model->devices.count; i++)
        free(((struct store_device *)model->devices.items[i])->params);
    table_free(&model->users);
    table_free(&model->devices);
    free(model);
}

static struct user_record *find_user(struct store_model *model, const char *apikey)
{
    return table_find(&model->users, str_of(apikey));
}

static struct store_device *find_device(struct store_model *model, const char *id)
{
    return table_find(&model->devices, str_of(id));
}

static enum err create_user(struct store_model *model, struct store_request *request)
{
    const struct user_record *user = request->args;

    if (find_user(model, user->apikey) != NULL)
        return ERR_EXISTS;
    table_add(&model->users, user, sizeof *user);
    return ERR_NONE;
}

static bool is_user_or_none(struct store_model *model, const char *apikey)
{
    return apikey[0] == '\0' || find_user(model, apikey) != NULL;
}

static enum err create_device(struct store_model *model, const struct store_device *device)
{
    struct store_device *added;

    if (!is_user_or_none(model, device->record.owner))
        return ERR_NOT_FOUND;
    if (find_device(model, device->record.id) != NULL)
        return ERR_EXISTS;
    added = table_add(&model->devices, device, sizeof *device);
    added->params = alloc_text(device->params, strlen(device->params));
    return ERR_NONE;
}

static void remove_device(struct store_model *model, const char *id)
{
    size_t place = table_place(&model->devices, str_of(id));
    struct store_device *device = model->devices.items[place];

    model->devices.count--;
    memmove(model->devices.items + place, model->devices.items + place + 1,
            (model->devices.count - place) * sizeof *model->devices.items);
    free(device->params);
    free(device);
}

/* All or none: what was added before one failed is taken out again. */
static enum err create_devices(struct store_model *model, struct store_request *request)
{
    const struct store_device *devices = request->rows.items;
    enum err err = ERR_NONE;
    size_t count = 0;

    while (count < request->rows.count && (err = create_device(model, &devices[count])) == ERR_NONE)
        count++;
    while (err != ERR_NONE && count > 0)
        remove_device(model, devices[--count].record.id);
    return err;
}

static enum err assign_device(struct store_model *model, struct store_request *request)
{
    const struct store_device_assignment *change = request->args;
    struct store_device *device = find_device(model, change->id);

    if (device == NULL || !is_user_or_none(model, change->owner))
        return ERR_NOT_FOUND;
    memcpy(device->record.owner, change->owner, sizeof device->record.owner);
    return ERR_NONE;
}

static enum err update_device(struct store_model *model, struct store_request *request)
{
    const struct store_device_change *change = request->args;
    struct store_device *device = table_find(&model->devices, change->id);

    if (device == NULL)
        return ERR_NOT_FOUND;
    if (change->owner.len > 0 && !str_eq(change->owner, str_of(device->record.owner)))
        return ERR_NOT_FOUND;
    if (change->params.ptr != NULL) {
        free(device->params);
        device->params = alloc_text(change->params.ptr, change->params.len);
    }
    if (change->model.len > 0 &&
        !str_copy(change->model, device->record.model, sizeof device->record.model))
        return ERR_INVALID;
    if (change->online_ms != 0)
        device->record.online_ms = change->online_ms;
    if (change->offline_ms != 0)
        device->record.offline_ms = change->offline_ms;
    return ERR_NONE;
}

typedef enum err (*verb_fn)(struct store_model *model, struct store_request *request);

static enum err read_device(struct store_model *model, struct store_request *request)
{
    struct store_device *device = request->args;
    const struct store_device *found = find_device(model, device->record.id);

    if (found == NULL)
        return ERR_NOT_FOUND;
    device->record = found->record;
    device->params = alloc_text(found->params, strlen(found->params));
    return ERR_NONE;
}

static enum err list_devices(struct store_model *model, struct store_request *request)
{
    const struct table *table = &model->devices;
    const struct store_device_list *list = request->args;
    size_t place = table_after(table, str_of(list->range.after));

    for (; place < table->count && !store_request_is_complete(request); place++) {
        const struct store_device *device = table->items[place];
        struct store_device *row;

        if (list->owner[0] != '\0' && strcmp(list->owner, device->record.owner) != 0)
            continue;
        row = store_request_add(request);
        row->record = device->record;
        row->params = alloc_text(device->params, strlen(device->params));
    }
    return ERR_NONE;
}

static const verb_fn verbs[STORE_DEVICE_VERBS] = {
    [STORE_DEVICE_FIND] = read_device,      [STORE_DEVICE_LIST] = list_devices,
    [STORE_DEVICE_CREATE] = create_devices, [STORE_DEVICE_ASSIGN] = assign_device,
    [STORE_DEVICE_UPDATE] = update_device,
};

static enum err model_carry_out(void *state, struct store_request *request)
{
    if (request->resource == STORE_USER && request->verb == STORE_USER_CREATE)
        return create_user(state, request);
    assert(request->resource == STORE_DEVICE);
    return verbs[request->verb](state, request);
}

static enum err model_agree(void *state)
{
    (void)state;
    return ERR_NONE;
}

static enum err model_read(void *state, unsigned reader, struct store_request *request)
{
    (void)reader;
    return model_carry_out(state, request);
}

const struct store_backend store_model_backend = {
    .open = model_open,
    .close = model_close,
    .begin = model_agree,
    .change = model_carry_out,
    .commit = model_agree,
    .probe = model_agree,
    .read = model_read,
};
