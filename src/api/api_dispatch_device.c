#include "api/api_private.h"

/* It is refused here already, so that it never comes to register. */
static void note_unknown(const struct api_dispatch *call)
{
    const struct quarantine_try it = {
        .id = call->request.deviceid,
        .key = call->request.apikey,
        .peer = call->peer_ip,
        .wall_ms = loop_wall_ms(call->api->config.loop),
    };

    quarantine_note(call->api->config.quarantine, &it);
}

static void on_verdict(void *ctx, enum device_verdict verdict, const struct device_record *device)
{
    struct api_dispatch *call = ctx;

    switch (verdict) {
    case DEVICE_GRANTED:
        api_dispatch_route(call, str_of(device->owner), STR_EMPTY);
        break;
    case DEVICE_UNOWNED:
        api_dispatch_route(call, call->request.deviceid, STR_EMPTY);
        break;
    /* These look alike, so that nobody can list the devices by asking. */
    case DEVICE_UNKNOWN:
        note_unknown(call);
        api_dispatch_refuse(call, 401);
        break;
    case DEVICE_WRONG_KEY:
    case DEVICE_DISABLED:
        api_dispatch_refuse(call, 401);
        break;
    case DEVICE_FAILED:
        api_dispatch_refuse(call, 500);
        break;
    }
}

void api_dispatch_device(void *ctx, struct http_exchange *exchange,
                         const struct http_request *request, struct str body)
{
    struct api *api = ctx;
    struct dispatch_request parsed;
    struct api_dispatch *call;

    if (dispatch_message_parse(body, &parsed) != ERR_NONE) {
        api_dispatch_refuse_body(api, exchange);
        return;
    }
    call = api_dispatch_new(api, exchange, request, &parsed);
    call->is_device = true;
    /* Firmware that asks with GET has nothing to authorize itself with; it does so at register. */
    if (!call->needs_parameters)
        api_dispatch_route(call, STR_EMPTY, STR_EMPTY);
    else if (call->request.deviceid.len == 0 || call->request.apikey.len == 0 ||
             call->request.deviceid.len >= STORE_DEVICE_ID_CAP)
        api_dispatch_refuse(call, 400);
    else if (access_check_device(api->config.access, call->request.deviceid, call->request.apikey,
                                 on_verdict, call) != ERR_NONE)
        api_dispatch_refuse(call, 500);
}
