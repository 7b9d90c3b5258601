/*
 * client_message - what clients send: for the simulator, the bench and the tests.
 *
 * Formats the modern dialect (protocol version 8). Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "proto/message.h"

#include <stdint.h>

struct client_identity {
    struct str at; /* an app's access token */
    struct str appid;
    struct str apikey; /* the user's apikey, or the device's (factory, later the owner's) */
    struct str deviceid;
    struct str model;
    struct str nonce;
    int64_t ts; /* seconds since 1970 */
};

void client_message_format_dispatch(struct buf *out, const struct client_identity *who); /* app */
void client_message_format_dispatch_device(struct buf *out,
                                           const struct client_identity *who); /* device */
void client_message_format_user_online(struct buf *out, const struct client_identity *who,
                                       struct str sequence);
void client_message_format_register(struct buf *out, const struct client_identity *who);
void client_message_format_update(struct buf *out, const struct client_identity *who,
                                  struct str sequence, struct str params); /* an app's command */
void client_message_format_report(struct buf *out, const struct client_identity *who,
                                  struct str params);
void client_message_format_query(struct buf *out, const struct client_identity *who,
                                 struct str sequence);
/* A device's answer to a command. */
void client_message_format_ack(struct buf *out, const struct client_identity *who, int error,
                               struct str sequence);

/*
 * The dispatcher's answer as a client reads it. After an error only `error` is set. ERR_INVALID: no
 * JSON object, no error code, or a success that leads nowhere; ERR_TOO_LARGE: too many members.
 */
struct client_route {
    int64_t error;
    char ip[64];
    char domain[254];
    uint16_t port;
};
MUST_USE enum err client_message_parse_route(struct str body, struct client_route *out);

/* The heartbeat interval (seconds) that a handshake's answer asks for; 0 when it asks for none. */
unsigned client_message_parse_beat(const struct message *answer);
