/*
 * bench_pace - lets operations begin: as fast as they end, or so many a minute.
 *
 * There are a number of slots, each of which does one operation at a time. Those that a slow
 * server does not let begin are made up for, but only those of the last second. The loop's thread.
 */
#pragma once

#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

/* Embedded in its owner; zero-filled is a stopped one. */
struct bench_pace {
    struct loop *loop;
    uint64_t per_minute; /* 0: no limit */
    uint64_t slots;      /* that are idle */
    uint64_t begin_us;
    uint64_t begun;
    void (*on_turn)(struct bench_pace *pace); /* one of the idle slots is to begin */
    struct timer timer;
};

/* Calls on_turn for as many as may begin now. */
void bench_pace_start(struct bench_pace *pace, struct loop *loop, uint64_t per_minute,
                      uint64_t slots, void (*on_turn)(struct bench_pace *pace));
void bench_pace_stop(struct bench_pace *pace);

/* A slot's operation has ended. True: it is to begin the next at once; else its turn will come. */
bool bench_pace_take(struct bench_pace *pace);

/* How many ought to have begun so long after the start. */
uint64_t bench_pace_due(uint64_t per_minute, uint64_t elapsed_us);
