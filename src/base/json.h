/*
 * json - a scanner that validates all of RFC 8259 in one pass and returns views; never allocates.
 *
 * json_scan_object() is the hot path: it validates a whole document and collects the members of
 * the top-level object. A nested value stays raw text (already validated) and can be scanned
 * again where somebody needs its members. Sans-I/O, keeps no pointer, any thread.
 *
 * Bounds: nesting JSON_MAX_DEPTH; members as many as the caller's array holds. Duplicate keys are
 * kept in order (json_find() returns the first). Strings must be valid UTF-8.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_MAX_DEPTH = 32 };

enum json_kind {
    JSON_NONE, /* absent: the kind of a zeroed value */
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/* A value is a view of its text: strings with their quotes, objects with their braces. */
struct json_value {
    enum json_kind kind;
    bool has_escape; /* a string that holds a backslash */
    struct str raw;
};

struct json_member {
    struct str key; /* between the quotes; escapes undecoded */
    struct json_value value;
};

/*
 * Validates a whole document (surrounding white space allowed). ERR_INVALID if it is not JSON or
 * nests deeper than JSON_MAX_DEPTH.
 */
MUST_USE enum err json_scan(struct str text, struct json_value *out);

/*
 * Validates a document that must be one object and collects its members.
 * ERR_INVALID: as json_scan(), or not an object. ERR_TOO_LARGE: more than `cap` members.
 */
MUST_USE enum err json_scan_object(struct str text, struct json_member *members, size_t cap,
                                   size_t *count);

/*
 * Walks the items of an array that json_scan() has accepted: start with *rest = array.raw; each
 * true gives one item; false at the end.
 */
bool json_array_next(struct str *rest, struct json_value *item);

/* The first member of that name, or a value of kind JSON_NONE. */
struct json_value json_find(const struct json_member *members, size_t count, struct str key);

/* A string's content as a view when it has no escape; false otherwise, or not a string. */
MUST_USE bool json_to_view(struct json_value value, struct str *out);

/* Decodes a string (escapes, surrogate pairs) to out[cap], NUL-terminated; false if it is no
 * string, does not fit, or holds a NUL or a lone surrogate. */
MUST_USE bool json_to_text(struct json_value value, char *out, size_t cap);

/* An integer without fraction and exponent that fits; false otherwise. */
MUST_USE bool json_to_i64(struct json_value value, int64_t *out);
