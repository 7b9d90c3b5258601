#include "domain/device_epochs.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { COUNTERS = 1024 };

struct device_epochs {
    _Atomic uint64_t counters[COUNTERS];
};

struct device_epochs *device_epochs_new(void)
{
    return alloc_zero(sizeof(struct device_epochs));
}

void device_epochs_free(struct device_epochs *epochs)
{
    free(epochs);
}

/* FNV-1a. Who makes ids collide makes others' rows be read twice, nothing more. */
static size_t place_of(struct str id)
{
    uint64_t hash = 0xcbf29ce484222325U;

    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ (uint8_t)id.ptr[i]) * 0x100000001b3U;
    return hash % COUNTERS;
}

/* Acquire and release: who sees a count sees the store as it was when that was counted. */
uint64_t device_epochs_get(const struct device_epochs *epochs, struct str id)
{
    return atomic_load_explicit(&epochs->counters[place_of(id)], memory_order_acquire);
}

void device_epochs_advance(struct device_epochs *epochs, struct str id)
{
    atomic_fetch_add_explicit(&epochs->counters[place_of(id)], 1, memory_order_release);
}
