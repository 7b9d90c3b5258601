#include "net/send_queue.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A message or two; the largest block that it is still cheap to take and forget. */
enum { BLOCK_BYTES = 512, FIRST_CAP = BLOCK_BYTES - sizeof(struct queued) };

static void drop_queued(struct send_queue *queue, struct stash *stash)
{
    struct queued *queued = queue->queued;

    buf_free(&queued->blocks);
    buf_free(&queued->urgent);
    if (queued->cap == FIRST_CAP)
        stash_give(stash, queued);
    else
        free(queued);
    queue->queued = NULL;
}

void send_queue_free(struct send_queue *queue, struct stash *stash)
{
    if (queue->queued != NULL)
        drop_queued(queue, stash);
}

size_t send_queue_len(const struct send_queue *queue)
{
    const struct queued *queued = queue->queued;

    return queued == NULL ? 0 : queued->len - queued->at + queued->urgent.len;
}

/* The queue's queued, with room for `more` bytes. */
static struct queued *reserve(struct send_queue *queue, struct stash *stash, size_t more)
{
    struct queued *queued = queue->queued;
    size_t cap;

    if (queued == NULL) {
        queued = stash_take(stash, BLOCK_BYTES);
        *queued = (struct queued){.cap = FIRST_CAP};
        queue->queued = queued;
    }
    cap = queued->cap;
    assert(more <= SIZE_MAX / 4 && queued->len <= SIZE_MAX / 4);
    while (cap - queued->len < more)
        cap *= 2;
    if (cap == queued->cap)
        return queued;
    queue->queued = alloc_resize(queued, 1, sizeof *queued + cap);
    queue->queued->cap = cap;
    return queue->queued;
}

static bool has_more_blocks(const struct queued *queued)
{
    return queued->block_at < queued->blocks.len;
}

static bool fits(size_t block, size_t len)
{
    return block < SEND_QUEUE_BLOCK && len <= SEND_QUEUE_BLOCK - block;
}

/* Adds to the last block when the message fits in there; false: it must be a block of its own. */
static bool merge(struct queued *queued, size_t len)
{
    size_t last;

    if (!has_more_blocks(queued)) {
        if (queued->has_begun || (queued->first > 0 && !fits(queued->first, len)))
            return false;
        queued->first += len;
        return true;
    }
    memcpy(&last, queued->blocks.ptr + queued->blocks.len - sizeof last, sizeof last);
    if (!fits(last, len))
        return false;
    last += len;
    memcpy(queued->blocks.ptr + queued->blocks.len - sizeof last, &last, sizeof last);
    return true;
}

static struct queued *push_bytes(struct send_queue *queue, struct stash *stash, struct str message)
{
    struct queued *queued = reserve(queue, stash, message.len);

    memcpy(queued->bytes + queued->len, message.ptr, message.len);
    queued->len += message.len;
    return queued;
}

static void push_block(struct queued *queued, size_t len)
{
    buf_append(&queued->blocks, (struct str){(const char *)&len, sizeof len});
}

void send_queue_push(struct send_queue *queue, struct stash *stash, struct str message)
{
    struct queued *queued;

    if (message.len == 0)
        return;
    queued = push_bytes(queue, stash, message);
    if (!merge(queued, message.len))
        push_block(queued, message.len);
}

void send_queue_push_apart(struct send_queue *queue, struct stash *stash, struct str message)
{
    struct queued *queued;

    if (message.len == 0)
        return;
    queued = push_bytes(queue, stash, message);
    if (queued->first == 0)
        queued->first = message.len;
    else
        push_block(queued, message.len);
}

void send_queue_push_urgent(struct send_queue *queue, struct stash *stash, struct str message,
                            size_t max)
{
    struct buf *urgent;

    assert(message.len <= max);
    if (message.len == 0)
        return;
    urgent = &reserve(queue, stash, 0)->urgent;
    if (urgent->len > max - message.len)
        buf_clear(urgent);
    buf_append(urgent, message);
}

static bool is_urgent_next(const struct queued *queued)
{
    return queued->urgent.len > 0 && !queued->has_begun;
}

static size_t piece_len(const struct queued *queued)
{
    return queued->first < SEND_QUEUE_BLOCK ? queued->first : SEND_QUEUE_BLOCK;
}

bool send_queue_next(const struct send_queue *queue, struct str *out)
{
    const struct queued *queued = queue->queued;

    if (queued == NULL)
        return false;
    if (is_urgent_next(queued))
        *out = buf_str(&queued->urgent);
    else
        *out = (struct str){queued->bytes + queued->at, piece_len(queued)};
    return true;
}

static void start_next_block(struct queued *queued)
{
    if (has_more_blocks(queued)) {
        memcpy(&queued->first, queued->blocks.ptr + queued->block_at, sizeof queued->first);
        queued->block_at += sizeof queued->first;
    }
}

/* Takes the room in front back, once it is worth the move (each byte is moved at most once for each
 * byte that has left). */
static void tidy(struct queued *queued)
{
    if (queued->at < queued->len / 2)
        return;
    queued->len -= queued->at;
    memmove(queued->bytes, queued->bytes + queued->at, queued->len);
    buf_consume(&queued->blocks, queued->block_at);
    queued->at = queued->block_at = 0;
}

static void drop_piece(struct queued *queued)
{
    size_t len = piece_len(queued);

    assert(len > 0);
    queued->at += len;
    queued->first -= len;
    queued->has_begun = queued->first > 0;
    if (queued->first == 0)
        start_next_block(queued);
}

void send_queue_drop(struct send_queue *queue, struct stash *stash)
{
    struct queued *queued = queue->queued;

    if (is_urgent_next(queued))
        buf_free(&queued->urgent);
    else
        drop_piece(queued);
    if (send_queue_len(queue) == 0)
        drop_queued(queue, stash);
    else
        tidy(queued);
}
