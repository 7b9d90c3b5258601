/*
 * store_memory - the backend for tests: sorted tables behind one lock, gone when it closes.
 *
 * A change is there at once, its commit does nothing. Tables grow as long as they are fed.
 */
#include "store/store_backend.h"

#include "base/alloc.h"
#include "store/store_request.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Items in the order of their keys; owns them. */
struct table {
    void **items;
    size_t count;
    size_t cap;
    struct str (*key_of)(const void *item);
};

struct store_memory {
    pthread_mutex_t lock;
    struct table apps;    /* struct app_record */
    struct table users;   /* struct user_record */
    struct table tokens;  /* struct token_record */
    struct table devices; /* struct store_device */
};

static struct str key_of_app(const void *item)
{
    return str_of(((const struct app_record *)item)->id);
}

static struct str key_of_user(const void *item)
{
    return str_of(((const struct user_record *)item)->apikey);
}

static struct str key_of_token(const void *item)
{
    const struct token_record *token = item;

    return (struct str){(const char *)token->hash, sizeof token->hash};
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

static enum err memory_open(const struct store_config *config, struct problem *problem, void **out)
{
    struct store_memory *memory = alloc_zero(sizeof *memory);

    (void)config;
    (void)problem;
    pthread_mutex_init(&memory->lock, NULL);
    memory->apps.key_of = key_of_app;
    memory->users.key_of = key_of_user;
    memory->tokens.key_of = key_of_token;
    memory->devices.key_of = key_of_device;
    *out = memory;
    return ERR_NONE;
}

static void memory_close(void *state)
{
    struct store_memory *memory = state;

    for (size_t i = 0; i < memory->devices.count; i++)
        free(((struct store_device *)memory->devices.items[i])->params);
    table_free(&memory->apps);
    table_free(&memory->users);
    table_free(&memory->tokens);
    table_free(&memory->devices);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static struct app_record *find_app(struct store_memory *memory, const char *id)
{
    return table_find(&memory->apps, str_of(id));
}

static struct user_record *find_user(struct store_memory *memory, const char *apikey)
{
    return table_find(&memory->users, str_of(apikey));
}

static struct user_record *find_account(struct store_memory *memory, const char *account)
{
    for (size_t i = 0; i < memory->users.count; i++) {
        struct user_record *user = memory->users.items[i];

        if (strcmp(user->account, account) == 0)
            return user;
    }
    return NULL;
}

static struct token_record *find_token(struct store_memory *memory, const struct token_record *like)
{
    return table_find(&memory->tokens, key_of_token(like));
}

static struct store_device *find_device(struct store_memory *memory, const char *id)
{
    return table_find(&memory->devices, str_of(id));
}

static enum err create_app(struct store_memory *memory, const struct store_request *request)
{
    const struct app_record *app = request->app;

    if (find_app(memory, app->id) != NULL)
        return ERR_EXISTS;
    table_add(&memory->apps, app, sizeof *app);
    return ERR_NONE;
}

static enum err disable_app(struct store_memory *memory, const struct store_request *request)
{
    struct app_record *app = find_app(memory, request->app->id);

    if (app == NULL)
        return ERR_NOT_FOUND;
    app->disabled = request->app->disabled;
    return ERR_NONE;
}

static enum err create_user(struct store_memory *memory, const struct store_request *request)
{
    const struct user_record *user = request->user;

    if (find_user(memory, user->apikey) != NULL || find_account(memory, user->account) != NULL)
        return ERR_EXISTS;
    table_add(&memory->users, user, sizeof *user);
    return ERR_NONE;
}

static enum err set_password(struct store_memory *memory, const struct store_request *request)
{
    const struct user_record *change = request->user;
    struct user_record *user = find_user(memory, change->apikey);

    if (user == NULL)
        return ERR_NOT_FOUND;
    memcpy(user->password_hash, change->password_hash, sizeof user->password_hash);
    return ERR_NONE;
}

static enum err create_token(struct store_memory *memory, const struct store_request *request)
{
    const struct token_record *token = request->token;

    if (find_user(memory, token->apikey) == NULL)
        return ERR_NOT_FOUND;
    if (token->appid[0] != '\0' && find_app(memory, token->appid) == NULL)
        return ERR_NOT_FOUND;
    if (find_token(memory, token) != NULL)
        return ERR_EXISTS;
    table_add(&memory->tokens, token, sizeof *token);
    return ERR_NONE;
}

static enum err revoke_token(struct store_memory *memory, const struct store_request *request)
{
    struct token_record *token = find_token(memory, request->token);

    if (token == NULL)
        return ERR_NOT_FOUND;
    token->revoked_ms = request->token->revoked_ms;
    return ERR_NONE;
}

static bool is_user_or_none(struct store_memory *memory, const char *apikey)
{
    return apikey[0] == '\0' || find_user(memory, apikey) != NULL;
}

static enum err create_device(struct store_memory *memory, const struct store_device *device)
{
    struct store_device *added;

    if (!is_user_or_none(memory, device->record.owner))
        return ERR_NOT_FOUND;
    if (find_device(memory, device->record.id) != NULL)
        return ERR_EXISTS;
    added = table_add(&memory->devices, device, sizeof *device);
    added->params = alloc_text(device->params, strlen(device->params));
    return ERR_NONE;
}

static void remove_device(struct store_memory *memory, const char *id)
{
    size_t place = table_place(&memory->devices, str_of(id));
    struct store_device *device = memory->devices.items[place];

    memory->devices.count--;
    memmove(memory->devices.items + place, memory->devices.items + place + 1,
            (memory->devices.count - place) * sizeof *memory->devices.items);
    free(device->params);
    free(device);
}

/* All or none: what was added before one failed is taken out again. */
static enum err create_devices(struct store_memory *memory, const struct store_request *request)
{
    const struct store_device *devices = request->rows.items;
    enum err err = ERR_NONE;
    size_t count = 0;

    while (count < request->rows.count &&
           (err = create_device(memory, &devices[count])) == ERR_NONE)
        count++;
    while (err != ERR_NONE && count > 0)
        remove_device(memory, devices[--count].record.id);
    return err;
}

static enum err assign_device(struct store_memory *memory, const struct store_request *request)
{
    const struct device_record *change = &request->device->record;
    struct store_device *device = find_device(memory, change->id);

    if (device == NULL || !is_user_or_none(memory, change->owner))
        return ERR_NOT_FOUND;
    memcpy(device->record.owner, change->owner, sizeof device->record.owner);
    return ERR_NONE;
}

static enum err update_device(struct store_memory *memory, const struct store_request *request)
{
    const struct store_device_change *change = request->change;
    struct store_device *device = table_find(&memory->devices, change->id);

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

static enum err (*const changes[VERB_COUNT])(struct store_memory *memory,
                                             const struct store_request *request) = {
    [VERB_APP_CREATE] = create_app,        [VERB_APP_DISABLE] = disable_app,
    [VERB_USER_CREATE] = create_user,      [VERB_USER_SET_PASSWORD] = set_password,
    [VERB_TOKEN_CREATE] = create_token,    [VERB_TOKEN_REVOKE] = revoke_token,
    [VERB_DEVICE_CREATE] = create_devices, [VERB_DEVICE_ASSIGN] = assign_device,
    [VERB_DEVICE_UPDATE] = update_device,
};

static enum err memory_change(void *state, const struct store_request *request)
{
    struct store_memory *memory = state;
    enum err err;

    pthread_mutex_lock(&memory->lock);
    err = changes[request->verb](memory, request);
    pthread_mutex_unlock(&memory->lock);
    return err;
}

static enum err memory_agree(void *state)
{
    (void)state;
    return ERR_NONE;
}

static enum err read_app(struct store_memory *memory, struct store_request *request)
{
    const struct app_record *found = find_app(memory, request->app->id);

    if (found == NULL)
        return ERR_NOT_FOUND;
    *request->app = *found;
    return ERR_NONE;
}

static enum err read_user(struct store_memory *memory, struct store_request *request)
{
    const struct user_record *found = request->verb == VERB_USER_FIND
                                          ? find_user(memory, request->user->apikey)
                                          : find_account(memory, request->user->account);

    if (found == NULL)
        return ERR_NOT_FOUND;
    *request->user = *found;
    return ERR_NONE;
}

static enum err read_token(struct store_memory *memory, struct store_request *request)
{
    const struct token_record *found = find_token(memory, request->token);
    const struct user_record *user;

    if (found == NULL)
        return ERR_NOT_FOUND;
    user = find_user(memory, found->apikey);
    assert(user != NULL);
    *request->token = *found;
    memcpy(request->token->region, user->region, sizeof user->region);
    return ERR_NONE;
}

static enum err read_device(struct store_memory *memory, struct store_request *request)
{
    const struct store_device *found = find_device(memory, request->device->record.id);

    if (found == NULL)
        return ERR_NOT_FOUND;
    request->device->record = found->record;
    request->device->params = alloc_text(found->params, strlen(found->params));
    return ERR_NONE;
}

static enum err list_apps(struct store_memory *memory, struct store_request *request)
{
    const struct table *table = &memory->apps;
    size_t place = table_after(table, str_of(request->range->after));

    for (; place < table->count && !store_request_is_complete(request); place++)
        *store_request_add_app(request) = *(const struct app_record *)table->items[place];
    return ERR_NONE;
}

static enum err list_users(struct store_memory *memory, struct store_request *request)
{
    const struct table *table = &memory->users;
    size_t place = table_after(table, str_of(request->range->after));

    for (; place < table->count && !store_request_is_complete(request); place++)
        *store_request_add_user(request) = *(const struct user_record *)table->items[place];
    return ERR_NONE;
}

static enum err list_devices(struct store_memory *memory, struct store_request *request)
{
    const struct table *table = &memory->devices;
    const char *owner = request->range->owner;
    size_t place = table_after(table, str_of(request->range->after));

    for (; place < table->count && !store_request_is_complete(request); place++) {
        const struct store_device *device = table->items[place];
        char *params;

        if (owner[0] != '\0' && strcmp(owner, device->record.owner) != 0)
            continue;
        params = alloc_text(device->params, strlen(device->params));
        store_request_add_device(request, params)->record = device->record;
    }
    return ERR_NONE;
}

static enum err (*const reads[VERB_COUNT])(struct store_memory *memory,
                                           struct store_request *request) = {
    [VERB_APP_FIND] = read_app,           [VERB_USER_FIND] = read_user,
    [VERB_USER_FIND_ACCOUNT] = read_user, [VERB_TOKEN_FIND] = read_token,
    [VERB_DEVICE_FIND] = read_device,     [VERB_APP_LIST] = list_apps,
    [VERB_USER_LIST] = list_users,        [VERB_DEVICE_LIST] = list_devices,
};

static enum err memory_read(void *state, unsigned reader, struct store_request *request)
{
    struct store_memory *memory = state;
    enum err err;

    (void)reader;
    pthread_mutex_lock(&memory->lock);
    err = reads[request->verb](memory, request);
    pthread_mutex_unlock(&memory->lock);
    return err;
}

const struct store_backend store_memory_backend = {
    .open = memory_open,
    .close = memory_close,
    .begin = memory_agree,
    .change = memory_change,
    .commit = memory_agree,
    .probe = memory_agree,
    .read = memory_read,
};
