/*
 * alloc - memory for our own objects; aborts rather than fail.
 *
 * Whoever asks for what a peer can size has held it against a limit before. Any thread.
 */
#pragma once

#include <stddef.h>

/* Zero-filled. Release with free(). */
void *alloc_zero(size_t size);

/* As realloc(), for arrays of our own: aborts when there is no memory or count * size wraps. */
void *alloc_resize(void *ptr, size_t count, size_t size);

/* A NUL-terminated copy of len bytes. Release with free(). */
char *alloc_text(const char *ptr, size_t len);

/* Gives what was freed back to the system. May take milliseconds: for a thread that can wait. */
void alloc_trim(void);
