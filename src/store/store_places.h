/*
 * store_places - how many requests are not answered yet, with a bound.
 *
 * The store itself holds one place beside them. Answers may be delivered after store_close(), so
 * the last one out frees it. Any thread; private to src/store.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct store_places;

struct store_places *store_places_new(void); /* the caller has its place */
/* False when `max` besides the store's own are taken. */
MUST_USE bool store_places_take(struct store_places *places, size_t max);
void store_places_leave(struct store_places *places);
