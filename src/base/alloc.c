#include "base/alloc.h"

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

void *alloc_zero(size_t size)
{
    return or_abort(calloc(1, size));
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
