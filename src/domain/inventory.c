#include "domain/inventory.h"

#include "base/alloc.h"
#include "domain/remote.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 128, FIRST_ROOM = 16 };

struct inventory {
    struct inventory_config config;
    size_t waits; /* searches under way */
};

struct search {
    struct inventory *inventory;
    inventory_fn on_found;
    void *ctx;
    struct holdings found;
    size_t room;  /* in found.items */
    size_t bytes; /* that they hold */
    size_t told;  /* for whom there is no more to be told */
    size_t asked; /* whose presence is known */
    size_t paged; /* rows of the page that is coming in */
    enum err err;
    char apikey[STORE_APIKEY_CAP];
    char after[STORE_DEVICE_ID_CAP]; /* the last device that something was told of */
    char ids[INVENTORY_MAX_IDS][STORE_DEVICE_ID_CAP];
    size_t id_count; /* 0: all */
    size_t id_at;
};

struct inventory *inventory_new(const struct inventory_config *config)
{
    struct inventory *inventory = alloc_zero(sizeof *inventory);

    inventory->config = *config;
    return inventory;
}

void inventory_free(struct inventory *inventory)
{
    if (inventory == NULL)
        return;
    assert(inventory->waits == 0);
    free(inventory);
}

bool inventory_is_idle(const struct inventory *inventory)
{
    return inventory->waits == 0;
}

static void holding_fini(struct holding *holding)
{
    free(holding->params);
    free(holding->told);
}

static void search_free(struct search *search)
{
    for (size_t i = 0; i < search->found.count; i++)
        holding_fini(&search->found.items[i]);
    free(search->found.items);
    free(search);
}

static void finish(struct search *search, enum err err)
{
    search->inventory->waits--;
    search->on_found(search->ctx, err, err == ERR_NONE ? &search->found : NULL);
    search_free(search);
}

static bool take_bytes(struct search *search, size_t bytes)
{
    search->bytes += bytes;
    if (search->bytes > search->inventory->config.max_bytes)
        search->err = ERR_TOO_LARGE;
    return search->err == ERR_NONE;
}

static void add(struct search *search, const struct device_record *device)
{
    struct holdings *found = &search->found;
    size_t len = strlen(device->params);
    struct holding *holding;

    if (!take_bytes(search, sizeof *holding + len))
        return;
    if (found->count == search->room) {
        search->room = search->room == 0 ? FIRST_ROOM : 2 * search->room;
        found->items = alloc_resize(found->items, search->room, sizeof *found->items);
    }
    holding = &found->items[found->count++];
    *holding = (struct holding){.device = *device, .params = alloc_text(device->params, len)};
    holding->device.params = holding->params;
}

static void ask_presence(struct search *search);

static void on_presence(void *ctx, enum err err, struct str online)
{
    struct search *search = ctx;
    size_t left = search->found.count - search->asked;

    if (err != ERR_NONE || online.len > left) {
        finish(search, err != ERR_NONE ? err : ERR_INTERNAL);
        return;
    }
    for (size_t i = 0; i < online.len; i++)
        search->found.items[search->asked++].is_online = online.ptr[i] == '1';
    ask_presence(search);
}

/* Asks the owner's home about as many of the devices as one question may name. */
static void ask_presence(struct search *search)
{
    struct str ids[REMOTE_PRESENCE_MAX];
    struct remote_presence presence = {
        .owner = str_of(search->apikey), .ids = ids, .on_presence = on_presence, .ctx = search};
    struct remote_call *call;
    enum err err;

    for (size_t i = search->asked; i < search->found.count; i++)
        if (presence.count < REMOTE_PRESENCE_MAX)
            ids[presence.count++] = str_of(search->found.items[i].device.id);
    if (presence.count == 0) {
        finish(search, ERR_NONE);
        return;
    }
    err = remote_presence(search->inventory->config.accounts, &presence, &call);
    if (err != ERR_NONE)
        finish(search, err);
}

/* Records come in the order of the devices, but not one for each; one of no device among them has
 * come to the account meanwhile. */
static void tell(struct search *search, const struct holding_record *record)
{
    while (search->told < search->found.count) {
        struct holding *holding = &search->found.items[search->told];
        int order = strcmp(holding->device.id, record->deviceid);

        if (order > 0)
            return;
        search->told++;
        if (order < 0)
            continue;
        if (!take_bytes(search, sizeof *record))
            return;
        holding->told = alloc_zero(sizeof *record);
        *holding->told = *record;
        return;
    }
}

static enum err ask_told(struct search *search);

