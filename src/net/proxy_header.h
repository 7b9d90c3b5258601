/*
 * proxy_header - parses the PROXY protocol header (versions 1 and 2) that a proxy puts first.
 *
 * Sans-I/O: give it all that has come so far; it allocates nothing and keeps no pointer. What is
 * neither version is refused, so a client can't pass for its own proxy by leaving the header out.
 * A version 2 header with more than PROXY_HEADER_MAX bytes is refused too. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROXY_HEADER_MAX = 4096 };

enum proxy_header_result {
    PROXY_HEADER_DONE,
    PROXY_HEADER_MORE, /* so far it can be one; at most PROXY_HEADER_MAX bytes are asked for */
    PROXY_HEADER_BAD,
};

struct proxy_header {
    size_t len;         /* bytes of the header; the connection's own follow */
    bool has_addresses; /* false: LOCAL, UNKNOWN or not TCP; the socket's addresses count */
    struct address source;
    struct address destination;
};

/* *out is set only with PROXY_HEADER_DONE. */
MUST_USE enum proxy_header_result proxy_header_parse(struct str bytes, struct proxy_header *out);
