/*
 * conn_fixture - a connection on real loopback sockets, its peer held by hand, and all that its
 * handler saw. Shared by the tests of conn.
 */
#pragma once

#include "base/buf.h"
#include "net/conn.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_INPUT = 100 * 1000, MAX_QUEUED = 300 * 1000, EVERYTHING = -1 };

struct conn_fixture {
    struct loop *loop;
    struct conn_config config;
    struct conn *conn; /* NULL once on_close was called */
    int peer;
    struct buf got;    /* all that was consumed */
    struct buf answer; /* sent when data comes */
    long consumes;     /* bytes at most per call, or EVERYTHING */
    size_t last_len;   /* of the last on_data */
    int calls;
    int opened;
    int closed;
    enum conn_end end;
    bool pauses; /* on_data pauses the connection */
    bool closes;
    bool aborts;
};

/* Takes `transport`. */
struct conn_fixture *conn_fixture_new(struct transport *transport);
/* Aborts what is open; on_close must have come exactly once, and the gauge stand at 0. */
void conn_fixture_free(struct conn_fixture *fixture);

/* The handler that the fixture's own connection has; ctx is a conn_fixture. */
size_t conn_fixture_on_data(void *ctx, struct conn *conn, char *data, size_t len);
void conn_fixture_on_close(void *ctx, struct conn *conn, enum conn_end end);
void conn_fixture_on_open(void *ctx, struct conn *conn);

int64_t conn_fixture_metric(struct conn_fixture *fixture, enum metric metric);
/* Runs turns until exactly len bytes have been consumed. */
void conn_fixture_run_until_got(struct conn_fixture *fixture, size_t len);
void conn_fixture_assert_got(struct conn_fixture *fixture, const char *bytes, size_t len);
/* Bytes that do not repeat soon; release with free(). */
char *conn_fixture_pattern(size_t len);
