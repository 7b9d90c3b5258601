#include "gateway/gateway_link.h"

struct str gateway_error_reason(int error)
{
    switch (error) {
    case 0:
        return STR_EMPTY;
    case 400:
        return STR("Bad Request");
    case 403:
        return STR("Forbidden");
    case 404:
        return STR("Not Found");
    case 406:
        return STR("Authentication Failed");
    case 415:
        return STR("Device Deleted");
    case 503:
        return STR("Device Offline");
    case 504:
        return STR("Request Timeout");
    default:
        return STR("Internal Server Error");
    }
}

static void reply_with(struct gateway_link *link, const struct message *message, int error,
                       struct str reason)
{
    const struct message_reply reply = {
        .error = error,
        .reason = reason,
        .deviceid = message->deviceid,
        .apikey = message->apikey,
        .sequence = message->sequence,
        .d_seq = message->d_seq,
    };

    gateway_link_reply(link, &reply);
}

void gateway_error_reply(struct gateway_link *link, const struct message *message, int error)
{
    reply_with(link, message, error, gateway_error_reason(error));
}

void gateway_error_too_large(struct gateway_link *link, const struct message *message)
{
    reply_with(link, message, 400, GATEWAY_TOO_LARGE);
}
