/*
 * bench_run - one process of a bench: its loop, its jobs, and what they count.
 *
 * Private to bench. The process is told through a pipe when operations begin; when that pipe ends,
 * it is over. Through another it tells that what it was told to do first is done.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "bench/bench_board.h"
#include "bench/bench_options.h"
#include "bench/bench_plan.h"
#include "net/address.h"
#include "net/conn.h"
#include "net/loop.h"
#include "tls/tls_client.h"

#include <stdbool.h>
#include <stdint.h>

struct bench_run;

/* What a kind of work does; `load` is its own. */
struct bench_load {
    /* Opens what must be there before operations begin, and calls bench_run_ready() then. */
    void *(*open)(struct bench_run *run, const struct bench_job *job);
    /* Operations begin. By count: calls bench_run_ready() when all are done; may come again. */
    void (*go)(void *load);
    /* Aborts all it has open. The loop turns once more before free(). */
    void (*close)(void *load);
    void (*free)(void *load);
};

struct bench_run {
    const struct bench_options *options;
    struct bench_board *board;
    struct bench_row *row; /* its own, on the board */
    struct loop *loop;
    struct tls_client *tls;
    struct conn_config conn;
    struct address server;
    char host[ADDRESS_TEXT_CAP]; /* for the Host header */
    bool is_over;
    bool has_failed;
    size_t waits; /* jobs that are not ready */
    int up;       /* where to tell that all are */
    struct loop_watch down;
    size_t load_count;
    const struct bench_load *loads[BENCH_JOBS_MAX];
    void *states[BENCH_JOBS_MAX];
    struct buf frame; /* the message that is being sent */
    uint64_t mask;    /* the last frame's; see bench_link.c */
};

/* The ends of the pipes that belong to the process; taken. */
struct bench_pipes {
    int up;
    int down;
};

/* Does `duty` and returns a process's exit status. */
int bench_run(const struct bench_options *options, const struct bench_duty *duty,
              struct bench_board *board, size_t row, struct bench_pipes pipes);

/*
 * A new connection to the server; NULL (and the run has failed) when there is none. The transport
 * lives as long as the connection and is for tls_client.h. `session` may be NULL: a full handshake.
 */
struct bench_dial {
    struct conn *conn;
    struct transport *transport;
};
struct bench_dial bench_run_dial(struct bench_run *run, const struct conn_handler *handler,
                                 void *ctx, const struct tls_client_session *session);

void bench_run_ready(struct bench_run *run);
void bench_run_fail(struct bench_run *run, const char *why);
void bench_run_error(struct bench_run *run, enum bench_work work);
/* An operation that began at begin_us (loop_clock_us()) is done. */
void bench_run_done(struct bench_run *run, enum bench_work work, uint64_t begin_us);
/* The handshake of a connection is over: notes what was negotiated. */
void bench_run_note_tls(struct bench_run *run, enum bench_work work,
                        const struct transport *transport);

/* What a client of the bench says of itself; the views are borrowed from the options. */
struct client_identity;
struct client_identity bench_run_identity(const struct bench_run *run);
/* The id of the index-th device. */
enum { BENCH_ID_CAP = 33 };
void bench_run_device_id(const struct bench_run *run, uint64_t index, char out[BENCH_ID_CAP]);
/* The token of the index-th app. */
enum { BENCH_TOKEN_CAP = 160 };
void bench_run_token(const struct bench_run *run, uint64_t index, char out[BENCH_TOKEN_CAP]);
