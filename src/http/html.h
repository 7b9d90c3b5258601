/*
 * html - texts as they stand in a page or a URL. Any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* The text between tags, or in an attribute's double quotes; bytes below a space are left out. */
void html_append_text(struct buf *out, struct str text);
/* As a value in a query: everything but unreserved characters (RFC 3986, section 2.3) is encoded.
 */
void html_append_query(struct buf *out, struct str text);
