#include "api/api_ota.h"

#include "proto/rest_ota.h"

/* Switchyard keeps no firmware, so no device has an update; an operator's `upgrade` names its own.
 */
static void on_query(struct api_call *call)
{
    struct json_out json;

    if (!rest_ota_is_query(&call->args)) {
        api_call_refuse(call, 400);
        return;
    }
    json = api_call_begin(call);
    rest_ota_put_none(&json, call->route->style);
    api_call_send(call, &json);
}

static const struct api_route routes[] = {
    {"POST", "/otaother/app", API_BEARER, REST_INFO, 0, on_query},
    {"POST", "/v2/device/ota/query", API_BEARER, REST_V2, 0, on_query},
};

const struct api_resource api_ota = {routes, sizeof routes / sizeof *routes};
