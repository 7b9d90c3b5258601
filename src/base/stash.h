/*
 * stash - equal blocks that come and go with each message, kept for the next one.
 *
 * malloc()'s own caches hold a handful of a size, but a turn that carries hundreds of messages
 * takes hundreds at once, and each of the others costs a search and a merge. Embedded; zero-filled
 * is empty. Every take of a stash asks for the same size. One thread at a time. A sanitizer's build
 * keeps none, so that each block has its own end.
 */
#pragma once

#include <stddef.h>

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define STASH_KEEPS_NONE
#endif
#elif defined __SANITIZE_ADDRESS__
#define STASH_KEEPS_NONE
#endif

#ifdef STASH_KEEPS_NONE
enum { STASH_MAX = 0 };
#else
enum { STASH_MAX = 256 }; /* blocks that are kept */
#endif

struct stash {
    void *first; /* each block begins with the address of the next */
    size_t count;
};

/* Not zeroed; aborts rather than fail. Whoever does not give it back frees it. */
void *stash_take(struct stash *stash, size_t size);
/* A block of that size, from malloc() or a stash. */
void stash_give(struct stash *stash, void *block);
/* Frees what is kept; leaves an empty stash. */
void stash_free(struct stash *stash);
