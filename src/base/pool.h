/*
 * pool - dense memory for small objects that live long: what an idle link is made of.
 *
 * From malloc they would stand between the short-lived objects of a handshake, whose holes nobody
 * else fills, and each would carry a header. A pool takes slabs from the system, each for objects
 * of one size, and gives a slab back once nothing lives in it; at most one empty slab is kept. Any
 * thread may take and give back: a lock is held for a few instructions, so what comes and goes with
 * each message is better off with malloc. Sanitizer builds link pool_plain.c instead, which is
 * malloc again, so that each object has its own bounds and its own end.
 */
#pragma once

#include <stddef.h>

struct pool;

enum { POOL_OBJECT_MAX = 512 }; /* bytes */

struct pool *pool_new(void);
/* The owner's hold ends; the memory goes with the last object that is given back. Accepts NULL. */
void pool_free(struct pool *pool);

/* Zero-filled, aligned for pointers; size <= POOL_OBJECT_MAX. Aborts rather than fail. */
void *pool_take(struct pool *pool, size_t size);
/* To the pool it was taken from. Accepts NULL. */
void pool_give_back(void *object);
