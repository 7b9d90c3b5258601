/*
 * buf - a growable run of bytes, embedded in its owner.
 *
 * An empty buf owns nothing; buf_free() returns it to that state. Appending aborts when there is
 * no memory, so whoever appends what a peer can size has bounded it before. One thread at a time.
 *
 *     ptr            ptr + len        ptr + cap
 *      |  bytes in use  |  room          |
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    char *ptr;
    size_t len;
    size_t cap;
};

#define BUF_EMPTY ((struct buf){NULL, 0, 0})

void buf_free(struct buf *buf);

/* len = 0, keeps the memory. */
static inline void buf_clear(struct buf *buf)
{
    buf->len = 0;
}

static inline struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->ptr, buf->len};
}

char *buf_grow(struct buf *buf, size_t more); /* what buf_reserve() does when there is no room */

/* Makes room for `more` bytes behind len and returns where they start; len does not change. */
static inline char *buf_reserve(struct buf *buf, size_t more)
{
    return more < buf->cap - buf->len ? buf->ptr + buf->len : buf_grow(buf, more);
}

static inline void buf_append(struct buf *buf, struct str bytes)
{
    if (bytes.len == 0)
        return;
    memcpy(buf_reserve(buf, bytes.len), bytes.ptr, bytes.len);
    buf->len += bytes.len;
}

static inline void buf_append_byte(struct buf *buf, char byte)
{
    *buf_reserve(buf, 1) = byte;
    buf->len++;
}

void buf_append_int(struct buf *buf, int64_t number); /* decimal; far faster than buf_printf() */
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Drops the first `count` bytes (count <= len) and moves the rest to the front. */
void buf_consume(struct buf *buf, size_t count);
