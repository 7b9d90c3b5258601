/*
 * str - a view of bytes: pointer and length, not NUL-terminated, not owned.
 *
 * A view is a value: copy it freely, but it is valid only as long as the bytes it looks at.
 * Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *ptr;
    size_t len;
};

#define STR_EMPTY ((struct str){NULL, 0})
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

/* For printf: printf("name=" STR_FMT, STR_ARG(name)). */
#define STR_FMT "%.*s"
#define STR_ARG(str) (int)(str).len, (str).ptr

struct str str_of(const char *text); /* a NUL-terminated text; NULL gives the empty view */
struct str str_sub(struct str str, size_t from, size_t len); /* clipped to what is there */
struct str str_trim(struct str str);                         /* without spaces, tabs, CR and LF */

bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII case only */
bool str_starts(struct str str, struct str prefix);
int str_cmp(struct str a, struct str b); /* bytewise, shorter first, as strcmp() */

/* Offset of the first `byte`, or str.len when there is none. */
size_t str_find(struct str str, char byte);

/*
 * Splits at the first `byte`: *head gets what stands before it, and *rest what follows. Without
 * one, *head is all and *rest empty; false when *rest was empty to begin with.
 */
bool str_split(struct str *rest, char byte, struct str *head);

/* Decimal digits only, whole view, no sign, no overflow; *out untouched on false. */
MUST_USE bool str_to_u64(struct str str, uint64_t *out);

/* Copies the bytes to *at, moves *at behind them, and returns a view of the copy. */
struct str str_place(char **at, struct str str);

/* Copies to a NUL-terminated array of `cap` bytes; false (and out[0] = 0) when it does not fit. */
bool str_copy(struct str str, char *out, size_t cap);
