/*
 * nearest - the known name that a mistyped word most likely meant: for "did you mean ...?".
 *
 * Compares by edit distance (insert, delete, replace, swap neighbours), ASCII case ignored. A word
 * too far from all names has no nearest one, so that no silly suggestion is made. Pure, any thread.
 */
#pragma once

#include "base/str.h"

#include <stddef.h>

enum { NEAREST_WORD_MAX = 64 }; /* longer words and names are never near */

/* One of names[0..count) (the first of several as near), or NULL when nothing is near. */
const char *nearest_name(struct str word, const char *const *names, size_t count);

/* What ends a complaint about the word: "; did you mean NAME?", or nothing when nothing is near. */
enum { NEAREST_HINT_CAP = NEAREST_WORD_MAX + 24 };
const char *nearest_hint(const char *word, const char *const *names, size_t count,
                         char out[NEAREST_HINT_CAP]);
