#include "witness.h"

#include "household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

static void on_share(void *ctx, enum share_verb verb, enum share_outcome outcome,
                     const struct session_share_keys *keys)
{
    static const char *const verbs[] = {"offered", "changed", "ended"};
    static const char *const outcomes[] = {
        [SHARE_DONE] = "done",       [SHARE_REFUSED] = "refused",
        [SHARE_EXISTS] = "exists",   [SHARE_UNANSWERED] = "unanswered",
        [SHARE_MISSING] = "missing", [SHARE_UNKNOWN] = "unknown",
        [SHARE_SELF] = "self",       [SHARE_FORBIDDEN] = "forbidden",
        [SHARE_FULL] = "full",       [SHARE_BUSY] = "busy",
        [SHARE_FAILED] = "failed",
    };
    struct witness *app = ctx;

    buf_printf(&app->told, "%s " STR_FMT " %s seq=" STR_FMT "\n", verbs[verb],
               STR_ARG(keys->deviceid), outcomes[outcome], STR_ARG(keys->sequence));
}

static void on_share_offer(void *ctx, const struct share_request *offer, struct str sequence)
{
    struct witness *app = ctx;

    assert_true(str_copy(sequence, app->sequence, sizeof app->sequence));
    buf_printf(&app->told, "offer " STR_FMT " " STR_FMT " permit=%d\n", STR_ARG(offer->deviceid),
               STR_ARG(offer->name), (int)offer->permit);
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
    .on_share = on_share,
    .on_share_offer = on_share_offer,
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

void witness_share(struct witness *app, enum share_verb verb, const char *id, const char *account)
{
    const struct session_share_keys keys = {.deviceid = str_of(id), .sequence = STR("s1")};
    const struct share_request request = {
        .verb = verb,
        .deviceid = str_of(id),
        .account = str_of(account),
        .name = STR("lamp"),
        .permit = HOUSEHOLD_PERMIT,
    };

    session_share_ask(app->session, &request, &keys);
}

void witness_answer_offer(struct witness *app, bool is_accepted)
{
    session_share_answer(app->session, str_of(app->sequence), is_accepted);
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
