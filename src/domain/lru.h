/*
 * lru - a bounded set of items found by key; the least recently used gives way.
 *
 * Items embed a struct lru_item as their first member and belong to the set once put: it frees
 * them. The owning thread only.
 */
#pragma once

#include "base/link.h"
#include "base/map.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct lru_item {
    struct link link;
    uint64_t fresh_until_ms; /* and at that time */
};

struct lru {
    struct map *map;
    map_key_fn key_of;
    struct link used; /* least recently used first */
    size_t max;
};

void lru_init(struct lru *lru, map_key_fn key_of, size_t max);
void lru_fini(struct lru *lru); /* frees all items */

/* The item of that key if it is still fresh at now_ms, else NULL. */
void *lru_find(struct lru *lru, struct str key, uint64_t now_ms);
void lru_drop(struct lru *lru, struct str key);
/* Takes a heap item; replaces one of the same key. */
void lru_put(struct lru *lru, void *item);
