/*
 * message_order - the params of what operators tell devices, as JSON. Any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

/* One file of a firmware; texts are escaped as needed. */
struct message_binary {
    struct str url;
    struct str digest; /* SHA-256, hexadecimal */
    struct str name;
};

struct message_firmware {
    struct str version;
    struct str model; /* the device's own, else it refuses */
    const struct message_binary *binaries;
    size_t count;
};

void message_order_format_upgrade(struct buf *out, const struct message_firmware *firmware);
/* Where the device is to connect from now on. */
void message_order_format_redirect(struct buf *out, struct str ip, uint16_t port);
