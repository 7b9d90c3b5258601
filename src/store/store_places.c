#include "store/store_places.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>

struct store_places {
    size_t max;
    size_t max_bytes;
    atomic_size_t taken;
    atomic_size_t bytes;
};

struct store_places *store_places_new(size_t max, size_t max_bytes)
{
    struct store_places *places = alloc_zero(sizeof *places);

    places->max = max;
    places->max_bytes = max_bytes;
    atomic_init(&places->taken, 1);
    atomic_init(&places->bytes, 0);
    return places;
}

static bool take_bytes(struct store_places *places, size_t bytes)
{
    size_t before = atomic_fetch_add_explicit(&places->bytes, bytes, memory_order_relaxed);

    if (places->max_bytes == 0)
        return true;
    if (before <= places->max_bytes && bytes <= places->max_bytes - before)
        return true;
    atomic_fetch_sub_explicit(&places->bytes, bytes, memory_order_relaxed);
    return false;
}

bool store_places_take(struct store_places *places, size_t bytes)
{
    size_t taken = atomic_fetch_add_explicit(&places->taken, 1, memory_order_relaxed);

    if (taken <= places->max && take_bytes(places, bytes))
        return true;
    atomic_fetch_sub_explicit(&places->taken, 1, memory_order_relaxed);
    return false;
}

void store_places_leave(struct store_places *places, size_t bytes)
{
    atomic_fetch_sub_explicit(&places->bytes, bytes, memory_order_relaxed);
    if (atomic_fetch_sub_explicit(&places->taken, 1, memory_order_acq_rel) == 1)
        free(places);
}
