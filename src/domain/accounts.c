#include "domain/accounts.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/pool.h"
#include "domain/account.h"
#include "domain/command.h"
#include "domain/device.h"
#include "domain/remote_home.h"
#include "domain/share_home.h"
#include "domain/share_offer.h"

#include <assert.h>
#include <stdlib.h>

static struct str account_key(const void *item)
{
    const struct account *account = item;

    return str_of(account->apikey);
}

static struct str device_key(const void *item)
{
    const struct device *device = item;

    return str_of(device->id);
}

static struct str sharees_key(const void *item)
{
    const struct sharees *sharees = item;

    return str_of(sharees->deviceid);
}

struct accounts *accounts_new(const struct accounts_config *config)
{
    struct accounts *accounts = alloc_zero(sizeof *accounts);

    accounts->config = *config;
    accounts->pool = pool_new();
    accounts->by_apikey = map_new(account_key);
    accounts->devices = map_new(device_key);
    accounts->sharees = map_new(sharees_key);
    link_init(&accounts->pending);
    link_init(&accounts->late);
    link_init(&accounts->offers);
    link_init(&accounts->share_errands);
    share_home_init(accounts);
    owners_init(&accounts->owners, config->max_owners, config->owner_ms);
    relay_desk_serve(config->desk, &remote_home_service, accounts);
    return accounts;
}

static void free_late(struct accounts *accounts)
{
    while (!link_is_alone(&accounts->late))
        command_expire(CONTAINER_OF(accounts->late.next, struct command, by_time));
}

static void note_device(void *ctx, void *item)
{
    struct device **some = ctx;

    *some = item;
}

void accounts_free(struct accounts *accounts)
{
    struct device *device;

    if (accounts == NULL)
        return;
    assert(accounts->store_waits == 0);
    while (!link_is_alone(&accounts->pending))
        command_expire(CONTAINER_OF(accounts->pending.next, struct command, by_time));
    free_late(accounts);
    while (map_count(accounts->devices) > 0) {
        map_each(accounts->devices, note_device, &device);
        device_release(device);
    }
    assert(map_count(accounts->by_apikey) == 0);
    stash_free(&accounts->commands);
    owners_fini(&accounts->owners);
    share_home_fini(accounts);
    assert(map_count(accounts->sharees) == 0);
    map_free(accounts->sharees);
    map_free(accounts->devices);
    map_free(accounts->by_apikey);
    pool_free(accounts->pool);
    free(accounts);
}

static bool is_due(const struct link *list, uint64_t now_ms)
{
    return !link_is_alone(list) &&
           CONTAINER_OF(list->next, struct command, by_time)->due_ms <= now_ms;
}

static void expire_list(struct link *list, uint64_t now_ms)
{
    while (is_due(list, now_ms))
        command_expire(CONTAINER_OF(list->next, struct command, by_time));
}

void accounts_expire(struct accounts *accounts)
{
    const struct accounts_host *host = &accounts->config.host;
    uint64_t now_ms = host->now_ms(host->ctx);
    uint64_t wake_ms = share_offer_expire(accounts, now_ms);

    expire_list(&accounts->pending, now_ms);
    expire_list(&accounts->late, now_ms);
    for (int i = 0; i < 2; i++) {
        const struct link *list = i == 0 ? &accounts->pending : &accounts->late;
        const struct command *first = CONTAINER_OF(list->next, struct command, by_time);

        if (!link_is_alone(list) && first->due_ms < wake_ms)
            wake_ms = first->due_ms;
    }
    if (wake_ms != UINT64_MAX)
        host->wake_at(host->ctx, wake_ms);
}

static void end_revoked(struct accounts *accounts, const struct bus_event *event)
{
    struct account *account = map_find(accounts->by_apikey, str_of(event->account));
    struct link *next;
    uint64_t tag; /* the first bytes of the hash, as session_open() keeps them */
    size_t left;

    if (account == NULL ||
        !hex_parse(str_sub(str_of(event->subject), 0, 2 * sizeof tag), &tag, sizeof tag))
        return;
    left = account->session_count; /* the account may go with its last session */
    for (struct link *at = account->sessions.next; left > 0; at = next, left--) {
        struct session *session = CONTAINER_OF(at, struct session, link);

        next = at->next;
        if (session->token_tag == tag)
            session_end(session, END_REVOKED);
    }
}

