/*
 * http_query - reads a query string or a form's body: name=value pairs, percent-encoded.
 *
 * Sans-I/O, allocates nothing. Pairs stand in the order they were sent; of a name that stands
 * twice the first counts. A '+' is a space and %XX any byte but NUL (WHATWG URL, section 5.1), but
 * a '%' without two digits behind it is refused rather than guessed at. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

enum { HTTP_QUERY_MAX = 48 };

struct http_query_pair {
    struct str name;
    struct str value;
};

struct http_query {
    struct http_query_pair pairs[HTTP_QUERY_MAX];
    size_t count;
};

/*
 * Decoded names and values are put into `room`, which has text.len bytes, and *out's views look at
 * it. ERR_INVALID: a bad percent-encoding, or a NUL; ERR_TOO_LARGE: more than HTTP_QUERY_MAX pairs.
 */
MUST_USE enum err http_query_parse(struct str text, char *room, struct http_query *out);

/* The first pair's value of that name; ptr NULL when there is none. */
struct str http_query_find(const struct http_query *query, struct str name);

/* Decodes a segment of a path, where '+' is itself; `room` has text.len bytes. ERR_INVALID. */
MUST_USE enum err http_query_decode_path(struct str text, char *room, struct str *out);
