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

struct buf {
    char *ptr;
    size_t len;
    size_t cap;
};

#define BUF_EMPTY ((struct buf){NULL, 0, 0})

void buf_free(struct buf *buf);
void buf_clear(struct buf *buf); /* len = 0, keeps the memory */
struct str buf_str(const struct buf *buf);

/* Makes room for `more` bytes behind len and returns where they start; len does not change. */
char *buf_reserve(struct buf *buf, size_t more);

void buf_append(struct buf *buf, struct str bytes);
void buf_append_byte(struct buf *buf, char byte);
void buf_append_int(struct buf *buf, int64_t number); /* decimal; far faster than buf_printf() */
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Drops the first `count` bytes (count <= len) and moves the rest to the front. */
void buf_consume(struct buf *buf, size_t count);
