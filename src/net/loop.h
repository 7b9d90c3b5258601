/*
 * loop - one epoll loop a thread: descriptors, timers, mail, and the end of a turn.
 *
 * A turn: read the clocks once; run ready descriptors; run some of the slow steps; run due timers;
 * deliver mail; run what was put off to the end of the turn (flushing output, freeing closed
 * objects). What one descriptor may cost a turn is bounded by its owner, see
 * loop_task_queue_next(); what all slow steps together may cost it, by loop_slow_queue(). All calls
 * but loop_stop() and loop_mailbox() belong to the loop's own thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/link.h"
#include "net/mailbox.h"
#include "net/timer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOOP_READABLE = 1,
    LOOP_WRITABLE = 2,
    LOOP_HANGUP = 4, /* only ever reported */
    LOOP_ENDING = 8, /* only ever reported, with LOOP_EDGE: the peer has sent its last byte */
    LOOP_EDGE = 16,  /* only ever asked for: what has been reported is not reported again */
};

struct loop;
struct pool;
struct stash;
struct transport_thread;

/* A watched descriptor, embedded in its owner. The descriptor is borrowed. */
struct loop_watch {
    struct loop *loop;
    int fd;
    unsigned events;
    void (*on_ready)(struct loop_watch *watch, unsigned events);
};

/* A call put off to the end of the turn, embedded; zero-filled is valid and not queued. */
struct loop_task {
    struct link link;
    void (*run)(struct loop_task *task);
};

struct loop *loop_new(void);
void loop_free(struct loop *loop); /* accepts NULL; runs what is put off, delivers no mail */

/* Runs turns until loop_stop(). */
void loop_run(struct loop *loop);
/* One turn that waits at most max_wait_ms (-1: as long as it takes), for tests and tools. */
void loop_turn(struct loop *loop, int max_wait_ms);
void loop_stop(struct loop *loop); /* any thread; takes effect at the end of the turn */
struct mailbox *loop_mailbox(struct loop *loop); /* any thread; lives as long as the loop */

uint64_t loop_now_ms(const struct loop *loop); /* monotonic, as of this turn's start */
int64_t loop_wall_ms(const struct loop *loop); /* since 1970, as of this turn's start */
uint64_t loop_clock_us(void);                  /* monotonic, read now: for measuring only */

/* A number that no other object of the living loops of this process has. */
uint64_t loop_next_id(struct loop *loop);

MUST_USE enum err loop_watch_start(struct loop *loop, struct loop_watch *watch, int fd,
                                   unsigned events);
void loop_watch_change(struct loop_watch *watch, unsigned events);
/* No event of this turn reaches it any more; a stopped or zero-filled watch is accepted. */
void loop_watch_stop(struct loop_watch *watch);

void loop_timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms, timer_fn on_due);

/* Queues the task for the end of this turn, once however often it is asked for. */
void loop_task_queue(struct loop *loop, struct loop_task *task);
/* At the end of the next turn, which does not wait: for what has had its share of this one. */
void loop_task_queue_next(struct loop *loop, struct loop_task *task);
/*
 * For a step that takes far longer than an event, as those of a handshake do: at most
 * LOOP_SLOW_PER_TURN are run in a turn, in the order in which they were queued, behind the events.
 */
void loop_slow_queue(struct loop *loop, struct loop_task *task);
enum { LOOP_SLOW_PER_TURN = 16 };
bool loop_is_behind(const struct loop *loop);  /* the last turn has left slow steps over */
void loop_task_cancel(struct loop_task *task); /* wherever it is queued */
bool loop_task_is_queued(const struct loop_task *task);

/* What the transports of its connections share. */
struct transport_thread *loop_transports(struct loop *loop);

/* For objects that live as long as a connection; any thread may give them back. */
struct pool *loop_pool(struct loop *loop);

/* For what its connections queue in a turn. */
struct stash *loop_stash(struct loop *loop);

/* One scratch area a loop for receiving and one for sending, LOOP_SCRATCH_BYTES each; valid
 * within one event. */
enum { LOOP_SCRATCH_BYTES = 256 * 1024 };
char *loop_receive_scratch(struct loop *loop);
char *loop_send_scratch(struct loop *loop);
