#include "gateway/gateway_action.h"

#include "domain/params.h"
#include "proto/message_timers.h"

/* What a device asked for, as its firmware reads it; empty when there is none of the names. */
static void select_for_device(const struct gateway_link *link, const struct message *message,
                              bool is_short, struct buf *out)
{
    struct buf selected = BUF_EMPTY;
    struct buf shorter = BUF_EMPTY;
    struct str params;

    if (params_select(&selected, device_link_params(link->device), message->params) == 0)
        goto out;
    params = buf_str(&selected);
    if (is_short) {
        message_timers_shorten(&shorter, params);
        params = buf_str(&shorter);
    }
    if (link->dialect == GATEWAY_OLD)
        params_normalize(out, (struct json_value){.kind = JSON_OBJECT, .raw = params});
    else
        buf_append(out, params);
out:
    buf_free(&selected);
    buf_free(&shorter);
}

/* Writes the answer, its params 0 when there are none; false when the device can't read it. */
static bool answer_device(struct gateway_link *link, const struct message *message, bool is_short)
{
    struct buf params = BUF_EMPTY;
    struct message_reply reply = {
        .deviceid = device_link_deviceid(link->device),
        .apikey = device_link_owner(link->device),
        .params = {.kind = JSON_NUMBER, .raw = STR("0")},
        .sequence = message->sequence,
        .d_seq = message->d_seq,
    };

    select_for_device(link, message, is_short, &params);
    if (params.len > 0)
        reply.params = (struct json_value){.kind = JSON_OBJECT, .raw = buf_str(&params)};
    buf_clear(&link->gateway->out);
    message_format_reply(&link->gateway->out, &reply);
    buf_free(&params);
    return gateway_link_fits(link);
}

/* A device asks for its own stored params. */
static void query_of_device(struct gateway_link *link, const struct message *message)
{
    if (answer_device(link, message, false) || answer_device(link, message, true))
        gateway_link_send(link);
    else
        gateway_error_too_large(link, message);
}

void gateway_query(struct gateway_link *link, const struct message *message)
{
    const struct command_request request = gateway_link_request(message);

    if (link->state == GATEWAY_DEVICE)
        query_of_device(link, message);
    else
        session_query(link->session, &request);
}
