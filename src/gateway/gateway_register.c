#include "gateway/gateway_action.h"

#include <inttypes.h>

enum {
    MAX_REFUSALS = 64,    /* registers refused on one link; the next closes it */
    DELETED_SAYS_415 = 3, /* docs/protocol.md, "register": 415 three times, then 404 */
    DELETED_FROM_VERSION = 7,
    CHIPID_FROM_VERSION = 8,
};

/* The firmware tries again on the same link, so it stays open. */
static void refuse(struct gateway_link *link, const struct gateway_handshake *handshake, int error)
{
    const struct message_reply reply = {
        .error = error,
        .reason = gateway_error_reason(error),
        .deviceid = handshake->deviceid,
        .apikey = handshake->apikey,
        .sequence = handshake->sequence,
        .d_seq = handshake->d_seq,
    };

    metric_add(link->gateway->config.metrics, METRIC_HANDSHAKE_DEVICE_REFUSED, 1);
    gateway_link_set_state(link, GATEWAY_NEW);
    gateway_link_reply(link, &reply);
    if (++link->refused >= MAX_REFUSALS)
        gateway_link_close(link, GATEWAY_CLOSE_REJECTED);
}

static int unknown_device_error(const struct gateway_link *link,
                                const struct gateway_handshake *handshake)
{
    return handshake->version >= DELETED_FROM_VERSION && link->refused < DELETED_SAYS_415 ? 415
                                                                                          : 404;
}

/* At home: the domain answers with on_open. */
static void on_arrived(struct gateway_link *link)
{
    struct gateway_handshake *handshake = link->handshake;
    struct device_link *opening;
    enum gateway_dialect dialect =
        gateway_dialect_of(handshake->version, handshake->has_text_version);
    const struct device_reading reading = {buf_str(&handshake->params), handshake->device_epoch,
                                           handshake->is_shared};
    const struct device_config config = {
        .pace = gateway_dialect_pace(&link->gateway->config.firmware, dialect),
        .deviceid = handshake->deviceid,
        .owner = str_of(handshake->owner),
        .model = handshake->model.len < STORE_MODEL_CAP ? handshake->model : STR_EMPTY,
        .events = &gateway_device_events,
        .ctx = link,
        .reading = &reading,
    };

    link->since_ms = loop_wall_ms(link->gateway->config.loop);
    link->dialect = (uint8_t)dialect;
    opening = device_link_open(link->gateway->accounts, &config);
    if (link->handshake != NULL)
        link->device = opening; /* so that it can be closed when the client leaves first */
}

void gateway_register_welcome(struct gateway_link *link, const struct gateway_handshake *handshake)
{
    const struct message_reply reply = {
        .deviceid = handshake->deviceid,
        .apikey = str_of(handshake->owner),
        .hb_interval_s = link->gateway->config.hb_interval_s,
        .sequence = handshake->sequence,
        .d_seq = handshake->d_seq,
    };

    gateway_link_set_state(link, GATEWAY_DEVICE);
    gateway_link_reply(link, &reply);
    metric_add(link->gateway->config.metrics, METRIC_HANDSHAKE_DEVICE_OK, 1);
}

void gateway_register_on_open(void *ctx, struct device_link *device, enum err err)
{
    struct gateway_link *link = ctx;
    struct gateway_handshake *handshake = link->handshake;

    gateway_handshake_end(handshake);
    link->device = err == ERR_NONE ? device : NULL;
    if (err == ERR_NONE) {
        gateway_register_welcome(link, handshake);
        log_info(link->gateway->config.log, "device.online",
                 "conn=%" PRIu64 " device=%s account=%s version=%" PRId64,
                 conn_id(ws_link_conn(link->ws)), gateway_link_deviceid(link),
                 gateway_link_account(link), handshake->version);
    } else {
        device_link_close(device, DEVICE_LOSS_FAILED);
        refuse(link, handshake, err == ERR_NOT_FOUND ? unknown_device_error(link, handshake) : 500);
    }
    gateway_handshake_free(handshake);
}

static int verdict_error(enum device_verdict verdict, const struct gateway_link *link,
                         const struct gateway_handshake *handshake)
{
    switch (verdict) {
    case DEVICE_GRANTED:
        return 0;
    case DEVICE_WRONG_KEY:
        return 403;
    case DEVICE_UNKNOWN:
    case DEVICE_UNOWNED:
    case DEVICE_DISABLED:
        return unknown_device_error(link, handshake);
    case DEVICE_FAILED:
        return 500;
    }
    return 500;
}

/* An operator may want to let it in. */
static void note_unknown(const struct gateway_link *link, const struct gateway_handshake *handshake)
{
    const struct gateway_config *config = &link->gateway->config;
    char peer[ADDRESS_TEXT_CAP];
    const struct quarantine_try it = {
        .id = handshake->deviceid,
        .key = handshake->apikey,
        .model = handshake->model,
        .peer = address_format(conn_peer(ws_link_conn(link->ws)), peer),
        .wall_ms = loop_wall_ms(config->loop),
    };

    quarantine_note(config->quarantine, &it);
}

static void on_verdict(void *ctx, enum device_verdict verdict, const struct device_record *device)
{
    struct gateway_handshake *handshake = ctx;
    struct gateway_link *link = handshake->link;

    if (link == NULL) {
        gateway_handshake_free(handshake);
    } else if (verdict == DEVICE_GRANTED) {
        str_copy(str_of(device->owner), handshake->owner, sizeof handshake->owner);
        buf_append(&handshake->params, str_of(device->params));
        handshake->is_shared = device->is_shared;
        gateway_handshake_go_home(link, str_of(handshake->owner), on_arrived);
    } else {
        gateway_handshake_end(handshake);
        if (verdict == DEVICE_UNKNOWN)
            note_unknown(link, handshake);
        refuse(link, handshake, verdict_error(verdict, link, handshake));
        gateway_handshake_free(handshake);
    }
}

static bool lacks_chipid(const struct gateway_link *link, const struct message *message)
{
    return link->gateway->config.firmware.requires_chipid &&
           message->version >= CHIPID_FROM_VERSION && message->chipid.len == 0;
}

void gateway_register(struct gateway_link *link, const struct message *message)
{
    struct gateway_handshake *handshake;
    enum err err;

    conn_keep_apart(ws_link_conn(link->ws));
    if (message->deviceid.len == 0 || message->deviceid.len >= STORE_DEVICE_ID_CAP ||
        message->apikey.len == 0) {
        gateway_error_reply(link, message, 400);
        gateway_link_reject(link);
        return;
    }
    handshake = gateway_handshake_begin(link, message);
    if (lacks_chipid(link, message)) {
        gateway_handshake_end(handshake);
        refuse(link, handshake, 403);
        gateway_handshake_free(handshake);
        return;
    }
    handshake->device_epoch = device_epochs_get(link->gateway->config.epochs, handshake->deviceid);
    err = access_check_device(link->gateway->config.access, handshake->deviceid, handshake->apikey,
                              on_verdict, handshake);
    if (err == ERR_NONE)
        return;
    gateway_handshake_end(handshake);
    refuse(link, handshake, 500);
    gateway_handshake_free(handshake);
}
