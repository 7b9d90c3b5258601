/*
 * http_response - an answer, and the text of its head.
 *
 * Written for readers that are not parsers: firmware searches for the literal "HTTP/1.1 200 OK",
 * for "Content-Length: " in exactly this case, and takes the first '{' for the body's start
 * (docs/protocol.md, "Dispatch"). So a body is never chunked, and no header may hold a brace.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>

struct http_response {
    unsigned status;
    struct str content_type; /* empty: application/json */
    struct str body;         /* copied */
    struct str headers;      /* further header lines, each ending in CRLF; may be empty */
    bool close;              /* close the connection after it */
};

/* What the server and its connection add. Empty views add no header. */
struct http_envelope {
    struct str server_name;
    struct str date;
    struct str connection;
};

/* Appends the head with its empty line; the body is not appended, so it serves HEAD too. */
void http_response_format(struct buf *out, const struct http_response *response,
                          const struct http_envelope *envelope);

/* The status has a body by its nature, even an empty one: not 1xx, 204 and 304. */
bool http_response_has_body(unsigned status);
