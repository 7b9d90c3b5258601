#include "base/alloc.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *ptr)
{
    if (ptr == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return ptr;
}

/*
 * glibc's malloc() hands small blocks out of a cache of the thread's own; its calloc() goes past
 * that cache, which costs three times as much. Large blocks come zeroed from the kernel.
 */
enum { CACHED_MAX = 1024 };

void *alloc_zero(size_t size)
{
    if (size > CACHED_MAX)
        return or_abort(calloc(1, size));
    return memset(or_abort(malloc(size)), 0, size);
}

void *alloc_resize(void *ptr, size_t count, size_t size)
{
    return or_abort(reallocarray(ptr, count, size));
}

char *alloc_text(const char *ptr, size_t len)
{
    char *text = or_abort(malloc(len + 1));

    if (len > 0)
        memcpy(text, ptr, len);
    text[len] = '\0';
    return text;
}

void alloc_trim(void)
{
    malloc_trim(0);
}
