#include "household.h"
#include "store/store_device.h"
#include "store/store_share.h"
#include "store/store_user.h"

#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t now_ms(void *ctx)
{
    struct household *home = ctx;

    return home->now_ms;
}

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return 1545219251000;
}

static uint64_t clock_us(void *ctx)
{
    struct household *home = ctx;

    return home->now_ms * 1000;
}

static void wake_at(void *ctx, uint64_t due_ms)
{
    struct household *home = ctx;

    home->wake_ms = due_ms;
}

static void on_done(void *ctx, enum err err)
{
    int *left = ctx;

    assert_int_equal(err, ERR_NONE);
    --*left;
}

static void furnish(struct household *home)
{
    struct user_record user = {.apikey = OWNER, .account = "u1", .region = "eu"};
    struct user_record other = {.apikey = OTHER, .account = "u2", .region = "eu"};
    struct device_record device = {.id = DEVICE, .key = "k", .owner = OWNER};
    struct device_record foreign = {.id = FOREIGN, .key = "k", .owner = OTHER};
    int left = 4;

    device.params = "{\"switch\":\"off\"}";
    foreign.params = "{}";
    assert_int_equal(store_user_create(home->store, home->mailbox, &user, on_done, &left), 0);
    assert_int_equal(store_user_create(home->store, home->mailbox, &other, on_done, &left), 0);
    assert_int_equal(store_device_create(home->store, home->mailbox, &device, 1, on_done, &left),
                     0);
    assert_int_equal(store_device_create(home->store, home->mailbox, &foreign, 1, on_done, &left),
                     0);
    while (left > 0)
        mailbox_deliver(home->mailbox);
}

/* Everything but the store, the epochs and the relay, which may be a neighbour's. */
static void move_in(struct household *home)
{
    struct accounts_config accounts = {
        .store = home->store,
        .mailbox = home->mailbox,
        .epochs = home->epochs,
        .watchers = &home->watchers,
        .host = {now_ms, wall_ms, clock_us, wake_at, home},
        .command_ms = HOUSEHOLD_COMMAND_MS,
        .max_pending = HOUSEHOLD_PENDING,
        .max_sessions = HOUSEHOLD_SESSIONS,
        .shares = {.answer_ms = HOUSEHOLD_ANSWER_MS,
                   .retry_ms = HOUSEHOLD_RETRY_MS,
                   .max_shares = HOUSEHOLD_SHARES,
                   .auto_accept = home->accepts_shares},
        .max_owners = 4,
        .owner_ms = 60 * 1000,
    };

    home->now_ms = 1000;
    home->desk = accounts.desk = relay_desk_new(home->relay, home->loop, NULL, true);
    home->accounts = accounts_new(&accounts);
}

void household_open_with(struct household *home, bool accepts_shares)
{
    struct store_config config = {.commit_ms = 0, .max_waiting = 64};
    const struct relay_config relay = {16, RELAY_LETTER_MAX};

    memset(home, 0, sizeof *home);
    home->accepts_shares = accepts_shares;
    home->loop = loop_new();
    home->mailbox = loop_mailbox(home->loop);
    home->metrics = metric_set_new();
    config.metrics = home->metrics;
    assert_int_equal(store_open(&config, NULL, &home->store), ERR_NONE);
    furnish(home);
    home->epochs = device_epochs_new();
    home->relay = relay_new(&relay);
    move_in(home);
}

void household_open(struct household *home)
{
    household_open_with(home, false);
}

void household_join(struct household *guest, struct household *host)
{
    memset(guest, 0, sizeof *guest);
    guest->is_guest = true;
    guest->store = host->store;
    guest->epochs = host->epochs;
    guest->relay = host->relay;
    guest->neighbour = host;
    host->neighbour = guest;
    guest->loop = loop_new();
    guest->mailbox = loop_mailbox(guest->loop);
    move_in(guest);
}

static void move_out(struct household *home)
{
    accounts_free(home->accounts);
    relay_desk_free(home->desk);
    loop_free(home->loop);
}

void household_close(struct household *home)
{
    household_settle(home);
    if (home->is_guest) {
        home->neighbour->neighbour = NULL;
        move_out(home);
        return;
    }
    accounts_free(home->accounts);
    relay_desk_free(home->desk);
    store_close(home->store);
    loop_free(home->loop);
    relay_free(home->relay);
    device_epochs_free(home->epochs);
    metric_set_free(home->metrics);
}

void household_settle(struct household *home)
{
    struct household *neighbour = home->neighbour;

    do {
        mailbox_deliver(home->mailbox);
        if (neighbour != NULL)
            mailbox_deliver(neighbour->mailbox);
    } while (!accounts_are_idle(home->accounts) ||
             (neighbour != NULL && !accounts_are_idle(neighbour->accounts)));
}

void household_turn(struct household *home, int times)
{
    for (int i = 0; i < times; i++) {
        mailbox_deliver(home->mailbox);
        if (home->neighbour != NULL)
            mailbox_deliver(home->neighbour->mailbox);
    }
}

void household_add_user(struct household *home, const char *apikey, const char *account)
{
    struct user_record user = {.region = "eu"};
    int left = 1;

    str_copy(str_of(apikey), user.apikey, sizeof user.apikey);
    str_copy(str_of(account), user.account, sizeof user.account);
    assert_int_equal(store_user_create(home->store, home->mailbox, &user, on_done, &left), 0);
    while (left > 0)
        mailbox_deliver(home->mailbox);
}

void household_give(struct household *home, const char *id, const char *owner)
{
    int left = 1;

    assert_int_equal(
        store_device_assign(home->store, home->mailbox, str_of(id), str_of(owner), on_done, &left),
        0);
    while (left > 0)
        mailbox_deliver(home->mailbox);
}

void household_share(struct household *home, const char *id, const char *sharee, unsigned permit)
{
    struct share_record share = {.owner = OWNER, .permit = permit};
    int left = 1;

    str_copy(str_of(id), share.deviceid, sizeof share.deviceid);
    str_copy(str_of(sharee), share.sharee, sizeof share.sharee);
    assert_int_equal(store_share_create(home->store, home->mailbox, &share, 8, on_done, &left), 0);
    while (left > 0)
        mailbox_deliver(home->mailbox);
}

void household_wait(struct household *home, uint64_t ms)
{
    home->now_ms += ms;
    accounts_expire(home->accounts);
}
