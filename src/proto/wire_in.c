#include "proto/wire_in.h"

enum { MAX_DIGITS = 20 }; /* of a 64-bit number */

struct str wire_in_digits(struct json_value value)
{
    struct str text = wire_in_text_or_number(value);

    if (text.len > MAX_DIGITS)
        return STR_EMPTY;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return STR_EMPTY;
    return text;
}

bool wire_in_i64(struct json_value value, int64_t *out)
{
    uint64_t number;

    if (value.kind == JSON_NUMBER)
        return json_to_i64(value, out);
    if (!str_to_u64(wire_in_text(value), &number) || number > INT64_MAX)
        return false;
    *out = (int64_t)number;
    return true;
}
