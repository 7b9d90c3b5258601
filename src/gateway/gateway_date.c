#include "gateway/gateway_action.h"

#include "base/clock.h"

void gateway_date(struct gateway_link *link, const struct message *message)
{
    bool is_device = link->state == GATEWAY_DEVICE;
    char date[CLOCK_ISO_CAP];
    const struct message_reply reply = {
        .deviceid = is_device ? device_link_deviceid(link->device) : message->deviceid,
        .apikey = is_device ? device_link_owner(link->device) : message->apikey,
        .date = {date, CLOCK_ISO_CAP - 1},
        .sequence = message->sequence,
        .d_seq = message->d_seq,
    };

    clock_format_iso(loop_wall_ms(link->gateway->config.loop), date);
    gateway_link_reply(link, &reply);
}
