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
        .max_owners = 4,
        .owner_ms = 60 * 1000,
    };

    home->now_ms = 1000;
    home->desk = accounts.desk = relay_desk_new(home->relay, home->loop, NULL, true);
    home->accounts = accounts_new(&accounts);
}

void household_open(struct household *home)
{
    struct store_config config = {.commit_ms = 0, .max_waiting = 64};
    const struct relay_config relay = {16, RELAY_LETTER_MAX};

    memset(home, 0, sizeof *home);
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

static void on_result(void *ctx, const struct command_result *result)
{
    static const char *const outcomes[] = {
        [COMMAND_OK] = "ok",
        [COMMAND_DEVICE_ERROR] = "device error",
        [COMMAND_OFFLINE] = "offline",
        [COMMAND_TIMEOUT] = "timeout",
        [COMMAND_INVALID] = "invalid",
        [COMMAND_FORBIDDEN] = "forbidden",
        [COMMAND_BUSY] = "busy",
        [COMMAND_FAILED] = "failed",
        [COMMAND_TOO_LARGE] = "too large",
    };
    struct witness *app = ctx;

    buf_printf(&app->told, "%s " STR_FMT " seq=" STR_FMT, outcomes[result->outcome],
               STR_ARG(result->deviceid), STR_ARG(result->sequence));
    if (result->params.ptr != NULL)
        buf_printf(&app->told, " params=" STR_FMT, STR_ARG(result->params));
    if (result->error != 0)
        buf_printf(&app->told, " error=%d", (int)result->error);
    buf_append_byte(&app->told, '\n');
}

static void on_app_change(void *ctx, const struct change *change)
{
    struct witness *app = ctx;

    buf_printf(&app->told, "app set " STR_FMT " " STR_FMT " seq=" STR_FMT "\n",
               STR_ARG(change->deviceid), STR_ARG(change->params), STR_ARG(change->sequence));
}

static void on_report(void *ctx, const struct change *change)
{
    struct witness *app = ctx;

    buf_printf(&app->told, "report " STR_FMT " " STR_FMT "\n", STR_ARG(change->deviceid),
               STR_ARG(change->params));
}

static void on_presence(void *ctx, struct str deviceid, struct str owner, bool online)
{
    struct witness *app = ctx;

    assert_true(str_eq(owner, STR(OWNER)));
    buf_printf(&app->told, "%s " STR_FMT "\n", online ? "online" : "offline", STR_ARG(deviceid));
}

static void on_end(void *ctx, enum session_end end)
{
    static const char *const ends[] = {"replaced", "revoked", "kicked", "limit", "newer"};
    struct witness *witness = ctx;

    buf_printf(&witness->told, "end %s\n", ends[end]);
}

static void on_open(void *ctx, struct device_link *link, enum err err)
{
    struct witness *device = ctx;

    (void)link;
    device->opened = err;
    buf_printf(&device->told, "open %s\n", err_text(err));
}

static enum err on_command(void *ctx, enum command_kind kind, const struct change *command)
{
    static const char *const names[] = {
        [COMMAND_UPDATE] = "command",
        [COMMAND_UPGRADE] = "upgrade",
    };
    struct witness *device = ctx;

    assert_true(str_copy(command->sequence, device->sequence, sizeof device->sequence));
    buf_printf(&device->told, "%s " STR_FMT "\n", names[kind], STR_ARG(command->params));
    return command->params.len > device->max_params ? ERR_TOO_LARGE : ERR_NONE;
}

static void on_report_done(void *ctx, enum err err, const struct change *report)
{
    struct witness *device = ctx;

    (void)report;
    buf_printf(&device->told, "reported %s\n", err_text(err));
}

static uint64_t conn_id(void *ctx)
{
    const struct witness *witness = ctx;

    return witness->conn_id;
}

static void tell_origin(void *ctx, struct origin *out)
{
    *out = (struct origin){.conn_id = conn_id(ctx), .peer = "192.0.2.1:5000"};
}

static const struct session_events app_events = {
    .conn_id = conn_id,
    .tell_origin = tell_origin,
    .on_result = on_result,
    .on_app_change = on_app_change,
    .on_report = on_report,
    .on_presence = on_presence,
    .on_end = on_end,
};

static const struct device_events device_events = {
    .conn_id = conn_id,
    .tell_origin = tell_origin,
    .on_open = on_open,
    .on_command = on_command,
    .on_report_done = on_report_done,
    .on_end = on_end,
};

void witness_app(struct witness *app, struct household *home, const char *apikey)
{
    static const uint8_t hash[STORE_TOKEN_HASH_BYTES] = {0xab, 0xcd, 1, 2, 3, 4, 5, 6};
    const struct session_config config = {
        .apikey = str_of(apikey),
        .token_hash = hash,
        .events = &app_events,
        .ctx = app,
    };

    memset(app, 0, sizeof *app);
    app->home = home;
    app->conn_id = 7;
    app->session = session_open(home->accounts, &config);
}

static void open_device(struct witness *device, struct household *home,
                        const struct device_config *config)
{
    memset(device, 0, sizeof *device);
    device->home = home;
    device->conn_id = 8;
    device->max_params = SIZE_MAX;
    device->link = device_link_open(home->accounts, config);
}

void witness_device_read(struct witness *device, struct household *home, const char *id,
                         const struct device_reading *reading)
{
    const struct device_config config = {
        .deviceid = str_of(id),
        .owner = STR(OWNER),
        .model = STR("M1"),
        .events = &device_events,
        .ctx = device,
        .reading = reading,
    };

    open_device(device, home, &config);
}

void witness_slow_device(struct witness *device, struct household *home, struct device_pace pace)
{
    const struct device_config config = {
        .pace = pace,
        .deviceid = STR(DEVICE),
        .owner = STR(OWNER),
        .events = &device_events,
        .ctx = device,
    };

    open_device(device, home, &config);
    household_settle(home);
    witness_was_told(device, "open no error\n");
}

void witness_device(struct witness *device, struct household *home, const char *id)
{
    witness_device_read(device, home, id, NULL);
    household_settle(home);
}

void witness_leave(struct witness *witness)
{
    if (witness->session != NULL)
        session_close(witness->session);
    if (witness->link != NULL)
        device_link_close(witness->link, DEVICE_LOSS_CLOSED);
    buf_free(&witness->told);
    witness->session = NULL;
    witness->link = NULL;
}

static struct command_request request_of(const char *id, const char *sequence, const char *params)
{
    struct command_request request = {
        .deviceid = str_of(id),
        .apikey = STR(OWNER),
        .sequence = str_of(sequence),
    };

    if (params != NULL)
        assert_int_equal(json_scan(str_of(params), &request.params), ERR_NONE);
    return request;
}

void witness_update(struct witness *app, const char *id, const char *sequence, const char *params)
{
    const struct command_request request = request_of(id, sequence, params);

    session_update(app->session, &request);
}

void witness_upgrade(struct witness *app, const char *id, const char *sequence, const char *params)
{
    const struct command_request request = request_of(id, sequence, params);

    session_upgrade(app->session, &request);
}

void witness_query(struct witness *app, const char *id, const char *names)
{
    const struct command_request request = request_of(id, "q", names);

    session_query(app->session, &request);
}

void witness_ack(struct witness *device, int error)
{
    const struct device_ack ack = {.sequence = str_of(device->sequence), .error = error};

    device_link_ack(device->link, &ack);
}

enum err witness_report(struct witness *device, const char *params)
{
    const struct change report = {.params = str_of(params)};

    return device_link_report(device->link, &report);
}

void witness_was_told(struct witness *witness, const char *lines)
{
    buf_append_byte(&witness->told, '\0');
    assert_string_equal(witness->told.ptr, lines);
    buf_clear(&witness->told);
}
