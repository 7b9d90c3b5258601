#include "gateway/gateway_action.h"

#include "domain/params.h"

/* A device asks for its own stored params: an object, or 0 when there is none of the names. */
static void query_of_device(struct gateway_link *link, const struct message *message)
{
    struct buf selected = BUF_EMPTY;
    size_t count = params_select(&selected, device_link_params(link->device), message->params);
    const struct message_reply reply = {
        .deviceid = device_link_deviceid(link->device),
        .apikey = device_link_owner(link->device),
        .params = count > 0 ? (struct json_value){.kind = JSON_OBJECT, .raw = buf_str(&selected)}
                            : (struct json_value){.kind = JSON_NUMBER, .raw = STR("0")},
        .sequence = message->sequence,
        .d_seq = message->d_seq,
    };

    gateway_link_reply(link, &reply);
    buf_free(&selected);
}

void gateway_query(struct gateway_link *link, const struct message *message)
{
    const struct command_request request = gateway_link_request(message);

    if (link->state == GATEWAY_DEVICE)
        query_of_device(link, message);
    else
        session_query(link->session, &request);
}
