/*
 * http_query - finds and decodes a parameter of a query, or of a form: name=value&...
 *
 * Percent-encoding is undone, '+' means a space. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies the first parameter of that name, decoded and NUL-terminated, to out[cap]. False when
 * there is none, or its value does not fit, is wrongly encoded or holds a NUL; out is then "".
 */
MUST_USE bool http_query_find(struct str query, struct str name, char *out, size_t cap);
