/*
 * outbox - what the server sends to others by itself: mails and POSTs, from a thread of its own.
 *
 * Sending never blocks the caller; how much may wait is bounded. The thread has a loop, on which
 * libcurl's transfers run beside mail and timers.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/problem.h"
#include "net/loop.h"
#include "outbox/parcel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox;

/* Texts and pointers are borrowed for the outbox's life. */
struct outbox_config {
    const char *ca_file; /* PEM of the authorities that servers may have; empty: the system's */
    const char *proxy;   /* URL; empty: none */
    uint64_t connect_ms;
    uint64_t total_ms;          /* from the start of a transfer to its end */
    size_t max_connections;     /* at once */
    size_t max_waiting;         /* parcels not delivered yet; more are refused */
    struct metric_set *metrics; /* the outbox's alone */
    struct log *log;
};

/* Who shares the thread; both functions run there. */
struct outbox_guest {
    void (*on_end)(void *ctx);  /* begin nothing new */
    bool (*is_idle)(void *ctx); /* after on_end: the thread may end */
    void *ctx;
};

/* ERR_UNAVAILABLE, with a problem: libcurl can't do what is needed, or there is no thread. */
MUST_USE enum err outbox_open(const struct outbox_config *config, struct problem *problem,
                              struct outbox **out);
void outbox_set_guest(struct outbox *outbox, const struct outbox_guest *guest); /* one, copied */
struct loop *outbox_loop(struct outbox *outbox); /* the thread's; before it starts, the caller's */
MUST_USE enum err outbox_start(struct outbox *outbox);
/* What is under way may take linger_ms more, then it is given up (ERR_CLOSED). Ends the thread; one
 * that was not started does it here. Accepts NULL. The store must answer still. */
void outbox_end(struct outbox *outbox, uint64_t linger_ms);
void outbox_close(struct outbox *outbox); /* ended; accepts NULL */

/*
 * Copies the parcel and sends it. ERR_FULL: too many wait; ERR_INVALID: a text breaks its bound.
 * ERR_NONE: on_done runs once, later: on the thread that delivers `reply`, or on the outbox's when
 * that is NULL. on_done may be NULL. Any thread.
 */
MUST_USE enum err outbox_send(struct outbox *outbox, struct mailbox *reply,
                              const struct parcel *parcel, parcel_done_fn on_done, void *ctx);
