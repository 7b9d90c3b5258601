/*
 * bench_link - one WebSocket to the server: connects, upgrades, says hello, then carries texts.
 *
 * The hello is a userOnline or register; an echo server returns it, which counts as an answer too.
 * Private to bench.
 */
#pragma once

#include "base/str.h"
#include "ctl/bench_run.h"

struct bench_link;

struct bench_link_events {
    /* The first message has come: the answer to the hello. The text ends with the call. */
    void (*on_ready)(void *ctx, struct bench_link *link, struct str answer);
    void (*on_text)(void *ctx, struct bench_link *link, struct str text);
    /* The connection is gone; not called after bench_link_abort(). */
    void (*on_lost)(void *ctx, struct bench_link *link, const char *why);
};

/* Begins at once. Copies hello; events are borrowed. */
struct bench_link *bench_link_new(struct bench_run *run, struct str hello,
                                  const struct bench_link_events *events, void *ctx);
/* Accepts NULL; after bench_link_abort() and a turn of the loop. */
void bench_link_free(struct bench_link *link);

void bench_link_send(struct bench_link *link, struct str text);
void bench_link_abort(struct bench_link *link);
