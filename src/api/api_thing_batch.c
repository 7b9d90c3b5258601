#include "api/api_thing_batch.h"

#include "api/api_batch.h"
#include "api/api_private.h"
#include "proto/rest_device_args.h"
#include "proto/rest_device_status.h"

enum { DEVICE_OFFLINE_IN_BATCH = 30022 };

static int outcome_error(int outcome)
{
    switch (outcome) {
    case COMMAND_OK:
        return 0;
    case COMMAND_FORBIDDEN:
        return 405;
    case COMMAND_INVALID:
    case COMMAND_TOO_LARGE:
        return 400;
    case COMMAND_DEVICE_ERROR:
        return 4002;
    case COMMAND_OFFLINE:
    case COMMAND_TIMEOUT:
    case API_BATCH_WAITS:
        return DEVICE_OFFLINE_IN_BATCH;
    default:
        return 500;
    }
}

/* outcomes: of each of the batch's things; NULL: nobody waited for them. */
static void answer(struct api_call *call, const struct rest_batch *batch,
                   const struct api_batch_item *items)
{
    struct json_out json = api_call_begin(call);

    rest_device_status_begin_list(&json);
    for (size_t i = 0; i < batch->count; i++)
        rest_device_status_put_item(&json, batch->items[i].is_group, batch->items[i].id,
                                    items == NULL ? 0 : outcome_error(items[i].outcome));
    rest_device_status_end_list(&json);
    api_call_send(call, &json);
}

static void on_end(void *ctx, const struct api_batch_item *items, size_t count)
{
    struct api_call *call = ctx;
    struct rest_batch batch;

    (void)count;
    if (rest_device_args_read_batch(&call->args, &batch)) /* as when it began */
        answer(call, &batch, items);
}

static void on_post(struct api_call *call)
{
    struct rest_batch batch;
    struct api_batch *commands;

    if (!rest_device_args_read_batch(&call->args, &batch)) {
        api_call_refuse(call, 400);
        return;
    }
    commands = api_batch_new(call->api, str_of(call->grant.apikey), batch.count);
    for (size_t i = 0; i < batch.count; i++)
        api_batch_add(commands, i, batch.items[i].id, batch.items[i].params);
    if (batch.timeout_ms > 0) {
        api_batch_run(commands, (uint64_t)batch.timeout_ms, on_end, call);
    } else {
        api_batch_run(commands, 0, NULL, NULL);
        answer(call, &batch, NULL);
    }
}

static const struct api_route routes[] = {
    {"POST", "/v2/device/thing/batch-status", API_BEARER, REST_V2, 0, on_post},
};

const struct api_resource api_thing_batch = {routes, sizeof routes / sizeof *routes};
