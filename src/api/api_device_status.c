#include "api/api_device_status.h"

#include "api/api_batch.h"
#include "api/api_private.h"
#include "domain/params.h"
#include "domain/remote.h"
#include "proto/rest_device_args.h"
#include "proto/rest_device_status.h"

/*
 * The code of an outcome. A device that the account does not see is one that is not there: v1's
 * status answers 400 for it when it is asked for and 403 when it is set, v2 405.
 */
static int outcome_error(const struct api_call *call, enum command_outcome outcome, int64_t error,
                         enum command_kind kind)
{
    bool is_v2 = call->route->style == REST_V2;

    switch (outcome) {
    case COMMAND_OK:
        return 0;
    case COMMAND_DEVICE_ERROR:
        return is_v2 || error < 1 || error > INT32_MAX ? 4002 : (int)error;
    case COMMAND_OFFLINE:
        return is_v2 ? 4002 : 503;
    case COMMAND_TIMEOUT:
        return is_v2 ? 4002 : 504;
    case COMMAND_FORBIDDEN:
        if (is_v2)
            return 405;
        return kind == COMMAND_QUERY ? 400 : 403;
    case COMMAND_INVALID:
    case COMMAND_TOO_LARGE:
        return 400;
    case COMMAND_BUSY:
    case COMMAND_FAILED:
        return 500;
    }
    return 500;
}

static void on_params(void *ctx, const struct command_result *result)
{
    struct api_call *call = ctx;
    struct buf selected = BUF_EMPTY;
    struct json_out json;

    if (result->outcome != COMMAND_OK) {
        api_call_refuse(call, outcome_error(call, result->outcome, result->error, COMMAND_QUERY));
        return;
    }
    (void)params_select(&selected, result->params, result->names);
    json = api_call_begin(call);
    rest_device_status_put_params(&json, buf_str(&selected));
    api_call_send(call, &json);
    buf_free(&selected);
}

static void on_changed(void *ctx, const struct command_result *result)
{
    struct api_call *call = ctx;
    struct json_out json;

    if (result->outcome != COMMAND_OK) {
        api_call_refuse(call, outcome_error(call, result->outcome, result->error, COMMAND_UPDATE));
        return;
    }
    json = api_call_begin(call);
    if (call->route->style != REST_V2)
        rest_device_status_put_device(&json, result->deviceid);
    api_call_send(call, &json);
}

static void command(struct api_call *call, enum command_kind kind,
                    const struct command_request *request)
{
    const struct remote_command command = {
        .kind = kind,
        .asker = str_of(call->grant.apikey),
        .source = DEVICE_SOURCE_REST,
        .request = *request,
        .on_result = kind == COMMAND_QUERY ? on_params : on_changed,
        .ctx = call,
    };
    struct remote_call *remote;
    enum err err = remote_command(call->api->config.accounts, &command, &remote);

    if (err != ERR_NONE)
        api_call_refuse(call, err == ERR_INVALID ? 400 : 500);
}

static void query(struct api_call *call, const struct rest_status *status)
{
    struct command_request request = {.deviceid = status->id};
    struct buf names = BUF_EMPTY;
    struct json_out json = json_out_to(&names);

    json_out_str(&json, NULL, status->names);
    request.params = (struct json_value){.kind = JSON_STRING, .raw = buf_str(&names)};
    command(call, COMMAND_QUERY, &request);
    buf_free(&names);
}

static void update(struct api_call *call, const struct rest_status *status)
{
    char digits[STR_U64_CAP];
    const struct command_request request = {
        .deviceid = status->id,
        .sequence = api_batch_sequence(call->api, digits),
        .params = status->params,
    };

    command(call, COMMAND_UPDATE, &request);
}

static void on_get_v1(struct api_call *call)
{
    struct rest_status status;

    rest_device_args_read_status_v1(&call->args, &status);
    query(call, &status);
}

static void on_post_v1(struct api_call *call)
{
    struct rest_status status;

    rest_device_args_read_status_v1(&call->args, &status);
    update(call, &status);
}

static void on_get(struct api_call *call)
{
    struct rest_status status;

    if (!rest_device_args_read_status(&call->args, &status))
        api_call_refuse(call, 400);
    else if (status.is_group)
        api_call_refuse(call, 405);
    else
        query(call, &status);
}

static void on_post(struct api_call *call)
{
    struct rest_status status;

    if (!rest_device_args_read_status(&call->args, &status))
        api_call_refuse(call, 400);
    else if (status.is_group)
        api_call_refuse(call, 405);
    else
        update(call, &status);
}

static const struct api_route routes[] = {
    {"GET", "/api/user/device/status", API_BEARER, REST_ERRMSG, 0, on_get_v1},
    {"POST", "/api/user/device/status", API_BEARER, REST_ERRMSG, 0, on_post_v1},
    {"GET", "/v2/device/thing/status", API_BEARER, REST_V2, 0, on_get},
    {"POST", "/v2/device/thing/status", API_BEARER, REST_V2, 0, on_post},
};

const struct api_resource api_device_status = {routes, sizeof routes / sizeof *routes};
