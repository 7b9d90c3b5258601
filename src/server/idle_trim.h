/*
 * idle_trim - tells when a burst of connections is over, and malloc has memory to give back.
 *
 * A handshake takes tens of kilobytes for a moment, so thousands at once leave malloc with far more
 * than the links they became. It gives that back only when asked to, which costs little in a quiet
 * second and would only be undone in a busy one. Embedded; zero-filled is valid. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { IDLE_TRIM_INTERVAL_MS = 500 };

struct idle_trim {
    uint64_t count;   /* as of the last question */
    uint64_t trimmed; /* as of the last trim */
};

/* To be asked each interval; count: of all handshakes so far, their beginnings and their ends. */
bool idle_trim_is_due(struct idle_trim *trim, uint64_t count);
