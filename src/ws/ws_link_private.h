/*
 * ws_link_private - what a ws_link is made of. For ws_link.c and the test of what a link takes.
 */
#pragma once

#include "net/timer.h"
#include "ws/ws_link.h"
#include "ws/ws_message.h"

/* What a link needs while it moves or closes. */
struct ws_link_work {
    struct ws_link *link;
    struct timer close_timer;
    ws_arrived_fn on_arrived;
    void *arrived_ctx;
};

struct ws_link {
    struct conn *conn;
    const struct ws_handler *handler;
    void *ctx;
    struct ws_link_work *work; /* owned, or NULL */
    struct ws_message message;
    uint16_t code; /* what on_close will tell */
    uint8_t state; /* enum state */
    bool is_server : 1;
    bool is_moving : 1;
    bool is_paused : 1;
    bool has_failed : 1;   /* the peer broke the protocol */
    bool may_overtake : 1; /* what was queued before this link, the 101 response, has left */
};
