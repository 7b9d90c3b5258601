/*
 * timer - a hierarchical timer wheel with embedded timers; start, stop and expiry cost O(1).
 *
 * Milliseconds of the loop's monotonic clock, passed in; never early, late by at most one tick
 * (TIMER_TICK_MS). A timer fires once; its function may start it or any other again. A timer may be
 * stopped at any time, also inside a timer function. The loop's thread only.
 */
#pragma once

#include "base/link.h"

#include <stdbool.h>
#include <stdint.h>

enum { TIMER_TICK_MS = 4 };

struct timer;
typedef void (*timer_fn)(struct timer *timer);

/* Embedded in its owner; zero-filled is a valid stopped timer. */
struct timer {
    struct link link;
    uint64_t due_ms;
    timer_fn on_due;
};

struct timer_wheel;

struct timer_wheel *timer_wheel_new(uint64_t now_ms);
void timer_wheel_free(struct timer_wheel *wheel); /* accepts NULL; timers must be stopped */

/* Starts, or starts again with another time. due_ms in the past means the next run. */
void timer_start(struct timer_wheel *wheel, struct timer *timer, uint64_t due_ms, timer_fn on_due);
void timer_stop(struct timer *timer); /* a stopped timer is accepted */
bool timer_is_started(const struct timer *timer);

/* Runs all that is due at now_ms. */
void timer_wheel_run(struct timer_wheel *wheel, uint64_t now_ms);

/* Milliseconds until the next run is worth while (0: now), or -1 when no timer is started. */
int timer_wheel_wait_ms(struct timer_wheel *wheel, uint64_t now_ms);
