/*
 * gateway_private - what one worker's gateway holds. Private to gateway.
 */
#pragma once

#include "base/buf.h"
#include "base/link.h"
#include "gateway/gateway.h"
#include "net/timer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct gateway {
    struct gateway_config config;
    struct accounts *accounts;
    struct gateway *const *peers;
    size_t peer_count;
    struct link links;
    size_t link_count;
    size_t waits;           /* handshakes that the store holds */
    atomic_size_t arriving; /* links on their way here from other workers */
    struct timer alarm;     /* the accounts' */
    bool is_closing;
    struct buf out; /* scratch for one message */
};
