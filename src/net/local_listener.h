/*
 * local_listener - listens on a Unix stream socket of mode 0600.
 *
 * A socket file that nobody listens on is replaced; a live one is refused. The loop's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "net/loop.h"

struct local_listener;

struct local_listener_config {
    const char *path; /* copied */
    /* A client has connected: the callee owns fd, which does not block. */
    void (*on_accept)(void *ctx, int fd);
    void *ctx;
};

/* ERR_EXISTS: another process listens there, or the file is no socket. ERR_INVALID: the path is
 * empty or too long for a socket. ERR_IO. The problem's text says what to do. */
MUST_USE enum err local_listener_open(struct loop *loop, const struct local_listener_config *config,
                                      struct problem *problem, struct local_listener **out);
/* Closes and removes the file; accepts NULL. */
void local_listener_close(struct local_listener *listener);
