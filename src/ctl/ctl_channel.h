/*
 * ctl_channel - the command line's end of the control socket: one request, its answers, the next.
 *
 * Blocks until the final answer. One thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "proto/control_answer.h"

#include <stdio.h>

struct ctl_channel;

/*
 * socket: the path to try, NULL for the default places in their order. Errors as
 * local_socket_connect(); a failure has been explained on `complaints`.
 */
MUST_USE enum err ctl_channel_open(const char *socket, FILE *complaints, struct ctl_channel **out);
void ctl_channel_close(struct ctl_channel *channel); /* accepts NULL */

typedef void (*ctl_row_fn)(void *ctx, struct str object);

/*
 * Sends a request and waits for its final answer; on_row is called for each row before. *out's
 * body is valid until the next call. ERR_CLOSED: the server went away first; ERR_INVALID: what it
 * sent is no answer.
 */
MUST_USE enum err ctl_channel_ask(struct ctl_channel *channel, struct str request,
                                  ctl_row_fn on_row, void *ctx, struct control_answer *out);
