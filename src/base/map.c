#include "base/map.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAP = 8 };

/* A slot without an item is vacant. The hash is kept so that growing and removing read no item. */
struct slot {
    uint64_t hash;
    void *item;
};

/*
 * Linear probing: an item stands at its home (hash modulo cap) or behind it, with no vacant slot in
 * between. At most three quarters of the slots are in use, so a search always ends at a vacant one.
 */
struct map {
    map_key_fn key_of;
    uint8_t secret[16];
    struct slot *slots;
    size_t cap; /* a power of two, or 0 before the first item */
    size_t count;
};

struct map *map_new(map_key_fn key_of)
{
    struct map *map = alloc_zero(sizeof *map);

    map->key_of = key_of;
    crypto_random(map->secret, sizeof map->secret);
    return map;
}

void map_free(struct map *map)
{
    if (map == NULL)
        return;
    free(map->slots);
    free(map);
}

size_t map_count(const struct map *map)
{
    return map->count;
}

/* The slot that holds `key`, else the vacant one where it would go. */
static size_t slot_for(const struct map *map, struct str key, uint64_t hash)
{
    size_t at = hash & (map->cap - 1);

    while (map->slots[at].item != NULL) {
        if (map->slots[at].hash == hash && str_eq(map->key_of(map->slots[at].item), key))
            break;
        at = (at + 1) & (map->cap - 1);
    }
    return at;
}

void *map_find(const struct map *map, struct str key)
{
    if (map->count == 0)
        return NULL;
    return map->slots[slot_for(map, key, crypto_siphash(key, map->secret))].item;
}

static void resize(struct map *map, size_t cap)
{
    struct slot *old = map->slots;
    size_t old_cap = map->cap;

    map->slots = alloc_zero(cap * sizeof *map->slots);
    map->cap = cap;
    for (size_t i = 0; i < old_cap; i++) {
        size_t at = old[i].hash & (cap - 1);

        if (old[i].item == NULL)
            continue;
        while (map->slots[at].item != NULL)
            at = (at + 1) & (cap - 1);
        map->slots[at] = old[i];
    }
    free(old);
}

void *map_put(struct map *map, void *item)
{
    struct str key = map->key_of(item);
    uint64_t hash = crypto_siphash(key, map->secret);
    struct slot *slot;
    void *replaced;

    assert(item != NULL);
    if (map->count >= map->cap / 4 * 3)
        resize(map, map->cap == 0 ? FIRST_CAP : map->cap * 2);
    slot = &map->slots[slot_for(map, key, hash)];
    replaced = slot->item;
    *slot = (struct slot){hash, item};
    map->count += replaced == NULL;
    return replaced;
}

/*
 * Empties slot `hole` and moves later items of the same run up, so that none is cut off from its
 * home. An item may move into the hole unless its home lies behind the hole (seen round the end).
 */
static void close_hole(struct map *map, size_t hole)
{
    size_t mask = map->cap - 1;

    for (size_t at = (hole + 1) & mask; map->slots[at].item != NULL; at = (at + 1) & mask) {
        size_t from_home = (at - map->slots[at].hash) & mask;
        size_t from_hole = (at - hole) & mask;

        if (from_home < from_hole)
            continue;
        map->slots[hole] = map->slots[at];
        hole = at;
    }
    map->slots[hole] = (struct slot){0, NULL};
}

void *map_remove(struct map *map, struct str key)
{
    size_t at;
    void *item;

    if (map->count == 0)
        return NULL;
    at = slot_for(map, key, crypto_siphash(key, map->secret));
    item = map->slots[at].item;
    if (item == NULL)
        return NULL;
    close_hole(map, at);
    map->count--;
    /* A burst must not hold its memory for ever. */
    if (map->cap > FIRST_CAP && map->count < map->cap / 8)
        resize(map, map->cap / 2);
    return item;
}

void map_each(const struct map *map, map_each_fn each, void *ctx)
{
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].item != NULL)
            each(ctx, map->slots[i].item);
    }
}
