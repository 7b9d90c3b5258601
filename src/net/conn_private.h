/*
 * conn_private - what the source files of conn share. Included by them, the listener and tests.
 *
 *     conn.c         life, states, the calls of conn.h
 *     conn_work.c    what only a busy connection has
 *     conn_input.c   from the socket to the handler
 *     conn_output.c  from the queue to the socket
 *     conn_move.c    from one loop to another
 */
#pragma once

#include "net/conn.h"
#include "net/conn_quota.h"
#include "net/send_queue.h"

/* In the order in which a connection goes through them; some may be skipped. */
enum conn_state {
    STATE_CONNECTING, /* a client's socket on its way to the peer */
    STATE_NEW,        /* connected, until the end of the first turn */
    STATE_PROXY,      /* the PROXY header is awaited */
    STATE_HANDSHAKE,
    STATE_OPEN,
    STATE_FLUSHING,  /* closing: what is queued leaves first */
    STATE_LINGERING, /* closing: our FIN is sent, the peer's is awaited */
    STATE_ENDED,     /* on_close is due at the end of the turn, or of the journey */
    STATE_GONE,      /* on_close was called; freed at the end of the turn */
};

/* Who has asked for the connection to be moved, and where to. */
struct conn_journey {
    struct mail mail;
    struct loop *target;
    const struct conn_config *config;
    conn_arrived_fn on_arrived;
    void *ctx;
};

/* What a connection needs while it shakes hands, moves, closes, or is in the midst of something. */
struct conn_work {
    struct conn *conn;
    struct timer timer;          /* to connect and shake hands; later to linger */
    struct loop_task step;       /* of the handshake: input that waits for its turn */
    struct buf kept;             /* plain bytes the handler left; or the PROXY header so far */
    struct buf wire;             /* sealed bytes, ahead of all that is queued */
    struct conn_journey journey; /* meant while is_moving */
};

/* An idle one owns nothing else; docs/performance.md has the sum of it. */
struct conn {
    struct loop *loop;
    struct transport *transport;
    const struct conn_config *config;
    const struct conn_handler *handler; /* NULL until set */
    void *ctx;
    struct conn_quota *quota; /* a place in its listener's; NULL without listener */
    struct conn_work *work;   /* owned, or NULL */
    struct address *local;    /* owned; NULL until somebody asks or a PROXY header tells */
    struct send_queue queue;
    struct loop_watch watch; /* its fd is the socket; -1 once closed */
    struct loop_task task;   /* all that is put off to the end of the turn */
    uint64_t id;
    struct address peer;
    uint8_t state;      /* enum conn_state */
    uint8_t end;        /* enum conn_end, meant once it is closing */
    bool is_moving : 1; /* from conn_move() to the arrival */
    bool wants_proxy : 1;
    bool is_paused : 1;
    bool has_unread : 1;   /* the socket has told of bytes that were not all received yet */
    bool has_had_turn : 1; /* no more input in this turn; what is left is for the next one */
    bool is_ending : 1;    /* the socket has told of the peer's FIN, behind what is unread */
    bool has_eof : 1;      /* the peer's FIN was received */
    bool has_goodbye : 1;  /* the peer has closed its transport, behind what is kept */
    bool may_seal : 1;     /* the transport takes plain bytes */
    bool is_stuck : 1;     /* the socket took less than it was given */
    bool must_hand_in : 1; /* kept bytes go to the handler at the end of the turn */
    bool keeps_apart : 1;  /* each send is a record of its own */
    bool must_reset : 1;   /* what the kernel still holds is thrown away with the socket */
};

/* The work of a connection, made when it has none; valid to the end of the turn. */
struct conn_work *conn_work(struct conn *conn);
/* Frees the work once nothing is left in it. */
void conn_work_end(struct conn *conn);
/* How many bytes the handler has left, and how many sealed ones the socket has. */
size_t conn_work_kept(const struct conn *conn);
size_t conn_work_wire(const struct conn *conn);

/* The place in `quota` is given back when the connection has ended. */
void conn_set_quota(struct conn *conn, struct conn_quota *quota);

/* Closes in order: flush, close of the transport, FIN, await the peer's. The first `end` counts. */
void conn_start_closing(struct conn *conn, enum conn_end end);
/* Nothing more is sent or received; on_close follows at the end of the turn. */
void conn_end_now(struct conn *conn, enum conn_end end);
/* Starts the timer that the state needs; and stops it. */
void conn_start_timer(struct conn *conn);
void conn_stop_timer(struct conn *conn);
/* Takes the place of what the socket says. */
void conn_set_local(struct conn *conn, const struct address *local);
/* Asks the loop for the events that the state needs. */
void conn_start_watch(struct conn *conn);
void conn_update_watch(struct conn *conn);
/* The PROXY header is through, or there was none: the transport begins. */
void conn_start_transport(struct conn *conn);
/* The handshake is over. */
void conn_opened(struct conn *conn);

/* Input is wanted, if there is any. */
bool conn_may_receive(const struct conn *conn);
/* Takes unread bytes: one receive, or when that is a handshake's step, once its time comes. */
void conn_input_receive(struct conn *conn);
/* Hands the kept bytes to the handler, unless it is paused. */
void conn_input_hand_in_kept(struct conn *conn);

/* Seals and sends until nothing is left or the socket is full; goes on with a close. */
void conn_output_flush(struct conn *conn);

/* Takes the connection off its loop and posts it. */
void conn_move_depart(struct conn *conn);
