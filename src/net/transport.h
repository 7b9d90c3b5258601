/*
 * transport - what turns the bytes of a socket into the bytes of a connection, and back.
 *
 * A table of functions: plain TCP and TLS implement it, and nothing above net/conn can tell which
 * it has. A transport is handed what was received and fills what is to be sent; it does no I/O of
 * its own, save where the kernel seals for it. It belongs to one connection and that connection's
 * thread, and moves with it. An idle one holds no buffer.
 */
#pragma once

#include "base/buf.h"
#include "base/metric.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum transport_status {
    TRANSPORT_OK,     /* went as far as the input allows */
    TRANSPORT_ENDED,  /* the peer closed in an orderly way (close_notify) */
    TRANSPORT_FAILED, /* the peer broke the protocol; an alert may have been appended to send */
};

/*
 * Where read() puts plain bytes, which must not overlap the wire bytes. `cap` is at least
 * TRANSPORT_READ_MIN and TRANSPORT_READ_SLACK more than the wire bytes handed in: the rest of a
 * record that came in part before may open to more than was handed in, and everything must fit.
 */
struct transport_read {
    char *ptr;
    size_t cap;
    size_t len;       /* set: bytes that came out */
    bool established; /* set: the handshake is over, write() may be called */
};

enum { TRANSPORT_READ_MIN = 64 * 1024, TRANSPORT_READ_SLACK = 16 * 1024 };

/* What a thread has one of for all its transports: made by the first that needs it (the ciphers of
 * tls_crypt), freed with the thread's loop. */
struct transport_thread {
    void *tools;
    void (*free)(void *tools);
};
void transport_thread_close(struct transport_thread *thread);

struct transport; /* each kind starts its struct with `const struct transport_ops *ops` */

struct transport_ops {
    /* Begins: a client's transport appends its first flight. Called once, before all others. */
    void (*start)(struct transport *transport, struct buf *wire_out);
    /*
     * It belongs to this thread from now on (borrowed); NULL: it is on its way between two, and is
     * called for nothing but free meanwhile. NULL for a kind that needs none.
     */
    void (*settle)(struct transport *transport, struct transport_thread *thread);
    /* Takes all of `wire`: goes on with the handshake, then opens data. */
    enum transport_status (*read)(struct transport *transport, struct str wire,
                                  struct transport_read *out, struct buf *wire_out);
    /* Seals all of `plain` and appends it. Only once established. */
    enum transport_status (*write)(struct transport *transport, struct str plain,
                                   struct buf *wire_out);
    /* Appends an orderly close (close_notify); nothing is written after it. */
    void (*close)(struct transport *transport, struct buf *wire_out);
    void (*free)(struct transport *transport);
    /*
     * Optional: all that was sealed so far has left by `fd`. May give the socket's records to the
     * kernel; then *transport is another one, and this one was freed. FAILED: the socket is lost.
     */
    enum transport_status (*offload)(struct transport **transport, int fd);
    /*
     * Optional, in place of recv() and send(), with their results, for a kind whose socket does
     * more than carry bytes. EBADMSG of receive(): the next read(), without bytes, tells why.
     * send() is given all that waits to be sent.
     */
    ssize_t (*receive)(struct transport *transport, int fd, char *out, size_t cap);
    ssize_t (*send)(struct transport *transport, int fd, struct str wire);
};

struct transport {
    const struct transport_ops *ops;
};

/* Makes the transports of accepted connections; NULL stands for plain TCP. */
struct transport_maker {
    struct transport *(*make)(void *ctx, struct metric_set *metrics); /* metrics may be NULL */
    void *ctx;
};

/* Calls settle() of a kind that has it. */
void transport_settle(struct transport *transport, struct transport_thread *thread);

/* Plain TCP: bytes pass through. */
struct transport *transport_plain_new(void);
bool transport_is_plain(const struct transport *transport);
