/*
 * http_reply - reads the head of a response, as far as our own clients need it (RFC 9112 section
 * 4).
 *
 * For the simulator and the tests: a status and a body with Content-Length; chunked bodies are
 * refused. Sans-I/O, keeps no pointer. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "http/http_request.h"

#include <stddef.h>

struct http_reply {
    unsigned status;
    struct str body;    /* a view of the bytes that were parsed */
    size_t taken_bytes; /* head and body */
};

/* DONE: the whole reply is there. BAD: no HTTP/1.x reply, no Content-Length, or beyond max_bytes.
 */
MUST_USE enum http_parse http_reply_parse(struct str bytes, size_t max_bytes,
                                          struct http_reply *out);
