#include "base/buf.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

void buf_free(struct buf *buf)
{
    free(buf->ptr);
    *buf = BUF_EMPTY;
}

char *buf_grow(struct buf *buf, size_t more)
{
    size_t cap = buf->cap == 0 ? FIRST_CAP : buf->cap;

    assert(more <= SIZE_MAX / 4 && buf->len <= SIZE_MAX / 4);
    while (cap - buf->len < more)
        cap *= 2;
    if (cap != buf->cap) {
        buf->ptr = alloc_resize(buf->ptr, cap, 1);
        buf->cap = cap;
    }
    return buf->ptr + buf->len;
}

void buf_append_int(struct buf *buf, int64_t number)
{
    char digits[STR_U64_CAP];

    if (number < 0)
        buf_append_byte(buf, '-');
    buf_append(buf, str_from_u64(number < 0 ? 0 - (uint64_t)number : (uint64_t)number, digits));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    vsnprintf(buf_reserve(buf, (size_t)len + 1), (size_t)len + 1, format, again);
    va_end(again);
    buf->len += (size_t)len;
}

void buf_consume(struct buf *buf, size_t count)
{
    assert(count <= buf->len);
    if (count > 0 && count < buf->len)
        memmove(buf->ptr, buf->ptr + count, buf->len - count);
    buf->len -= count;
}
