#include "proto/wire_out.h"

#include <string.h>

void wire_out_text(struct buf *out, struct str key, struct str content)
{
    char *at;

    if (content.len == 0)
        return;
    at = buf_reserve(out, key.len + content.len + 1);
    memcpy(at, key.ptr, key.len);
    memcpy(at + key.len, content.ptr, content.len);
    at[key.len + content.len] = '"';
    out->len += key.len + content.len + 1;
}

void wire_out_raw(struct buf *out, struct str key, struct str json)
{
    char *at;

    if (json.len == 0)
        return;
    at = buf_reserve(out, key.len + json.len);
    memcpy(at, key.ptr, key.len);
    memcpy(at + key.len, json.ptr, json.len);
    out->len += key.len + json.len;
}

void wire_out_value(struct buf *out, struct str key, struct json_value value)
{
    if (value.kind != JSON_NONE)
        wire_out_raw(out, key, value.raw);
}

void wire_out_int(struct buf *out, struct str key, int64_t value)
{
    buf_append(out, key);
    buf_append_int(out, value);
}
