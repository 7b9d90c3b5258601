/*
 * json_out - writes compact JSON into a buf, members in the order of the calls.
 *
 * The writer places commas; the caller balances begin and end. Strings are escaped as RFC 8259
 * section 7 demands and no more; bytes that are not UTF-8 are replaced by U+FFFD. Any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct json_out {
    struct buf *buf; /* borrowed */
    bool comma;      /* something stands before the next member or item */
};

struct json_out json_out_to(struct buf *buf);

/* key: a literal that needs no escape, or NULL for an item of an array or the document itself. */
void json_out_object(struct json_out *out, const char *key);
void json_out_array(struct json_out *out, const char *key);
void json_out_end_object(struct json_out *out);
void json_out_end_array(struct json_out *out);
void json_out_str(struct json_out *out, const char *key, struct str value);
void json_out_int(struct json_out *out, const char *key, int64_t value);
void json_out_bool(struct json_out *out, const char *key, bool value);
void json_out_null(struct json_out *out, const char *key);

/* Validated JSON text, passed through byte for byte. */
void json_out_raw(struct json_out *out, const char *key, struct str json);
