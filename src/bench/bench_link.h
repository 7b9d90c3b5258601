/*
 * bench_link - one WebSocket to the server: connects, upgrades, says hello, then carries texts.
 *
 * Knows the dialects, so that those who use it need not: Switchyard and an echo server are told
 * who it is by the first message, whose answer is awaited; to a broker it connects and subscribes
 * to what the other half of its pair publishes, and texts are payloads.
 * Made to cost little, and so checks no more of what a server sends than it needs. Private to
 * bench.
 */
#pragma once

#include "base/str.h"
#include "bench/bench_run.h"

struct bench_link;

enum bench_role { BENCH_APP, BENCH_DEVICE };

struct bench_link_events {
    /* The answer to the hello, empty from a broker. The text ends with the call. */
    void (*on_ready)(void *ctx, struct bench_link *link, struct str answer);
    void (*on_text)(void *ctx, struct bench_link *link, struct str text);
    /* The answer to bench_link_ping(); may be NULL. */
    void (*on_pong)(void *ctx, struct bench_link *link);
    /* The connection is gone, and so is the link with the end of the call; not called after
     * bench_link_abort(). why is NULL after bench_link_close(). */
    void (*on_lost)(void *ctx, struct bench_link *link, const char *why);
};

struct bench_link_config {
    enum bench_role role;
    enum bench_work work;                     /* for which it is counted */
    const char *id;                           /* the pair's, copied */
    struct str hello;                         /* a userOnline or a register; copied */
    const struct tls_client_session *session; /* to be resumed; NULL: a full handshake */
    const struct bench_link_events *events;   /* borrowed */
    void *ctx;
};

/* Begins at once; NULL when the run has failed. */
struct bench_link *bench_link_new(struct bench_run *run, const struct bench_link_config *config);

void bench_link_send(struct bench_link *link, struct str text);
/* As clients do, a text that says "ping"; or, with is_frame, as WebSocket has it. A broker has its
 * own packet for it. */
void bench_link_ping(struct bench_link *link, bool is_frame);

void bench_link_close(struct bench_link *link); /* in order; on_lost follows */
void bench_link_abort(struct bench_link *link); /* at once; the link is gone */

/* For tls_client.h; as long as the link. */
const struct transport *bench_link_transport(const struct bench_link *link);
/* Bytes as they are, for those that break rules. */
void bench_link_send_raw(struct bench_link *link, struct str bytes);