static void go_on_telling(struct search *search, enum err err, bool is_last)
{
    if (err == ERR_NONE)
        err = search->err;
    if (err == ERR_NONE && !is_last)
        err = ask_told(search);
    else if (err == ERR_NONE)
        ask_presence(search);
    if (err != ERR_NONE)
        finish(search, err);
}

static void on_told_row(void *ctx, enum err err, const struct holding_record *record)
{
    struct search *search = ctx;

    if (record == NULL) {
        go_on_telling(search, err, search->paged < PAGE);
        return;
    }
    search->paged++;
    (void)str_copy(str_of(record->deviceid), search->after, sizeof search->after);
    tell(search, record);
}

static void on_told_one(void *ctx, enum err err, const struct holding_record *record)
{
    struct search *search = ctx;

    if (err == ERR_NONE)
        tell(search, record);
    else
        search->told++;
    go_on_telling(search, err == ERR_NOT_FOUND ? ERR_NONE : err,
                  search->told >= search->found.count);
}

/* What is told of the devices beside their state: for all of an account by pages, else one by one.
 */
static enum err ask_told(struct search *search)
{
    const struct inventory_config *config = &search->inventory->config;
    const struct store_holding_range range = {
        .owner = str_of(search->apikey), .after = str_of(search->after), .limit = PAGE};

    search->paged = 0;
    if (search->id_count == 0)
        return store_holding_list(config->store, config->mailbox, &range, on_told_row, search);
    return store_holding_find(config->store, config->mailbox,
                              str_of(search->found.items[search->told].device.id), on_told_one,
                              search);
}

/* All devices are there. */
static enum err begin_telling(struct search *search)
{
    if (search->found.count > 0)
        return ask_told(search);
    ask_presence(search);
    return ERR_NONE;
}

static enum err ask_page(struct search *search);

static void on_row(void *ctx, enum err err, const struct device_record *device)
{
    struct search *search = ctx;

    if (device != NULL) {
        search->paged++;
        if (search->err == ERR_NONE)
            add(search, device);
        return;
    }
    if (err == ERR_NONE)
        err = search->err;
    if (err == ERR_NONE && search->paged == PAGE)
        err = ask_page(search);
    else if (err == ERR_NONE)
        err = begin_telling(search);
    if (err != ERR_NONE)
        finish(search, err);
}

static enum err ask_page(struct search *search)
{
    const struct inventory_config *config = &search->inventory->config;
    const struct holdings *found = &search->found;
    const struct store_device_range range = {
        .owner = str_of(search->apikey),
        .after = found->count == 0 ? STR_EMPTY : str_of(found->items[found->count - 1].device.id),
        .limit = PAGE,
    };

    search->paged = 0;
    return store_device_list(config->store, config->mailbox, &range, on_row, search);
}

static enum err ask_next_id(struct search *search);

static void on_one(void *ctx, enum err err, const struct device_record *device)
{
    struct search *search = ctx;

    if (err == ERR_NONE && strcmp(device->owner, search->apikey) == 0)
        add(search, device);
    if (err == ERR_NOT_FOUND)
        err = ERR_NONE;
    if (err == ERR_NONE)
        err = search->err;
    if (err == ERR_NONE && search->id_at < search->id_count)
        err = ask_next_id(search);
    else if (err == ERR_NONE)
        err = begin_telling(search);
    if (err != ERR_NONE)
        finish(search, err);
}

static enum err ask_next_id(struct search *search)
{
    const struct inventory_config *config = &search->inventory->config;

    return store_device_find(config->store, config->mailbox, str_of(search->ids[search->id_at++]),
                             on_one, search);
}

/* An id that is too long is no device's, and neither is the empty one that it leaves. */
static void take_ids(struct search *search, const struct inventory_search *asked)
{
    assert(asked->count <= INVENTORY_MAX_IDS);
    search->id_count = asked->count;
    for (size_t i = 0; i < asked->count; i++)
        (void)str_copy(asked->ids[i], search->ids[i], STORE_DEVICE_ID_CAP);
}

enum err inventory_find(struct inventory *inventory, const struct inventory_search *asked)
{
    struct search *search;
    enum err err;

    if (asked->ids != NULL && asked->count == 0)
        return ERR_INVALID;
    search = alloc_zero(sizeof *search);
    search->inventory = inventory;
    search->on_found = asked->on_found;
    search->ctx = asked->ctx;
    (void)str_copy(asked->apikey, search->apikey, sizeof search->apikey);
    if (asked->ids != NULL)
        take_ids(search, asked);
    err = asked->ids != NULL ? ask_next_id(search) : ask_page(search);
    if (err != ERR_NONE) {
        free(search);
        return err;
    }
    inventory->waits++;
    return ERR_NONE;
}
