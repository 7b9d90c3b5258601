/*
 * conn - one TCP connection: receives, opens, hands up; queues, seals, sends; and closes in order.
 *
 * Input goes through the loop's scratch area; only what the handler leaves is kept. Output of one
 * turn is corked: it is sealed together and sent by one call at the end of the turn. What the
 * socket does not take is queued, within max_queued; a peer that does not read is closed
 * (CONN_SLOW). An idle connection owns no buffer. The owning loop's thread only; conn_move()
 * changes the owner.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

enum conn_end {
    CONN_PEER_CLOSED, /* the peer closed, in order or by reset */
    CONN_CLOSED,      /* we closed with conn_close() or conn_abort() */
    CONN_SLOW,        /* the peer did not read and the queue's bound was reached */
    CONN_TLS_FAILED,  /* the handshake failed or took too long, or a record was bad */
    CONN_INPUT_FULL,  /* the handler left more than max_input */
};

/* Every call comes from the loop, never from inside a call into the conn; on_close comes at the end
 * of a turn. */
struct conn_handler {
    /*
     * Plain bytes have come: data[0..len) starts with what the last call left. Returns how many it
     * consumed; the rest is kept and handed in again when more has come. The bytes may be changed
     * in place. It may close, pause or move the connection (and then must touch it no more).
     */
    size_t (*on_data)(void *ctx, struct conn *conn, char *data, size_t len);
    /* The last call, exactly once, also after conn_close(); the conn is freed after the turn. */
    void (*on_close)(void *ctx, struct conn *conn, enum conn_end end);
    /* Optional: the handshake is over (at once for plain TCP). */
    void (*on_open)(void *ctx, struct conn *conn);
};

struct conn_config {
    size_t max_input;           /* bytes the handler may leave, e.g. its largest message */
    size_t max_queued;          /* plain bytes queued to a peer that does not read */
    uint64_t handshake_ms;      /* time for TLS (and a PROXY header) to finish */
    uint64_t linger_ms;         /* time to flush and await the peer's close after conn_close() */
    struct metric_set *metrics; /* borrowed, may be NULL: the owning worker's */
    struct log *log;            /* borrowed, may be NULL */
};

/* Takes over a connected socket and `transport`; config is borrowed and must outlive the conn. */
struct conn *conn_new(struct loop *loop, int fd, struct transport *transport,
                      const struct conn_config *config);

/* Connects (non-blocking); failure to connect comes as on_close. ERR_IO when it can't even try.
 * Takes `transport` in any case. */
MUST_USE enum err conn_connect(struct loop *loop, const struct address *to,
                               struct transport *transport, const struct conn_config *config,
                               struct conn **out);

/* Expect a PROXY protocol header (v1 or v2) before anything else; call before the first turn. */
void conn_expect_proxy(struct conn *conn);

/* May be called again, also inside on_data: kept bytes go to the new handler at the turn's end. */
void conn_set_handler(struct conn *conn, const struct conn_handler *handler, void *ctx);

/* Queues plain bytes (copied) for the end of the turn. False when the connection is closing or the
 * bound was passed (on_close with CONN_SLOW follows at the end of the turn). */
bool conn_send(struct conn *conn, struct str bytes);
/* As conn_send(), but only what waits already counts against the bound: its maker has its own. */
bool conn_send_whole(struct conn *conn, struct str bytes);
/* As conn_send(), ahead of all queued sends that have not begun to leave. At most
 * CONN_URGENT_MAX bytes wait; beyond that the older urgent bytes give way. */
bool conn_send_urgent(struct conn *conn, struct str bytes);
enum { CONN_URGENT_MAX = 1024 };         /* also of one call */
void conn_keep_apart(struct conn *conn); /* each conn_send() becomes a record of its own */

/* Flushes what is queued, closes TLS and TCP in order within linger_ms. No on_data follows. Before
 * the handshake is over (on_open) nothing can be flushed. */
void conn_close(struct conn *conn);
void conn_abort(struct conn *conn); /* at once, nothing flushed */
bool conn_is_closing(const struct conn *conn);

/* No on_data between pause and resume; unread bytes wait in the kernel, kept ones in the conn.
 * After resume, kept bytes are handed in at the end of the turn. */
void conn_pause(struct conn *conn);
void conn_resume(struct conn *conn);

/*
 * Inside on_data: what it leaves was not looked at, as others shall have their turn first. It is
 * handed in again, before more is received, at the end of the next turn, which does not wait.
 */
void conn_yield(struct conn *conn);

/*
 * Moves the connection with all it holds to another loop. It belongs to nobody until
 * on_arrived(ctx, conn) runs on the target's thread (also when target == the present loop); the
 * handler must be set there. Kept bytes are handed in after that call. `config` is the target's.
 * If the peer went away meanwhile, on_close follows there.
 */
typedef void (*conn_arrived_fn)(void *ctx, struct conn *conn);
void conn_move(struct conn *conn, struct loop *target, const struct conn_config *config,
               conn_arrived_fn on_arrived, void *ctx);

uint64_t conn_id(const struct conn *conn); /* unique in the process */
struct loop *conn_loop(const struct conn *conn);
size_t conn_queued(const struct conn *conn);
/* The peer, or what the PROXY header said of it. */
const struct address *conn_peer(const struct conn *conn);
/* The address the peer reached us on, likewise; asked for when first wanted, so before on_close. */
const struct address *conn_local(struct conn *conn);
const char *conn_end_text(enum conn_end end);
