/*
 * http_header - the grammar of one header line, and of the lists in header values.
 *
 * RFC 9110 section 5, RFC 9112 section 5. Allocates nothing, keeps no pointer. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>

struct http_header {
    struct str name;
    struct str value; /* without surrounding white space */
};

/* A non-empty run of token characters (RFC 9110 section 5.6.2). */
bool http_header_is_token(struct str text);

/* A line without its ending. False for a line that continues another (obs-fold), white space ahead
 * of the colon, an empty name, or control bytes in the value. */
MUST_USE bool http_header_parse(struct str line, struct http_header *out);

/* The comma-separated list in `value` holds `item`, ASCII case ignored. */
bool http_header_has_item(struct str value, struct str item);
