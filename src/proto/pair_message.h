/*
 * pair_message - what is said to a device in pairing mode, over its own access point.
 *
 * Source: docs/pairing.md. Views look into the text, escapes undecoded. No I/O, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* The answer to GET /device. */
struct pair_device {
    struct str deviceid;
    struct str apikey; /* the factory key */
    struct str chipid; /* empty when it tells none */
};

/* ERR_INVALID: no JSON object, or without an id and a key. */
MUST_USE enum err pair_message_parse_device(struct str body, struct pair_device *out);

/* The body of POST /ap. */
struct pair_network {
    struct str ssid;
    struct str password; /* empty: an open network */
    struct str server;   /* a name or an address */
    uint16_t port;
    bool is_upper; /* the network's name is spelt SSID, as the vendor's app did in 2017 */
};

void pair_message_format_network(struct buf *out, const struct pair_network *network);

/* The answer to POST /ap. ERR_INVALID: no JSON object with an error. */
MUST_USE enum err pair_message_parse_answer(struct str body, int64_t *error);
