#include "api/api_handover.h"

#include "api/api_holding.h"
#include "api/api_private.h"
#include "api/api_share.h"
#include "base/alloc.h"
#include "domain/handover.h"
#include "proto/rest_device_args.h"
#include "proto/rest_device_list.h"

/* Codes of v2 alone. */
enum {
    ADDED_BY_ANOTHER = 30007,
    NO_SUCH_FACTORY_DATA = 30011,
    WRONG_CHIP = 30014,
    WRONG_DIGEST = 30015,
};

static int add_error(const struct api_call *call, enum handover_outcome outcome)
{
    bool is_v2 = call->route->style == REST_V2;

    switch (outcome) {
    case HANDOVER_DONE:
        return 0;
    case HANDOVER_UNKNOWN:
        return is_v2 ? NO_SUCH_FACTORY_DATA : 404;
    case HANDOVER_WRONG_KEY:
        return is_v2 ? WRONG_DIGEST : 403;
    case HANDOVER_WRONG_CHIP:
        return is_v2 ? WRONG_CHIP : 403;
    case HANDOVER_TAKEN:
        return is_v2 ? ADDED_BY_ANOTHER : 409;
    case HANDOVER_INVALID:
        return 400;
    case HANDOVER_FAILED:
        return 500;
    }
    return 500;
}

static int change_error(const struct api_call *call, enum handover_outcome outcome)
{
    if (outcome == HANDOVER_UNKNOWN)
        return call->route->style == REST_V2 ? 405 : 404;
    return add_error(call, outcome);
}

static void put_device(struct api_call *call, const struct holding *holding)
{
    char family[API_FAMILY_CAP];
    struct json_out json = api_call_begin(call);
    struct rest_device device;

    api_holding_family(call->grant.apikey, family);
    api_holding_view(call, holding, family, &device);
    if (call->route->style == REST_V2)
        rest_device_put_thing_members(&json, &device);
    else
        rest_device_list_put_one_v1(&json, &device);
    api_call_send(call, &json);
}

static void on_found(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;

    if (err != ERR_NONE || found->count == 0)
        api_call_refuse(call, 500);
    else
        put_device(call, &found->items[0]);
}

static void on_added(void *ctx, enum handover_outcome outcome, struct str deviceid)
{
    struct api_call *call = ctx;

    if (outcome != HANDOVER_DONE)
        api_call_refuse(call, add_error(call, outcome));
    else
        api_holding_find(call, &deviceid, 1, on_found);
}

static void add(struct api_call *call, const struct rest_device_add *asked)
{
    const struct handover_claim claim = {
        .owner = str_of(call->grant.apikey),
        .deviceid = asked->gsm_id.len > 0 ? STR_EMPTY : asked->deviceid,
        .key = asked->key,
        .digest = asked->digest,
        .gsm_id = asked->gsm_id,
        .name = asked->name,
        .chipid = asked->chipid,
        .settings = asked->settings,
        .on_end = on_added,
        .ctx = call,
    };

    handover_claim(call->api->config.handover, &claim);
}

/* Each way of adding a device has its own proof, and takes no other. */
static void on_add_v1(struct api_call *call)
{
    struct rest_device_add asked;

    rest_device_args_read_add(&call->args, &asked);
    asked.digest = asked.gsm_id = STR_EMPTY;
    add(call, &asked);
}

static void on_add(struct api_call *call)
{
    struct rest_device_add asked;

    rest_device_args_read_add(&call->args, &asked);
    asked.key = asked.gsm_id = STR_EMPTY;
    add(call, &asked);
}

static void on_add_gsm(struct api_call *call)
{
    struct rest_device_add asked;

    rest_device_args_read_add(&call->args, &asked);
    if (asked.gsm_id.len == 0)
        api_call_refuse(call, 400);
    else
        add(call, &asked);
}

static void on_changed_v1(void *ctx, enum handover_outcome outcome, struct str deviceid)
{
    struct api_call *call = ctx;

    if (outcome != HANDOVER_DONE)
        api_call_refuse(call, change_error(call, outcome));
    else
        api_holding_find(call, &deviceid, 1, on_found);
}

static void on_changed(void *ctx, enum handover_outcome outcome, struct str deviceid)
{
    struct api_call *call = ctx;

    (void)deviceid;
    if (outcome != HANDOVER_DONE)
        api_call_refuse(call, change_error(call, outcome));
    else
        api_call_succeed(call);
}

