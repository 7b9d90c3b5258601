#include "gateway/gateway_action.h"

void gateway_update(struct gateway_link *link, const struct message *message)
{
    const struct command_request request = gateway_link_request(message);

    session_update(link->session, &request);
}

static bool is_own(const struct gateway_link *link, const struct message *message)
{
    return (message->deviceid.len == 0 ||
            str_eq(message->deviceid, device_link_deviceid(link->device))) &&
           (message->apikey.len == 0 || str_eq(message->apikey, device_link_owner(link->device)));
}

void gateway_report(struct gateway_link *link, const struct message *message)
{
    const struct change report = {
        .params = message->params.raw,
        .d_seq = message->d_seq.raw,
        .seq = message->seq.raw,
    };
    enum err err;

    if (!is_own(link, message)) {
        gateway_error_reply(link, message, 403);
        return;
    }
    if (message->params.kind != JSON_OBJECT && message->params.kind != JSON_ARRAY) {
        gateway_error_reply(link, message, 400);
        return;
    }
    err = device_link_report(link->device, &report);
    if (err != ERR_NONE)
        gateway_error_reply(link, message, err == ERR_INVALID || err == ERR_TOO_LARGE ? 400 : 500);
}

void gateway_ack(struct gateway_link *link, const struct message *message)
{
    struct device_ack ack = {.sequence = message->sequence, .error = message->error};

    if (!message->has_error)
        return;
    if (message->has_others || message->error != 0) /* passed on to the app */
        ack.text = message->text;
    device_link_ack(link->device, &ack);
}
