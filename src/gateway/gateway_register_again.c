#include "gateway/gateway_action.h"

/* What was said before stays true whatever the verdict: the device's end would come as an event. */
static void on_verdict(void *ctx, enum device_verdict verdict, const struct device_record *device)
{
    struct gateway_handshake *handshake = ctx;
    struct gateway_link *link = gateway_handshake_end(handshake);
    const struct message_reply refusal = {
        .error = verdict == DEVICE_FAILED ? 500 : 403,
        .reason = gateway_error_reason(verdict == DEVICE_FAILED ? 500 : 403),
        .deviceid = handshake->deviceid,
        .apikey = handshake->apikey,
        .sequence = handshake->sequence,
        .d_seq = handshake->d_seq,
    };

    if (link != NULL && verdict == DEVICE_GRANTED &&
        str_eq(str_of(device->owner), device_link_owner(link->device))) {
        str_copy(str_of(device->owner), handshake->owner, sizeof handshake->owner);
        gateway_register_welcome(link, handshake);
    } else if (link != NULL) {
        gateway_link_set_state(link, GATEWAY_DEVICE);
        gateway_link_reply(link, &refusal);
    }
    gateway_handshake_free(handshake);
}

/* Some firmware registers anew on a link that stands. It was online throughout. */
void gateway_register_again(struct gateway_link *link, const struct message *message)
{
    struct access *access = link->gateway->config.access;
    struct gateway_handshake *handshake;

    if (!str_eq(message->deviceid, device_link_deviceid(link->device))) {
        gateway_error_reply(link, message, 403);
        return;
    }
    handshake = gateway_handshake_begin(link, message);
    handshake->is_again = true;
    if (access_check_device(access, handshake->deviceid, handshake->apikey, on_verdict,
                            handshake) != ERR_NONE)
        on_verdict(handshake, DEVICE_FAILED, NULL);
}