static void change(struct api_call *call, struct str deviceid, handover_fn on_end)
{
    struct rest_device_change asked;
    struct handover_change change = {
        .owner = str_of(call->grant.apikey), .deviceid = deviceid, .on_end = on_end, .ctx = call};

    rest_device_args_read_change(&call->args, &asked);
    change.name = asked.name;
    change.settings = asked.settings;
    change.tags = asked.tags;
    change.merges_tags = asked.merges_tags;
    handover_change(call->api->config.handover, &change);
}

static void on_change_v1(struct api_call *call)
{
    change(call, call->parameter, on_changed_v1);
}

static void on_update_info(struct api_call *call)
{
    change(call, rest_device_args_id(&call->args), on_changed);
}

static void on_tagged(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    char family[API_FAMILY_CAP];
    struct rest_device device;
    struct json_out json;

    if (err != ERR_NONE || found->count == 0) {
        api_call_refuse(call, 500);
        return;
    }
    api_holding_family(call->grant.apikey, family);
    api_holding_view(call, &found->items[0], family, &device);
    json = api_call_begin(call);
    rest_device_put_thing(&json, "updatedThing", &device);
    api_call_send(call, &json);
}

static void on_tags_changed(void *ctx, enum handover_outcome outcome, struct str deviceid)
{
    struct api_call *call = ctx;

    if (outcome != HANDOVER_DONE)
        api_call_refuse(call, change_error(call, outcome));
    else
        api_holding_find(call, &deviceid, 1, on_tagged);
}

static void on_tags(struct api_call *call)
{
    struct rest_device_change asked;

    rest_device_args_read_change(&call->args, &asked);
    if (asked.tags.len == 0)
        api_call_refuse(call, 400);
    else
        change(call, rest_device_args_id(&call->args), on_tags_changed);
}

static void release(struct api_call *call, struct str deviceid, handover_fn on_end)
{
    const struct handover_change change = {
        .owner = str_of(call->grant.apikey), .deviceid = deviceid, .on_end = on_end, .ctx = call};

    handover_release(call->api->config.handover, &change);
}

static void on_left(void *ctx, enum handover_outcome outcome, struct str deviceid)
{
    struct api_call *call = ctx;

    (void)deviceid;
    if (outcome != HANDOVER_DONE)
        api_call_refuse(call, change_error(call, outcome));
    else
        api_call_send(call, call->own);
}

/* v1 answers with the device as it was, so that is written ahead. */
static void on_leaving(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct rest_device device;
    struct json_out *json;

    if (err != ERR_NONE || found->count == 0) {
        api_call_refuse(call, err == ERR_NONE || err == ERR_INVALID ? 404 : 500);
        return;
    }
    call->own = json = alloc_zero(sizeof *json);
    *json = api_call_begin(call);
    api_holding_view(call, &found->items[0], "", &device);
    rest_device_list_put_one_v1(json, &device);
    release(call, call->parameter, on_left);
}

static void on_delete_v1(struct api_call *call)
{
    api_holding_find(call, &call->parameter, 1, on_leaving);
}

/* A device that is shared with the account is not its to give back: the share ends. */
static void on_own_or_shared(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;

    if (err != ERR_NONE)
        api_call_refuse(call, api_holding_error(err));
    else if (found->count == 0)
        api_call_refuse(call, 405);
    else if (found->items[0].share != NULL)
        api_share_leave(call, found->items[0].share);
    else
        release(call, rest_device_args_id(&call->args), on_changed);
}

static void on_delete(struct api_call *call)
{
    struct str deviceid = rest_device_args_id(&call->args);

    if (deviceid.len == 0)
        api_call_refuse(call, 400);
    else
        api_holding_find(call, &deviceid, 1, on_own_or_shared);
}

static const struct api_route routes[] = {
    {"POST", "/api/user/device/add", API_BEARER, REST_INFO, 406, on_add_v1},
    {"POST", "/api/user/device/addGsm", API_BEARER, REST_CODE, 0, on_add_gsm},
    {"POST", "/api/user/device/:id", API_BEARER, REST_INFO, 406, on_change_v1},
    {"DELETE", "/api/user/device/:id", API_BEARER, REST_INFO, 406, on_delete_v1},
    {"POST", "/v2/device/add", API_BEARER, REST_V2, 0, on_add},
    {"POST", "/v2/device/add-gsm", API_BEARER, REST_V2, 0, on_add_gsm},
    {"POST", "/v2/device/update-info", API_BEARER, REST_V2, 0, on_update_info},
    {"POST", "/v2/device/tags", API_BEARER, REST_V2, 0, on_tags},
    {"DELETE", "/v2/device", API_BEARER, REST_V2, 0, on_delete},
};

const struct api_resource api_handover = {routes, sizeof routes / sizeof *routes};
