#include "net/send_queue.h"

#include <assert.h>
#include <string.h>

void send_queue_free(struct send_queue *queue)
{
    buf_free(&queue->bytes);
    buf_free(&queue->blocks);
    buf_free(&queue->urgent);
    *queue = (struct send_queue){.at = 0};
}

size_t send_queue_len(const struct send_queue *queue)
{
    return queue->bytes.len - queue->at + queue->urgent.len;
}

static bool has_more_blocks(const struct send_queue *queue)
{
    return queue->block_at < queue->blocks.len;
}

static bool fits(size_t block, size_t len)
{
    return block < SEND_QUEUE_BLOCK && len <= SEND_QUEUE_BLOCK - block;
}

/* Adds to the last block when the message fits in there; false: it must be a block of its own. */
static bool merge(struct send_queue *queue, size_t len)
{
    size_t last;

    if (!has_more_blocks(queue)) {
        if (queue->has_begun || (queue->first > 0 && !fits(queue->first, len)))
            return false;
        queue->first += len;
        return true;
    }
    memcpy(&last, queue->blocks.ptr + queue->blocks.len - sizeof last, sizeof last);
    if (!fits(last, len))
        return false;
    last += len;
    memcpy(queue->blocks.ptr + queue->blocks.len - sizeof last, &last, sizeof last);
    return true;
}

void send_queue_push(struct send_queue *queue, struct str message)
{
    if (message.len == 0)
        return;
    buf_append(&queue->bytes, message);
    if (!merge(queue, message.len))
        buf_append(&queue->blocks, (struct str){(const char *)&message.len, sizeof message.len});
}

void send_queue_push_urgent(struct send_queue *queue, struct str message, size_t max)
{
    assert(message.len <= max);
    if (queue->urgent.len > max - message.len)
        buf_clear(&queue->urgent);
    buf_append(&queue->urgent, message);
}

static bool is_urgent_next(const struct send_queue *queue)
{
    return queue->urgent.len > 0 && !queue->has_begun;
}

static size_t piece_len(const struct send_queue *queue)
{
    return queue->first < SEND_QUEUE_BLOCK ? queue->first : SEND_QUEUE_BLOCK;
}

bool send_queue_next(const struct send_queue *queue, struct str *out)
{
    if (is_urgent_next(queue))
        *out = buf_str(&queue->urgent);
    else if (queue->first > 0)
        *out = (struct str){queue->bytes.ptr + queue->at, piece_len(queue)};
    else
        return false;
    return true;
}

static void start_next_block(struct send_queue *queue)
{
    if (has_more_blocks(queue)) {
        memcpy(&queue->first, queue->blocks.ptr + queue->block_at, sizeof queue->first);
        queue->block_at += sizeof queue->first;
    }
}

/* Gives memory back: all of it when nothing waits; else the room in front, once it is worth the
 * move (each byte is moved at most once for each byte that has left). */
static void tidy(struct send_queue *queue)
{
    if (queue->at == queue->bytes.len) {
        buf_free(&queue->bytes);
        buf_free(&queue->blocks);
        queue->at = queue->block_at = 0;
    } else if (queue->at >= queue->bytes.len / 2) {
        buf_consume(&queue->bytes, queue->at);
        buf_consume(&queue->blocks, queue->block_at);
        queue->at = queue->block_at = 0;
    }
}

void send_queue_drop(struct send_queue *queue)
{
    size_t len = piece_len(queue);

    if (is_urgent_next(queue)) {
        buf_free(&queue->urgent);
        return;
    }
    assert(len > 0);
    queue->at += len;
    queue->first -= len;
    queue->has_begun = queue->first > 0;
    if (queue->first == 0)
        start_next_block(queue);
    tidy(queue);
}
