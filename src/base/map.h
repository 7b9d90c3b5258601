/*
 * map - finds an object by the key it holds. Keys are views into the objects themselves.
 *
 * Open addressing over an array of pointers, keyed with SipHash under a random secret per map so
 * that peers can't make keys collide. The map borrows its items. The owning thread only.
 */
#pragma once

#include "base/str.h"

#include <stddef.h>

struct map;

/* The key of an item; must not change while the item is in the map. */
typedef struct str (*map_key_fn)(const void *item);
typedef void (*map_each_fn)(void *ctx, void *item);

struct map *map_new(map_key_fn key_of);
void map_free(struct map *map); /* accepts NULL; the items are not touched */

size_t map_count(const struct map *map);
void *map_find(const struct map *map, struct str key); /* NULL when there is none */

/* Puts an item and returns the one of the same key that it replaces, or NULL. */
void *map_put(struct map *map, void *item);
void *map_remove(struct map *map, struct str key); /* the removed item, or NULL */

/* Calls each(ctx, item) for every item; each() must not put or remove. */
void map_each(const struct map *map, map_each_fn each, void *ctx);