void accounts_on_event(struct accounts *accounts, const struct bus_event *event)
{
    struct device *device;

    switch (event->topic) {
    case BUS_TOKEN_REVOKED:
        end_revoked(accounts, event);
        break;
    case BUS_DEVICE_CHANGED:
        device_epochs_advance(accounts->config.epochs, str_of(event->subject));
        owners_drop(&accounts->owners, str_of(event->subject));
        device = map_find(accounts->devices, str_of(event->subject));
        if (device != NULL)
            device_drop(device);
        break;
    case BUS_APP_CHANGED:
        session_end_app(accounts, str_of(event->subject));
        break;
    case BUS_NODE_ANNOUNCED:
        break;
    }
}

uint64_t accounts_next_sequence(struct accounts *accounts)
{
    const struct accounts_host *host = &accounts->config.host;
    uint64_t wall_ms = (uint64_t)host->wall_ms(host->ctx);

    if (accounts->last_sequence < wall_ms)
        accounts->last_sequence = wall_ms;
    else
        accounts->last_sequence++;
    return accounts->last_sequence;
}

bool accounts_are_idle(const struct accounts *accounts)
{
    return accounts->store_waits == 0 && relay_desk_is_idle(accounts->config.desk);
}

/* A walk over all accounts for an operator. */
struct census {
    census_fn on_row;
    void *ctx;
};

static void census_account(void *ctx, void *item)
{
    const struct census *census = ctx;
    const struct account *account = item;
    struct census_row row = {.account = str_of(account->apikey)};

    for (struct link *at = account->sessions.next; at != &account->sessions; at = at->next) {
        const struct session *session = CONTAINER_OF(at, struct session, link);

        session->events->tell_origin(session->ctx, &row.origin);
        census->on_row(census->ctx, &row);
    }
    row.is_device = true;
    for (struct link *at = account->devices.next; at != &account->devices; at = at->next) {
        const struct device *device = CONTAINER_OF(at, struct device, in_account);

        if (device->link == NULL)
            continue;
        row.deviceid = str_of(device->id);
        device->link->events->tell_origin(device->link->ctx, &row.origin);
        census->on_row(census->ctx, &row);
    }
}

void accounts_census(const struct accounts *accounts, census_fn on_row, void *ctx)
{
    struct census census = {on_row, ctx};

    map_each(accounts->by_apikey, census_account, &census);
}

/* What a kick is looking for, and what it has found: ids are unique, so one of each at most. */
struct hunt {
    uint64_t conn_id;
    struct session *session;
    struct device_link *link;
};

static void hunt_in_account(void *ctx, void *item)
{
    struct hunt *hunt = ctx;
    struct account *account = item;

    for (struct link *at = account->sessions.next; at != &account->sessions; at = at->next) {
        struct session *session = CONTAINER_OF(at, struct session, link);

        if (session->events->conn_id(session->ctx) == hunt->conn_id)
            hunt->session = session;
    }
    for (struct link *at = account->devices.next; at != &account->devices; at = at->next) {
        struct device *device = CONTAINER_OF(at, struct device, in_account);

        if (device->link != NULL &&
            device->link->events->conn_id(device->link->ctx) == hunt->conn_id)
            hunt->link = device->link;
    }
}

size_t accounts_kick(struct accounts *accounts, uint64_t conn_id, struct str deviceid)
{
    struct hunt hunt = {.conn_id = conn_id};
    struct device *device;

    if (conn_id != 0) {
        map_each(accounts->by_apikey, hunt_in_account, &hunt);
    } else {
        device = map_find(accounts->devices, deviceid);
        hunt.link = device == NULL ? NULL : device->link;
    }
    if (hunt.session != NULL)
        session_end(hunt.session, END_KICKED);
    if (hunt.link != NULL)
        device_link_end(hunt.link, END_KICKED);
    return (size_t)(hunt.session != NULL) + (size_t)(hunt.link != NULL);
}
