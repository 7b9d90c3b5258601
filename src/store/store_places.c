#include "store/store_places.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>

struct store_places {
    atomic_size_t taken;
};

struct store_places *store_places_new(void)
{
    struct store_places *places = alloc_zero(sizeof *places);

    atomic_init(&places->taken, 1);
    return places;
}

bool store_places_take(struct store_places *places, size_t max)
{
    size_t taken = atomic_fetch_add_explicit(&places->taken, 1, memory_order_relaxed);

    if (taken <= max)
        return true;
    atomic_fetch_sub_explicit(&places->taken, 1, memory_order_relaxed);
    return false;
}

void store_places_leave(struct store_places *places)
{
    if (atomic_fetch_sub_explicit(&places->taken, 1, memory_order_acq_rel) == 1)
        free(places);
}
