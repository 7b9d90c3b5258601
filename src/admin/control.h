/*
 * control - the control socket: its clients, and their requests one at a time each.
 *
 * Bounds: CONTROL_MAX_CLIENTS clients, CONTROL_MAX_LINE bytes a request, CONTROL_MAX_QUEUED bytes
 * of answers to a client that does not read, CONTROL_IDLE_MS without a request. The loop's thread
 * only.
 */
#pragma once

#include "admin/admin.h"
#include "base/attr.h"
#include "base/problem.h"

#include <stdbool.h>

enum {
    CONTROL_MAX_CLIENTS = 16,
    CONTROL_MAX_LINE = 1024 * 1024,
    CONTROL_MAX_QUEUED = 4 * 1024 * 1024,
    CONTROL_IDLE_MS = 60 * 1000,
};

struct control;

/* Listens on config->socket_path (borrowed config). Errors as local_listener_open(). */
MUST_USE enum err control_open(const struct admin_config *config, struct problem *problem,
                               struct control **out);
/* Closes the listener and the clients; calls under way go on to their end. */
void control_stop(struct control *control);
bool control_is_idle(const struct control *control); /* no client, and no call under way */
/* Only when stopped and idle; accepts NULL. */
void control_close(struct control *control);
