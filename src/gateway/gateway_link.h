/*
 * gateway_link - one WebSocket client at the edge: its state, its timer, its way to the domain.
 *
 * Private to gateway, where each action has a file of its own. The owning worker's thread only.
 */
#pragma once

#include "base/link.h"
#include "domain/device_link.h"
#include "domain/session.h"
#include "gateway/gateway.h"
#include "gateway/gateway_dialect.h"
#include "gateway/gateway_handshake.h"
#include "gateway/gateway_private.h"
#include "proto/message.h"
#include "ws/ws_link.h"

#include <stdbool.h>
#include <stdint.h>

enum gateway_state {
    GATEWAY_NEW,      /* nothing but pings and the handshake counts */
    GATEWAY_CHECKING, /* the handshake is being checked; input is paused, or on the way home */
    GATEWAY_APP,
    GATEWAY_DEVICE,
    GATEWAY_REJECTED, /* refused; stays open for reject_ms, answers 406 */
    GATEWAY_CLOSING,  /* a close frame is on its way; the domain knows it no more */
};

struct gateway_link {
    struct link link; /* in gateway->links */
    struct gateway *gateway;
    struct ws_link *ws;
    struct timer timer;
    union {                         /* what it is to the domain, NULL while it is nothing there */
        struct session *session;    /* owned; with GATEWAY_APP */
        struct device_link *device; /* owned; with all other states */
    };
    struct gateway_handshake *handshake; /* while GATEWAY_CHECKING */
    uint64_t last_frame_ms;              /* the peer was alive then, or tried to shake hands */
    int64_t since_ms;                    /* wall */
    uint8_t state;                       /* enum gateway_state */
    uint8_t refused;                     /* registers refused so far */
    uint8_t dialect;                     /* enum gateway_dialect, of a device */
    uint32_t rate_level;                 /* see gateway_rate.h */
};

void gateway_link_new(struct gateway *gateway, struct conn *conn);
/* Out of its gateway's list and gauges, its timer stopped; and into another's. */
void gateway_link_leave(struct gateway_link *link);
void gateway_link_join(struct gateway_link *link, struct gateway *gateway);
/* From here on the link is closed when its peer stays silent for idle_ms. */
void gateway_link_watch(struct gateway_link *link);

/* The only writer of `state`; keeps the gauges. */
void gateway_link_set_state(struct gateway_link *link, enum gateway_state state);

/* For the domain's event tables. */
uint64_t gateway_link_conn_id(void *ctx);
void gateway_link_tell_origin(void *ctx, struct origin *out);

/* Its account and its device, for the log: NUL-terminated, "-" where there is none. */
const char *gateway_link_account(const struct gateway_link *link);
const char *gateway_link_deviceid(const struct gateway_link *link);
/* Sends gateway->out, formatted by the caller, as one message. */
void gateway_link_send(struct gateway_link *link);
void gateway_link_reply(struct gateway_link *link, const struct message_reply *reply);
/* Whether gateway->out is a message that the firmware of a device can read. */
bool gateway_link_fits(const struct gateway_link *link);

/* What an app asks about a device; looks into the message. */
struct command_request gateway_link_request(const struct message *message);

/* Why: close code and reason for apps (devices mostly get an empty frame), and the counter. */
enum gateway_close {
    GATEWAY_CLOSE_IDLE,
    GATEWAY_CLOSE_HANDSHAKE_TIMEOUT,
    GATEWAY_CLOSE_REJECTED,
    GATEWAY_CLOSE_REPLACED,
    GATEWAY_CLOSE_REVOKED,
    GATEWAY_CLOSE_KICKED,
    GATEWAY_CLOSE_LIMIT,
    GATEWAY_CLOSE_FAILED,
    GATEWAY_CLOSE_SHUTDOWN,
};
/* The domain forgets the link, whatever it was there. */
void gateway_link_forget(struct gateway_link *link, enum device_loss loss);
/* Leaves the domain at once and closes in order. */
void gateway_link_close(struct gateway_link *link, enum gateway_close why);
void gateway_link_end(struct gateway_link *link, enum session_end end);

/* Refuses an app: nothing but 406 from here on, and a close after reject_ms. */
void gateway_link_reject(struct gateway_link *link);

/* {"error":...,"reason":...} with the request's routing keys. */
void gateway_error_reply(struct gateway_link *link, const struct message *message, int error);
/* 400: what a device would have to read is more than it can. */
void gateway_error_too_large(struct gateway_link *link, const struct message *message);
#define GATEWAY_TOO_LARGE STR("Too Large For Device")
/* The stable English text of a protocol error. */
struct str gateway_error_reason(int error);
