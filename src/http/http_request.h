/*
 * http_request - parses the head of an HTTP/1.1 request (RFC 9112).
 *
 * Sans-I/O: takes what has come so far, answers done, more or bad, allocates nothing, keeps no
 * pointer. The answer does not depend on how the bytes were split. Strict, save what firmware in
 * the field is known to send: a header line may end in a bare LF (docs/protocol.md, "Tolerated").
 * Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "http/http_header.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_MAX_HEADERS = 64 };

enum http_parse { HTTP_PARSE_DONE, HTTP_PARSE_MORE, HTTP_PARSE_BAD };

enum http_body { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

/* All views look into the bytes that were parsed. */
struct http_request {
    struct str method;
    struct str target;    /* as sent */
    struct str path;      /* the target up to '?', absolute-form reduced to its path */
    struct str query;     /* behind '?', undecoded */
    struct str parameter; /* of the route that answers, undecoded; set by the server */
    unsigned minor;       /* HTTP/1.<minor>: 0 or 1 */
    struct http_header headers[HTTP_MAX_HEADERS];
    size_t header_count;
    enum http_body body_kind;
    uint64_t body_bytes; /* with HTTP_BODY_LENGTH */
    bool keep_alive;
    bool expects_continue;
    bool is_upgrade; /* Connection: upgrade with Upgrade: websocket */
};

struct http_limits {
    size_t max_head_bytes; /* request line and headers together: past it 431 */
    size_t max_line_bytes; /* the request line: past it 414 */
    size_t max_body_bytes; /* past it 413 */
};

/*
 * DONE: *out is filled and *head_bytes says where the body begins. BAD: *status is what to answer
 * (400, 411, 413, 414, 417, 431, 501, 505); the connection must be closed after it. Empty lines
 * ahead of the request line are skipped (RFC 9112 section 2.2) and count as head bytes. *out has no
 * meaning unless DONE.
 */
MUST_USE enum http_parse http_request_parse(struct str bytes, const struct http_limits *limits,
                                            struct http_request *out, size_t *head_bytes,
                                            unsigned *status);

/* The first header of that name (ASCII case ignored), or the empty view with ptr NULL. */
struct str http_request_header(const struct http_request *request, struct str name);
