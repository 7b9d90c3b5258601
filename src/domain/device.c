#include "domain/device.h"

#include "base/alloc.h"
#include "base/pool.h"
#include "domain/command.h"
#include "store/store_device.h"
#include "store/store_share.h"

#include <stdlib.h>
#include <string.h>

static void on_load(void *ctx, enum err err, const struct device_record *record);

static struct device_wait *wait_new(void)
{
    struct device_wait *wait = alloc_zero(sizeof *wait);

    link_init(&wait->links);
    link_init(&wait->commands);
    return wait;
}

static void wait_free(struct device_wait *wait)
{
    if (wait != NULL)
        free(wait->sharees);
    free(wait);
}

/* Asks the store for the device's row; false when it is too busy. */
static bool load(struct device *device)
{
    struct accounts *accounts = device->accounts;

    device->state = DEVICE_LOADING;
    device->must_reload = false;
    if (device->wait == NULL)
        device->wait = wait_new();
    free(device->wait->sharees);
    device->wait->sharees = NULL;
    if (store_device_find(accounts->config.store, accounts->config.mailbox, str_of(device->id),
                          on_load, device) != ERR_NONE)
        return false;
    accounts->store_waits++;
    return true;
}

static struct device *device_new(struct accounts *accounts, struct str id)
{
    size_t size = offsetof(struct device, id) + id.len + 1;
    struct device *device =
        pool_take(accounts->pool, size > sizeof *device ? size : sizeof *device);

    str_copy(id, device->id, id.len + 1);
    device->accounts = accounts;
    link_init(&device->in_account);
    link_init(&device->commands);
    link_init(&device->commits_flying);
    link_init(&device->commits_waiting);
    return device;
}

/* Out of the table: the caller's. NULL when there are none. */
static struct sharees *take_sharees(struct device *device)
{
    if (!device->is_shared)
        return NULL;
    device->is_shared = false;
    return map_remove(device->accounts->sharees, str_of(device->id));
}

/* Takes them; NULL for none. */
static void keep_sharees(struct device *device, struct sharees *sharees)
{
    if (sharees == NULL)
        return;
    str_copy(str_of(device->id), sharees->deviceid, sizeof sharees->deviceid);
    device->is_shared = true;
    map_put(device->accounts->sharees, sharees);
}

const struct sharees *device_sharees(const struct device *device)
{
    return device->is_shared ? map_find(device->accounts->sharees, str_of(device->id)) : NULL;
}

void device_share(struct device *device, struct str sharee, unsigned permit)
{
    struct sharees *sharees = take_sharees(device);

    sharees_put(&sharees, sharee, permit);
    keep_sharees(device, sharees);
}

void device_unshare(struct device *device, struct str sharee)
{
    struct sharees *sharees = take_sharees(device);

    sharees_remove(&sharees, sharee);
    keep_sharees(device, sharees);
}

static void device_free(struct device *device)
{
    device_epochs_advance(device->accounts->config.epochs, str_of(device->id));
    buf_free(&device->params);
    free(take_sharees(device));
    wait_free(device->wait);
    pool_give_back(device);
}

struct device *device_get(struct accounts *accounts, struct str id)
{
    struct device *device = map_find(accounts->devices, id);

    if (device != NULL)
        return device;
    if (id.len >= STORE_DEVICE_ID_CAP)
        return NULL;
    device = device_new(accounts, id);
    if (!load(device)) {
        device_free(device);
        return NULL;
    }
    map_put(accounts->devices, device);
    return device;
}

/* Most devices have few params or none, and all of them are many: no byte to spare. */
static void set_params(struct device *device, struct str params)
{
    buf_free(&device->params);
    if (str_eq(params, STR("{}")))
        return;
    device->params = (struct buf){alloc_text(params.ptr, params.len), params.len, params.len};
}

struct str device_params(const struct device *device)
{
    return device->params.len == 0 ? STR("{}") : buf_str(&device->params);
}

static void attach(struct device *device, struct str owner, struct str params)
{
    set_params(device, params);
    if (device->account != NULL)
        return;
    device->account = account_get(device->accounts, owner);
    link_insert(&device->account->devices, &device->in_account);
}

/* Nobody has written the row since it was read (docs/decisions/0011). */
static bool is_current(const struct accounts *accounts, const struct device_config *config)
{
    return config->reading != NULL && !config->reading->is_shared &&
           config->reading->epoch == device_epochs_get(accounts->config.epochs, config->deviceid);
}

struct device *device_get_for(struct accounts *accounts, const struct device_config *config)
{
    struct device *device = map_find(accounts->devices, config->deviceid);

    if (device != NULL || !is_current(accounts, config))
        return device_get(accounts, config->deviceid);
    device = device_new(accounts, config->deviceid);
    attach(device, config->owner, config->reading->params);
    device->state = DEVICE_READY;
    map_put(accounts->devices, device);
    return device;
}

static bool is_idle(const struct device *device)
{
    return device->state == DEVICE_READY && device->holds == 0 && device->link == NULL &&
           device->uncommitted == 0 && link_is_alone(&device->commands);
}

/* Takes the device out of every table; its account is left to the caller. */
static struct account *detach(struct device *device)
{
    struct account *account = device->account;

    map_remove(device->accounts->devices, str_of(device->id));
    link_remove(&device->in_account);
    device->account = NULL;
    return account;
}

void device_forget(struct device *device)
{
    if (!is_idle(device))
        return;
    detach(device);
    device_free(device);
}

void device_release(struct device *device)
{
    struct account *account = device->account;

    if (!is_idle(device) || (account != NULL && account->session_count > 0))
        return;
    if (account != NULL)
        detach(device);
    device_free(device);
    if (account != NULL)
        account_free_empty(account);
}

