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
#include <string.h>

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

/* Clipped to what is there. */
static inline struct str str_sub(struct str str, size_t from, size_t len)
{
    if (from > str.len)
        from = str.len;
    if (len > str.len - from)
        len = str.len - from;
    /* The empty view may be NULL, to which C lets nobody add even 0. */
    return (struct str){from == 0 ? str.ptr : str.ptr + from, len};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

struct str str_trim(struct str str);            /* without spaces, tabs, CR and LF */
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

/* The decimal digits, at the end of out[]; not NUL-terminated. */
enum { STR_U64_CAP = 20 };
struct str str_from_u64(uint64_t number, char out[STR_U64_CAP]);

/* Copies the bytes to *at, moves *at behind them, and returns a view of the copy. */
struct str str_place(char **at, struct str str);

/* Copies to a NUL-terminated array of `cap` bytes; false (and out[0] = 0) when it does not fit. */
bool str_copy(struct str str, char *out, size_t cap);
