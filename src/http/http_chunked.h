/*
 * http_chunked - decodes a chunked request body in place (RFC 9112 section 7.1).
 *
 * Sans-I/O, allocates nothing. Strict: every line ends in CRLF. Extensions and trailers are
 * checked and dropped; all bytes that are no data together are bounded, so that tiny chunks can't
 * make a small body large on the wire. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "http/http_request.h"

#include <stddef.h>

enum {
    HTTP_CHUNKED_MAX_LINE = 512,          /* a chunk's size with its extensions, or a trailer */
    HTTP_CHUNKED_MAX_FRAMING = 16 * 1024, /* bytes of a body on the wire that are no data */
};

/* How far a body was scanned; zero-filled is its start. Offsets, so the bytes may move. */
struct http_chunked {
    size_t at;         /* start of the next chunk or trailer */
    size_t body_bytes; /* data in the chunks before it */
    bool in_trailer;
};

/*
 * Goes on where the last call ended; `bytes` start at the body's first byte again. DONE: the whole
 * body is there, chunked->at bytes with its trailers. BAD: *status is 400 or 413.
 */
MUST_USE enum http_parse http_chunked_scan(struct http_chunked *chunked, struct str bytes,
                                           size_t max_body_bytes, unsigned *status);

/* Joins the data of a body that was scanned to its end at the start of `data`; a view of that. */
struct str http_chunked_join(char *data, const struct http_chunked *chunked);
