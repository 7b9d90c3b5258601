/*
 * dispatch_message - the bodies of server dispatch, to and from plain structs; no I/O.
 *
 * Source: the founding document "Server Dispatch" (request and response tables) and
 * docs/protocol.md, "Dispatch". Views are as in message.h. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { DISPATCH_MAX_MEMBERS = 64 };

struct dispatch_request {
    struct str accept;  /* "ws", or a list that holds it: "mqtt,ws", "ws;2" */
    struct str version; /* digits, sent as number or string; empty when absent or not a number */
    struct str appid;
    struct str ts;       /* digits, likewise; at most 20 */
    struct str nonce;    /* a string, or a number's digits; at most 64 characters, else empty */
    struct str deviceid; /* of devices */
    struct str apikey;   /* of devices: the factory key */
};

/*
 * An empty body is an empty request. ERR_INVALID: no JSON object; ERR_TOO_LARGE: more members than
 * DISPATCH_MAX_MEMBERS.
 */
MUST_USE enum err dispatch_message_parse(struct str body, struct dispatch_request *out);

bool dispatch_message_accepts_ws(struct str accept);

struct dispatch_answer {
    int error;
    struct str reason;
    struct str ip; /* empty on errors */
    uint16_t port;
    struct str domain; /* only for apps */
    struct str ts;     /* both set: "requestid":"<ts>-<nonce>" */
    struct str nonce;
};

/* Key order as captured: for devices error, reason, IP, port (at most 126 bytes). */
void dispatch_message_format_app(struct buf *out, const struct dispatch_answer *answer);
void dispatch_message_format_device(struct buf *out, const struct dispatch_answer *answer);
