/*
 * send_queue - plain messages that wait to be sealed, and the urgent ones that overtake them.
 *
 * Messages that wait together are merged into blocks of at most SEND_QUEUE_BLOCK bytes (a larger
 * message is a block of its own). A block leaves in pieces of at most SEND_QUEUE_BLOCK bytes, and
 * urgent bytes go out between two blocks, so never within a message. Embedded in a connection;
 * zero-filled is an empty queue, and an empty queue owns no memory. The caller bounds its length.
 * Short queues come from a stash, the same in every call of a thread.
 */
#pragma once

#include "base/buf.h"
#include "base/stash.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { SEND_QUEUE_BLOCK = 64 * 1024 };

/* What waits, in one allocation when it is little. */
struct queued {
    struct buf blocks; /* lengths (size_t) of the blocks behind the first, from `block_at` on */
    struct buf urgent;
    size_t block_at;
    size_t first; /* what is left of the first block */
    size_t at;    /* bytes[at..len) wait */
    size_t len;
    size_t cap;
    bool has_begun; /* some of the first block has left */
    char bytes[];
};

struct send_queue {
    struct queued *queued; /* owned; NULL when empty */
};

void send_queue_free(struct send_queue *queue, struct stash *stash); /* empties it */
size_t send_queue_len(const struct send_queue *queue);

void send_queue_push(struct send_queue *queue, struct stash *stash,
                     struct str message); /* copies */
/* As a block of its own, whatever is pushed behind it in the same way. */
void send_queue_push_apart(struct send_queue *queue, struct stash *stash, struct str message);
/* Forgets the urgent bytes that wait when they and these would pass max. */
void send_queue_push_urgent(struct send_queue *queue, struct stash *stash, struct str message,
                            size_t max);

/* The piece that leaves next: a view, until the queue changes. False when the queue is empty. */
bool send_queue_next(const struct send_queue *queue, struct str *out);
/* It has left. */
void send_queue_drop(struct send_queue *queue, struct stash *stash);
