/*
 * loopback - real TCP sockets on 127.0.0.1 for tests: one end for a conn, the other held by hand.
 *
 * Every wait has an end: what does not happen within some seconds fails the test.
 */
#pragma once

#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>

/* A connected pair: `ours` non-blocking, for conn_new(); `theirs` blocking, the peer. */
void loopback_pair(int *ours, int *theirs);
/* A listening socket with a small backlog, and its port. */
int loopback_listen(unsigned short *port);
/* A blocking socket that is connected to the port. */
int loopback_connect(unsigned short port);

/* Sends all of it. */
void loopback_send(int fd, const char *ptr, size_t len);
/* Receives exactly len bytes. */
void loopback_receive(int fd, char *ptr, size_t len);
/* What comes next is an orderly end, and nothing before it. */
void loopback_expect_end(int fd);
/* What comes next (after any bytes) is a reset. */
void loopback_expect_reset(int fd);

/* Runs turns until *flag is not 0. */
void loopback_run_until(struct loop *loop, const int *flag);
/* Runs turns until the loop has had nothing to do for some milliseconds. */
void loopback_settle(struct loop *loop);
