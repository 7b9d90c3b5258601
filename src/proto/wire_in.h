/*
 * wire_in - reads a member of a protocol message as leniently as the field demands.
 *
 * Clients send numbers as strings and strings as numbers. Results are views into the text that
 * was scanned, escapes undecoded. Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* What stands between a string's quotes; empty for any other kind. */
static inline struct str wire_in_text(struct json_value value)
{
    if (value.kind != JSON_STRING)
        return STR_EMPTY;
    return (struct str){value.raw.ptr + 1, value.raw.len - 2};
}

/* A string's content or a number's text, so that no digit passes through a double. */
static inline struct str wire_in_text_or_number(struct json_value value)
{
    return value.kind == JSON_NUMBER ? value.raw : wire_in_text(value);
}

/* Either of these, if it is nothing but 1 to 20 digits; else empty. */
struct str wire_in_digits(struct json_value value);

/* An integer, or digits in a string; false (and *out untouched) when it is neither. */
MUST_USE bool wire_in_i64(struct json_value value, int64_t *out);
