/*
 * listener - accepts TCP connections on one loop; each worker opens its own with SO_REUSEPORT.
 *
 * The owning loop's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "net/address.h"
#include "net/conn.h"
#include "net/loop.h"
#include "net/transport.h"

struct listener;

struct listener_config {
    struct address address;
    const struct transport_maker *transports; /* borrowed; NULL for plain TCP */
    bool proxy_protocol;                      /* every connection starts with a PROXY header */
    const struct conn_config *conn;           /* borrowed for the life of its connections */
    size_t max_conns; /* open ones of this listener; more are closed at accept and counted */
    /* A new connection: must set its handler before it returns. */
    void (*on_conn)(void *ctx, struct conn *conn);
    void *ctx;
};

/* Fails as listener_open() does when somebody listens there already. SO_REUSEPORT would let a
 * second server share the port unseen, so ask once, before the workers open theirs. */
MUST_USE enum err listener_check(const struct address *address, struct problem *problem);

/* ERR_IO with a problem text that names the address and what to do (port in use, no permission). */
MUST_USE enum err listener_open(struct loop *loop, const struct listener_config *config,
                                struct problem *problem, struct listener **out);
/* Accepts NULL; its connections stay. Not from inside on_conn. */
void listener_close(struct listener *listener);
const struct address *listener_address(const struct listener *listener); /* with the real port */
