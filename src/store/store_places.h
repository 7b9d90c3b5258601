/*
 * store_places - how many requests are not answered yet, and what they hold, with bounds.
 *
 * The store itself holds one place beside them. Answers may be delivered after store_close(), so
 * the last one out frees it. Any thread; private to src/store.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct store_places;

/* The caller has its place, of no bytes. max_bytes 0: no bound but max. */
struct store_places *store_places_new(size_t max, size_t max_bytes);
/* False when `max` besides the store's own are taken, or there is no room for so many bytes. */
MUST_USE bool store_places_take(struct store_places *places, size_t bytes);
void store_places_leave(struct store_places *places, size_t bytes); /* those that it took */
