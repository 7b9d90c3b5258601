#include "api/api_private.h"

#include "base/crypto.h"

static void on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct dispatch_call *call = ctx;

    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        dispatch_call_refuse(call, 500);
    /* An unknown id and a wrong key look alike, so that nobody can list the devices by asking. */
    else if (err == ERR_NOT_FOUND || !crypto_equal(call->request.apikey, str_of(device->key)))
        dispatch_call_refuse(call, 401);
    else
        dispatch_call_route(call, str_of(device->owner[0] == '\0' ? device->id : device->owner),
                            STR_EMPTY);
}

void api_dispatch_device(void *ctx, struct http_exchange *exchange,
                         const struct http_request *request, struct str body)
{
    struct api *api = ctx;
    struct dispatch_request parsed;
    struct dispatch_call *call;

    if (dispatch_request_parse(body, &parsed) != ERR_NONE) {
        dispatch_refuse_body(api, exchange);
        return;
    }
    call = dispatch_call_new(api, exchange, request, &parsed);
    call->is_device = true;
    /* Firmware that asks with GET has nothing to authorize itself with; it does so at register. */
    if (!call->needs_parameters)
        dispatch_call_route(call, STR_EMPTY, STR_EMPTY);
    else if (call->request.deviceid.len == 0 || call->request.apikey.len == 0 ||
             call->request.deviceid.len >= STORE_DEVICE_ID_CAP)
        dispatch_call_refuse(call, 400);
    else if (store_device_find(api->config.store, loop_mailbox(api->config.loop),
                               call->request.deviceid, on_device, call) != ERR_NONE)
        dispatch_call_refuse(call, 500);
}
