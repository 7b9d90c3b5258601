#include "base/stash.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void *stash_take(struct stash *stash, size_t size)
{
    void *block = stash->first;

    if (block == NULL)
        return alloc_resize(NULL, 1, size < sizeof block ? sizeof block : size);
    memcpy(&stash->first, block, sizeof stash->first);
    stash->count--;
    return block;
}

void stash_give(struct stash *stash, void *block)
{
    if (stash->count == STASH_MAX) {
        free(block);
        return;
    }
    memcpy(block, &stash->first, sizeof stash->first);
    stash->first = block;
    stash->count++;
}

void stash_free(struct stash *stash)
{
    while (stash->first != NULL)
        free(stash_take(stash, 0));
}
