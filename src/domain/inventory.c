#include "domain/inventory.h"

#include "base/alloc.h"
#include "domain/remote.h"

#include <assert.h>
#include <stdio.h>
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
    /* Of all: the shares, the account's own first, then those by which it sees others' devices. */
    char share_after[STORE_DEVICE_ID_CAP + STORE_APIKEY_CAP];
    size_t shared; /* the device whose shares come next */
    bool is_own_done;
    struct share_record *others;
    size_t other_count;
    size_t other_room;
    size_t other_at;
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
    free(holding->share);
    free(holding->shares);
}

static void search_free(struct search *search)
{
    for (size_t i = 0; i < search->found.count; i++)
        holding_fini(&search->found.items[i]);
    free(search->found.items);
    free(search->others);
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

static bool add(struct search *search, const struct device_record *device)
{
    struct holdings *found = &search->found;
    size_t len = strlen(device->params);
    struct holding *holding;

    if (!take_bytes(search, sizeof *holding + len))
        return false;
    if (found->count == search->room) {
        search->room = search->room == 0 ? FIRST_ROOM : 2 * search->room;
        found->items = alloc_resize(found->items, search->room, sizeof *found->items);
    }
    holding = &found->items[found->count++];
    *holding = (struct holding){.device = *device, .params = alloc_text(device->params, len)};
    holding->device.params = holding->params;
    return true;
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

/* Asks an owner's home about as many of his devices that follow as one question may name. */
static void ask_presence(struct search *search)
{
    struct str ids[REMOTE_PRESENCE_MAX];
    struct remote_presence presence = {.ids = ids, .on_presence = on_presence, .ctx = search};
    const struct holding *first = &search->found.items[search->asked];
    const struct holding *end = search->found.items + search->found.count;
    struct remote_call *call;
    enum err err;

    if (search->asked == search->found.count) {
        finish(search, ERR_NONE);
        return;
    }
    presence.owner = str_of(first->device.owner);
    for (; first < end && presence.count < REMOTE_PRESENCE_MAX; first++) {
        if (!str_eq(str_of(first->device.owner), presence.owner))
            break;
        ids[presence.count++] = str_of(first->device.id);
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
static enum err ask_shares(struct search *search);

/* What is told of all devices that are there is known. */
static enum err end_telling(struct search *search)
{
    if (search->id_count == 0 && !search->is_own_done) {
        search->told = search->found.count;
        return ask_shares(search);
    }
    ask_presence(search);
    return ERR_NONE;
}

static void go_on_telling(struct search *search, enum err err, bool is_last)
{
    if (err == ERR_NONE)
        err = search->err;
    if (err == ERR_NONE)
        err = is_last ? end_telling(search) : ask_told(search);
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

/* What is told beside their state: of an account's own by pages, else one by one. */
static enum err ask_told(struct search *search)
{
    const struct inventory_config *config = &search->inventory->config;
    const struct store_holding_range range = {
        .owner = str_of(search->apikey), .after = str_of(search->after), .limit = PAGE};

    search->paged = 0;
    if (search->id_count == 0 && !search->is_own_done)
        return store_holding_list(config->store, config->mailbox, &range, on_told_row, search);
    return store_holding_find(config->store, config->mailbox,
                              str_of(search->found.items[search->told].device.id), on_told_one,
                              search);
}

/* All devices are there, or all of the account's own. */
static enum err begin_telling(struct search *search)
{
    return search->told < search->found.count ? ask_told(search) : end_telling(search);
}

static bool add_share(struct search *search, struct holding *holding,
                      const struct share_record *record)
{
    if (!take_bytes(search, sizeof *record))
        return false;
    holding->shares =
        alloc_resize(holding->shares, holding->share_count + 1, sizeof *holding->shares);
    holding->shares[holding->share_count++] = *record;
    return true;
}

/* Records come in the order of the devices, as with tell(), but several for each. */
static void take_own_share(struct search *search, const struct share_record *record)
{
    while (search->shared < search->found.count) {
        struct holding *holding = &search->found.items[search->shared];
        int order = strcmp(holding->device.id, record->deviceid);

        if (order > 0)
            return;
        if (order == 0) {
            (void)add_share(search, holding, record);
            return;
        }
        search->shared++;
    }
}

static void take_other(struct search *search, const struct share_record *record)
{
    if (!take_bytes(search, sizeof *record))
        return;
    if (search->other_count == search->other_room) {
        search->other_room = search->other_room == 0 ? FIRST_ROOM : 2 * search->other_room;
        search->others = alloc_resize(search->others, search->other_room, sizeof *search->others);
    }
    search->others[search->other_count++] = *record;
}

static enum err ask_other(struct search *search);

static void on_other(void *ctx, enum err err, const struct device_record *device)
{
    struct search *search = ctx;
    const struct share_record *share = &search->others[search->other_at++];
    struct holding *holding;

    if (err == ERR_NONE && strcmp(device->owner, share->owner) == 0 && add(search, device)) {
        holding = &search->found.items[search->found.count - 1];
        holding->share = alloc_zero(sizeof *share);
        *holding->share = *share;
    }
    if (err == ERR_NOT_FOUND)
        err = ERR_NONE;
    if (err == ERR_NONE)
        err = search->err;
    if (err == ERR_NONE)
        err = ask_other(search);
    if (err != ERR_NONE)
        finish(search, err);
}

/* The devices that others share with the account, one by one. */
static enum err ask_other(struct search *search)
{
    const struct inventory_config *config = &search->inventory->config;

    if (search->other_at == search->other_count)
        return begin_telling(search);
    return store_device_find(config->store, config->mailbox,
                             str_of(search->others[search->other_at].deviceid), on_other, search);
}

/* A page of shares is over. */
static void go_on_sharing(struct search *search, enum err err)
{
    if (err == ERR_NONE)
        err = search->err;
    if (err == ERR_NONE && search->paged == PAGE) {
        err = ask_shares(search);
    } else if (err == ERR_NONE && !search->is_own_done) {
        search->is_own_done = true;
        search->share_after[0] = '\0';
        err = ask_shares(search);
    } else if (err == ERR_NONE) {
        err = ask_other(search);
    }
    if (err != ERR_NONE)
        finish(search, err);
}

static void on_share(void *ctx, enum err err, const struct share_record *record)
{
    struct search *search = ctx;

    if (record == NULL) {
        go_on_sharing(search, err);
        return;
    }
    search->paged++;
    snprintf(search->share_after, sizeof search->share_after, "%s %s", record->deviceid,
             record->sharee);
    if (search->err != ERR_NONE)
        return;
    if (search->is_own_done)
        take_other(search, record);
    else
        take_own_share(search, record);
}

static enum err ask_shares(struct search *search)
{
    const struct inventory_config *config = &search->inventory->config;
    struct store_share_range range = {.after = str_of(search->share_after), .limit = PAGE};

    if (search->is_own_done)
        range.sharee = str_of(search->apikey);
    else
        range.owner = str_of(search->apikey);
    search->paged = 0;
    return store_share_list(config->store, config->mailbox, &range, on_share, search);
}

static enum err ask_page(struct search *search);

static void on_row(void *ctx, enum err err, const struct device_record *device)
{
    struct search *search = ctx;

    if (device != NULL) {
        search->paged++;
        if (search->err == ERR_NONE)
            (void)add(search, device);
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

static void go_on_with_ids(struct search *search, enum err err)
{
    if (err == ERR_NONE)
        err = search->err;
    if (err == ERR_NONE && search->id_at < search->id_count)
        err = ask_next_id(search);
    else if (err == ERR_NONE)
        err = begin_telling(search);
    if (err != ERR_NONE)
        finish(search, err);
}

/* A device that is neither the account's own nor shared with it is none of its business. */
static void drop_unseen(struct search *search)
{
    struct holding *last = &search->found.items[search->found.count - 1];

    if (last->share != NULL || strcmp(last->device.owner, search->apikey) == 0)
        return;
    holding_fini(last);
    search->found.count--;
}

static void on_share_of_one(void *ctx, enum err err, const struct share_record *record)
{
    struct search *search = ctx;
    struct holding *last = &search->found.items[search->found.count - 1];

    if (record == NULL) {
        drop_unseen(search);
        go_on_with_ids(search, err);
    } else if (strcmp(last->device.owner, search->apikey) == 0) {
        (void)add_share(search, last, record);
    } else if (strcmp(record->sharee, search->apikey) == 0 && last->share == NULL) {
        last->share = alloc_zero(sizeof *record);
        *last->share = *record;
    }
}

static void on_one(void *ctx, enum err err, const struct device_record *device)
{
    struct search *search = ctx;
    const struct inventory_config *config = &search->inventory->config;
    struct store_share_range range = {.limit = STORE_LIST_MAX};

    if (err != ERR_NONE || !add(search, device)) {
        go_on_with_ids(search, err == ERR_NOT_FOUND ? ERR_NONE : err);
        return;
    }
    range.deviceid = str_of(search->found.items[search->found.count - 1].device.id);
    err = store_share_list(config->store, config->mailbox, &range, on_share_of_one, search);
    if (err != ERR_NONE)
        finish(search, err);
}

static enum err ask_next_id(struct search *search)
{
    const struct inventory_config *config = &search->inventory->config;

    return store_device_find(config->store, config->mailbox, str_of(search->ids[search->id_at++]),
                             on_one, search);
}

/* One that is too long is no device's, and neither is the empty one that it leaves. */
static void take_ids(struct search *search, const struct inventory_search *asked)
{
    assert(asked->count <= INVENTORY_MAX_IDS);
    search->id_count = asked->count;
    for (size_t i = 0; i < asked->count; i++)
        (void)str_copy(asked->ids[i], search->ids[i], STORE_DEVICE_ID_CAP);
}

enum err inventory_find(struct inventory *inventory, const struct inventory_search *asked)
{
    struct search *search = alloc_zero(sizeof *search);
    enum err err;

    assert(asked->ids == NULL || asked->count > 0);
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
