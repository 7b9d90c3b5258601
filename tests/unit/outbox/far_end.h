/*
 * far_end - a server of a few lines on a thread of its own: takes connections one after the other,
 * says what its script says, and keeps what it was told.
 */
#pragma once

#include "base/buf.h"

#include <stdbool.h>

struct far_end;

/* A line of a dialogue: waits until what has come since the last one ends with `until` (NULL: does
 * not wait), then says it (NULL: closes). */
struct far_end_step {
    const char *until;
    const char *say;
};

/* One connection after the other follows the same steps, which end with {NULL, NULL}. */
struct far_end *far_end_open(const struct far_end_step *steps);
unsigned short far_end_port(const struct far_end *end);
/* All that was told by then; valid until the end is closed. */
struct str far_end_close(struct far_end *end);
void far_end_free(struct far_end *end);
