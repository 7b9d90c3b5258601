/*
 * store_check - may a record be stored? Its texts end within their arrays, its key is there.
 *
 * Says nothing about what the texts mean: that is the domain's. Pure functions, private to
 * src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* The array holds a text; for a key, one that is not empty. */
MUST_USE bool store_check_text(const char *text, size_t cap);
MUST_USE bool store_check_key(const char *text, size_t cap);

/* Fits an array of `cap` bytes with its NUL, and has none inside. */
MUST_USE bool store_check_view(struct str text, size_t cap);

/* As str_copy(), but false also for a NUL inside, which would make the copy another key. */
MUST_USE bool store_check_copy(struct str text, char *out, size_t cap);