static struct device_link *first_link(const struct device_wait *wait)
{
    return CONTAINER_OF(wait->links.next, struct device_opening, link)->of;
}

static struct command *first_command(const struct device_wait *wait)
{
    return CONTAINER_OF(wait->commands.next, struct command, link);
}

static void fail_waiting(struct device *device, enum err err, struct str owner)
{
    enum command_outcome outcome = err == ERR_NOT_FOUND ? COMMAND_FORBIDDEN : COMMAND_FAILED;
    struct device_wait *wait = device->wait;

    if (wait == NULL)
        return;
    device->wait = NULL;
    while (!link_is_alone(&wait->links))
        device_link_fail(first_link(wait), err);
    while (!link_is_alone(&wait->commands)) {
        if (owner.len > 0)
            command_forward(first_command(wait), owner);
        else
            command_finish(first_command(wait), outcome, 0);
    }
    wait_free(wait);
}

/* owner: whose it is, when he is at home elsewhere; else empty. */
static void drop(struct device *device, enum err err, struct str owner)
{
    struct device_link *link = device->link;
    struct account *account;

    device->holds++;
    device->state = DEVICE_READY;
    fail_waiting(device, err, owner);
    while (!link_is_alone(&device->commands))
        command_finish(CONTAINER_OF(device->commands.next, struct command, link), COMMAND_FORBIDDEN,
                       0);
    if (link != NULL)
        device_link_end(link, END_REVOKED);
    account = detach(device);
    device->holds--;
    device_release(device);
    if (account != NULL)
        account_free_empty(account);
}

void device_drop(struct device *device)
{
    if (device->state == DEVICE_LOADING)
        device->must_reload = true;
    else
        drop(device, ERR_NOT_FOUND, STR_EMPTY);
}

static bool is_at_home(const struct device *device, const char *owner)
{
    if (device->account != NULL)
        return strcmp(device->account->apikey, owner) == 0;
    return relay_is_at_home(device->accounts->config.desk, str_of(owner));
}

/* Of another account than was thought, and maybe of one at home elsewhere. */
static void drop_foreign(struct device *device, const char *owner)
{
    struct accounts *accounts = device->accounts;
    const struct accounts_host *host = &accounts->config.host;

    if (owner[0] == '\0' || relay_is_at_home(accounts->config.desk, str_of(owner))) {
        drop(device, ERR_NOT_FOUND, STR_EMPTY);
        return;
    }
    owners_note(&accounts->owners, str_of(device->id), str_of(owner), host->now_ms(host->ctx));
    drop(device, ERR_NOT_FOUND, str_of(owner));
}

static void run_waiting(struct device *device)
{
    struct device_wait *wait = device->wait;

    device->wait = NULL;
    device->holds++;
    while (!link_is_alone(&wait->links))
        device_link_attach(first_link(wait));
    while (!link_is_alone(&wait->commands)) {
        struct command *command = first_command(wait);

        link_remove(&command->link);
        command_run(command, device);
    }
    wait_free(wait);
    device->holds--;
    device_release(device);
}

/* All of it has been read. */
static void end_loading(struct device *device)
{
    free(take_sharees(device));
    keep_sharees(device, device->wait->sharees);
    device->wait->sharees = NULL;
    device->state = DEVICE_READY;
    run_waiting(device);
}

/* True when what has been read does not count: loaded again, or dropped. */
static bool is_outdated(struct device *device)
{
    if (!device->must_reload)
        return false;
    device_reload(device);
    return true;
}

static void on_share(void *ctx, enum err err, const struct share_record *share)
{
    struct device *device = ctx;

    if (share != NULL) {
        sharees_put(&device->wait->sharees, str_of(share->sharee), share->permit);
        return;
    }
    device->accounts->store_waits--;
    if (is_outdated(device))
        return;
    if (err != ERR_NONE)
        drop(device, err, STR_EMPTY);
    else
        end_loading(device);
}

static void load_shares(struct device *device)
{
    struct accounts *accounts = device->accounts;
    const struct store_share_range range = {.deviceid = str_of(device->id),
                                            .limit = STORE_LIST_MAX};
    enum err err = store_share_list(accounts->config.store, accounts->config.mailbox, &range,
                                    on_share, device);

    if (err == ERR_NONE)
        accounts->store_waits++;
    else
        drop(device, err, STR_EMPTY);
}

static void on_load(void *ctx, enum err err, const struct device_record *record)
{
    struct device *device = ctx;

    device->accounts->store_waits--;
    if (is_outdated(device))
        return;
    if (err != ERR_NONE) {
        drop(device, err, STR_EMPTY);
        return;
    }
    if (record->owner[0] == '\0' || !is_at_home(device, record->owner)) {
        drop_foreign(device, record->owner);
        return;
    }
    attach(device, str_of(record->owner), str_of(record->params));
    if (record->is_shared)
        load_shares(device);
    else
        end_loading(device);
}

void device_reload(struct device *device)
{
    if (!load(device))
        drop(device, ERR_FULL, STR_EMPTY);
}

static void on_presence_noted(void *ctx, enum err err)
{
    struct accounts *accounts = ctx;

    (void)err; /* the time of the last connection is a hint for people, not a promise */
    accounts->store_waits--;
}

void device_note_presence(struct device *device, bool online, struct str model)
{
    struct accounts *accounts = device->accounts;
    int64_t wall_ms = accounts->config.host.wall_ms(accounts->config.host.ctx);
    struct store_device_change change = {
        .id = str_of(device->id),
        .model = model,
        .online_ms = online ? wall_ms : 0,
        .offline_ms = online ? 0 : wall_ms,
    };

    if (store_device_update(accounts->config.store, accounts->config.mailbox, &change,
                            on_presence_noted, accounts) == ERR_NONE)
        accounts->store_waits++;
}
