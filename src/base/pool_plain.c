/* pool_plain - the pool of sanitizer builds: an allocation for each object. */
#include "base/alloc.h"
#include "base/pool.h"

#include <assert.h>
#include <stdlib.h>

struct pool {
    char nothing; /* a pool that is not freed still is a leak */
};

struct pool *pool_new(void)
{
    return alloc_zero(sizeof(struct pool));
}

void pool_free(struct pool *pool)
{
    free(pool);
}

void *pool_take(struct pool *pool, size_t size)
{
    assert(pool != NULL && size > 0 && size <= POOL_OBJECT_MAX);
    return alloc_zero(size);
}

void pool_give_back(void *object)
{
    free(object);
}
