#include "base/pool.h"

#include "base/alloc.h"
#include "base/link.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    SLAB_BYTES = 64 * 1024, /* and their alignment: an object's address tells its slab */
    STEP = 8,               /* between two sizes; what a struct of pointers and numbers needs */
    SIZES = POOL_OBJECT_MAX / STEP,
};

/*
 *     0             first place                     fresh                 SLAB_BYTES
 *     |  struct slab  |  in use, or in the list `idle`  |  never touched yet  |
 *
 * Pages that were never touched are no memory, so a slab costs what stands in it.
 */
struct slab {
    struct link link; /* in pool->partial[] unless it is full */
    struct pool *pool;
    struct place *idle; /* given back, the last first */
    uint32_t place_bytes;
    uint32_t fresh;
    uint32_t used; /* places in use */
};

enum { FIRST_PLACE = sizeof(struct slab) };

static_assert(FIRST_PLACE % STEP == 0, "places are aligned");

/* A place that nobody uses. */
struct place {
    struct place *next;
};

struct pool {
    pthread_mutex_t lock;       /* guards all that follows, and the slabs */
    struct link partial[SIZES]; /* slabs with a place left, by size */
    void *spare;                /* an empty slab, or NULL */
    size_t used;                /* objects in use */
    bool is_left;               /* by its owner */
};

struct pool *pool_new(void)
{
    struct pool *pool = alloc_zero(sizeof *pool);

    pthread_mutex_init(&pool->lock, NULL);
    for (size_t i = 0; i < SIZES; i++)
        link_init(&pool->partial[i]);
    return pool;
}

static void destroy(struct pool *pool)
{
    if (pool->spare != NULL)
        munmap(pool->spare, SLAB_BYTES);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void pool_free(struct pool *pool)
{
    bool is_last;

    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_left = true;
    is_last = pool->used == 0;
    pthread_mutex_unlock(&pool->lock);
    if (is_last)
        destroy(pool);
}

/* The slabs of a size that have a place left. */
static struct link *list_for(struct pool *pool, size_t place_bytes)
{
    return &pool->partial[place_bytes / STEP - 1];
}

static char *map_bytes(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return at;
}

/* As the kernel puts mappings side by side, mostly only the first needs to be cut to alignment. */
static void *map_slab(void)
{
    char *at = map_bytes(SLAB_BYTES);
    size_t front;

    if ((uintptr_t)at % SLAB_BYTES == 0)
        return at;
    munmap(at, SLAB_BYTES);
    at = map_bytes(2 * (size_t)SLAB_BYTES);
    front = SLAB_BYTES - (uintptr_t)at % SLAB_BYTES;
    if (front < SLAB_BYTES)
        munmap(at + front + SLAB_BYTES, SLAB_BYTES - front);
    munmap(front < SLAB_BYTES ? at : at + SLAB_BYTES, front);
    return front < SLAB_BYTES ? at + front : at;
}

static struct slab *add_slab(struct pool *pool, size_t place_bytes)
{
    struct slab *slab = pool->spare != NULL ? pool->spare : map_slab();

    pool->spare = NULL;
    *slab = (struct slab){
        .pool = pool,
        .place_bytes = (uint32_t)place_bytes,
        .fresh = FIRST_PLACE,
    };
    link_init(&slab->link);
    link_insert(list_for(pool, place_bytes), &slab->link);
    return slab;
}

static bool is_full(const struct slab *slab)
{
    return slab->idle == NULL && slab->fresh > SLAB_BYTES - slab->place_bytes;
}

static void *take_place(struct slab *slab)
{
    struct place *place = slab->idle;

    if (place != NULL) {
        slab->idle = place->next;
    } else {
        place = (struct place *)(void *)((char *)slab + slab->fresh);
        slab->fresh += slab->place_bytes;
    }
    slab->used++;
    if (is_full(slab))
        link_remove(&slab->link);
    return place;
}

void *pool_take(struct pool *pool, size_t size)
{
    size_t place_bytes = (size + STEP - 1) / STEP * STEP;
    struct link *partial;
    struct slab *slab;
    void *object;

    assert(size > 0 && size <= POOL_OBJECT_MAX);
    pthread_mutex_lock(&pool->lock);
    partial = list_for(pool, place_bytes);
    slab = link_is_alone(partial) ? add_slab(pool, place_bytes)
                                  : CONTAINER_OF(partial->next, struct slab, link);
    object = take_place(slab);
    pool->used++;
    pthread_mutex_unlock(&pool->lock);
    memset(object, 0, place_bytes);
    return object;
}

static void drop_slab(struct pool *pool, struct slab *slab)
{
    link_remove(&slab->link);
    if (pool->spare == NULL)
        pool->spare = slab;
    else
        munmap(slab, SLAB_BYTES);
}

static void give_back_place(struct slab *slab, struct place *place)
{
    if (is_full(slab))
        link_insert(list_for(slab->pool, slab->place_bytes), &slab->link);
    place->next = slab->idle;
    slab->idle = place;
    slab->used--;
    if (slab->used == 0)
        drop_slab(slab->pool, slab);
}

void pool_give_back(void *object)
{
    struct slab *slab;
    struct pool *pool;
    bool is_last;

    if (object == NULL)
        return;
    slab = (struct slab *)(void *)((char *)object - (uintptr_t)object % SLAB_BYTES);
    pool = slab->pool;
    pthread_mutex_lock(&pool->lock);
    assert(slab->used > 0);
    give_back_place(slab, object);
    pool->used--;
    is_last = pool->is_left && pool->used == 0;
    pthread_mutex_unlock(&pool->lock);
    if (is_last)
        destroy(pool);
}
