#include "api/api_history.h"

#include "api/api_private.h"
#include "domain/command_outcome.h"
#include "domain/history_entry.h"
#include "proto/rest_history.h"

enum { MAX_ENTRIES = 30 }; /* of one answer, as documented */

/* v2 says 405 for what is not found. */
static int error_of(enum err err)
{
    return err == ERR_NOT_FOUND || err == ERR_INVALID ? 405 : 500;
}

static void put(struct json_out *json, struct str deviceid, struct str owner,
                const struct device_event *event)
{
    bool is_command = event->kind == DEVICE_COMMAND;
    struct rest_history_entry entry = {
        .deviceid = deviceid,
        .agent = is_command ? STR("app") : STR("device"),
        .type = str_of(device_event_name(event->kind)),
        .request = event->params,
        .at_ms = event->at_ms,
        .latency_us = -1,
    };

    if (event->kind == DEVICE_OFFLINE)
        entry.reason = str_of(device_event_loss_name(event->loss));
    if (is_command) {
        entry.account = str_eq(event->account, STR(HISTORY_OWNER)) ? owner : event->account;
        entry.outcome = str_of(command_outcome_name(event->outcome));
        entry.error = event->error;
        entry.latency_us = (int64_t)event->latency_us;
    }
    rest_history_put(json, &entry);
}

/* The newest first, as a person reads it: those of `from` and before, `num` at most. */
static void put_newest(struct json_out *json, const struct api_call *call, struct str entries)
{
    struct device_event events[MAX_ENTRIES];
    struct device_event event;
    struct str entry;
    size_t seen = 0;
    int64_t from = INT64_MAX;
    int64_t num = MAX_ENTRIES;

    (void)!rest_args_i64(&call->args, "from", &from);
    (void)!rest_args_i64(&call->args, "num", &num);
    while (store_history_next(&entries, &entry))
        if (history_entry_read(entry, &event) && event.at_ms <= from)
            events[seen++ % MAX_ENTRIES] = event;
    for (size_t i = 0; i < seen && i < (size_t)num; i++)
        put(json, rest_args_text(&call->args, "deviceid"), str_of(call->grant.apikey),
            &events[(seen - 1 - i) % MAX_ENTRIES]);
}

static void on_found(void *ctx, enum err err, struct str entries)
{
    struct api_call *call = ctx;
    struct json_out json;

    if (err != ERR_NONE) {
        api_call_refuse(call, error_of(err));
        return;
    }
    json = api_call_begin(call);
    rest_history_begin(&json);
    put_newest(&json, call, entries);
    rest_history_end(&json);
    api_call_send(call, &json);
}

/* False when the call has been refused. */
static bool is_valid(struct api_call *call)
{
    int64_t num = MAX_ENTRIES;
    bool is_number =
        rest_args_text(&call->args, "num").len == 0 || rest_args_i64(&call->args, "num", &num);

    if (rest_args_text(&call->args, "deviceid").len > 0 && is_number && num >= 1 &&
        num <= MAX_ENTRIES)
        return true;
    api_call_refuse(call, 400);
    return false;
}

static void on_show(struct api_call *call)
{
    enum err err;

    if (!is_valid(call))
        return;
    err = history_find(call->api->config.history, rest_args_text(&call->args, "deviceid"),
                       str_of(call->grant.apikey), on_found, call);
    if (err)
        api_call_refuse(call, error_of(err));
}

static void on_cleared(void *ctx, enum err err)
{
    struct api_call *call = ctx;

    if (err)
        api_call_refuse(call, error_of(err));
    else
        api_call_succeed(call);
}

static void on_clear(struct api_call *call)
{
    enum err err;

    if (!is_valid(call))
        return;
    err = history_clear(call->api->config.history, rest_args_text(&call->args, "deviceid"),
                        str_of(call->grant.apikey), on_cleared, call);
    if (err)
        api_call_refuse(call, error_of(err));
}

static const struct api_route routes[] = {
    {"GET", "/v2/device/history", API_BEARER, REST_V2, 0, on_show},
    {"DELETE", "/v2/device/history", API_BEARER, REST_V2, 0, on_clear},
};

const struct api_resource api_history = {routes, sizeof routes / sizeof *routes};
