#include "api/api_device.h"

#include "api/api_holding.h"
#include "proto/rest_device_list.h"

static void on_all(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct json_out json;
    struct rest_device device;

    if (err != ERR_NONE) {
        api_call_refuse(call, api_holding_error(err));
        return;
    }
    json = api_call_begin(call);
    rest_device_list_begin_v1(&json);
    for (size_t i = 0; i < found->count; i++) {
        api_holding_view(call, &found->items[i], "", &device);
        rest_device_list_put_v1(&json, &device);
    }
    rest_device_list_end(&json);
    api_call_send(call, &json);
}

static void on_list(struct api_call *call)
{
    api_holding_find(call, NULL, 0, on_all);
}

static void on_one(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct json_out json;
    struct rest_device device;

    if (err != ERR_NONE || found->count == 0) {
        api_call_refuse(call, err == ERR_NONE || err == ERR_INVALID ? 404 : 500);
        return;
    }
    json = api_call_begin(call);
    api_holding_view(call, &found->items[0], "", &device);
    rest_device_put_v1(&json, &device);
    api_call_send(call, &json);
}

static void on_show(struct api_call *call)
{
    api_holding_find(call, &call->parameter, 1, on_one);
}

/* A client's own tests expect 406 for a bad token here, and 401 for one at the status. */
static const struct api_route routes[] = {
    {"GET", "/api/user/device", API_BEARER, REST_INFO, 406, on_list},
    {"GET", "/api/user/device/:id", API_BEARER, REST_INFO, 406, on_show},
};

const struct api_resource api_device = {routes, sizeof routes / sizeof *routes};
