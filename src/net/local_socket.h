/*
 * local_socket - a channel of text lines over a connected Unix stream socket.
 *
 * For control, not for traffic: lines up to a bound come in one by one, lines go out through a
 * bounded queue. Pausing stops the delivery of lines, so that one request is answered at a time.
 * A peer that only ended its own direction is still sent what is queued. The loop's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct local_socket;

struct local_socket_handler {
    /* A line without its LF; a view for this call. */
    void (*on_line)(void *ctx, struct local_socket *socket, struct str line);
    /*
     * The last call, exactly once, at the end of a turn; the socket is freed after it.
     * ERR_NONE: local_socket_close(); ERR_CLOSED: the peer left; ERR_FULL: it did not read;
     * ERR_TOO_LARGE: its line was too long; ERR_IO.
     */
    void (*on_close)(void *ctx, struct local_socket *socket, enum err why);
    /* Optional: all that was queued has left. It may send more. */
    void (*on_drained)(void *ctx, struct local_socket *socket);
    /* Optional, ahead of on_close: a line passed max_line. What it sends still leaves. */
    void (*on_too_long)(void *ctx, struct local_socket *socket);
};

struct local_socket_config {
    size_t max_line;                            /* bytes of a line that comes in, without its LF */
    size_t max_queued;                          /* bytes queued to a peer that does not read */
    const struct local_socket_handler *handler; /* borrowed */
    void *ctx;
};

/* Takes over a connected Unix socket; config is copied. */
struct local_socket *local_socket_new(struct loop *loop, int fd,
                                      const struct local_socket_config *config);

/* Connects, and waits only while the listener's backlog is full. ERR_NOT_FOUND: no such file;
 * ERR_CLOSED: nobody listens; ERR_DENIED: no permission; ERR_INVALID: the path is too long; ERR_IO.
 */
MUST_USE enum err local_socket_connect(struct loop *loop, const char *path,
                                       const struct local_socket_config *config,
                                       struct local_socket **out);

/* Queues the line (copied) and its LF. False when closing, or past max_queued (it closes then). */
bool local_socket_send(struct local_socket *socket, struct str line);
size_t local_socket_queued(const struct local_socket *socket);

/* No on_line between pause and resume; what comes meanwhile is bounded by the kernel's buffer. */
void local_socket_pause(struct local_socket *socket);
void local_socket_resume(struct local_socket *socket); /* lines follow at the end of the turn */

/* Sends what the peer's buffer takes at once, then closes; on_close follows. */
void local_socket_close(struct local_socket *socket);

/* The user id of the process at the other end, or -1 when the system does not say. */
int64_t local_socket_peer_uid(const struct local_socket *socket);
