#include "ctl/ctl_cell.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>

enum { ISO_SECONDS = 19 };

static bool ends_in(struct str text, struct str end)
{
    return text.len > end.len && str_eq(str_sub(text, text.len - end.len, end.len), end);
}

void ctl_cell_label(struct str key, struct buf *out)
{
    static const char *const units[] = {"_at", "_ms", "_bytes"};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ends_in(key, str_of(units[i])))
            key.len -= str_of(units[i]).len;
    for (size_t i = 0; i < key.len; i++)
        buf_append_byte(out, key.ptr[i] == '_' ? ' ' : key.ptr[i]);
}

/* Bytes that steer a terminal are made visible as a question mark; UTF-8's C1 controls too. */
static void put_safe(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        bool is_c1 = byte == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0;

        if (byte < 0x20 || byte == 0x7f || is_c1)
            buf_append_byte(out, '?');
        else
            buf_append_byte(out, text.ptr[i]);
        i += is_c1;
    }
}

/* "2026-01-31T12:00:00.000Z" as "2026-01-31 12:00:00Z". */
static void put_time(struct buf *out, struct str iso)
{
    if (iso.len != CLOCK_ISO_CAP - 1) {
        put_safe(out, iso);
        return;
    }
    for (size_t i = 0; i < ISO_SECONDS; i++)
        buf_append_byte(out, iso.ptr[i] == 'T' ? ' ' : iso.ptr[i]);
    buf_append_byte(out, 'Z');
}

static void put_string(struct str key, struct json_value value, struct buf *out)
{
    char *text = alloc_zero(value.raw.len + 1);
    struct str decoded = value.raw;

    if (json_to_text(value, text, value.raw.len + 1))
        decoded = str_of(text);
    if (decoded.len == 0)
        buf_append_byte(out, '-');
    else if (ends_in(key, STR("_at")))
        put_time(out, decoded);
    else
        put_safe(out, decoded);
    free(text);
}

static void put_size(struct buf *out, int64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;

    while (size >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        size /= 1024;
        unit++;
    }
    buf_printf(out, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

/* The two largest units: "1d 2h", "3m 4s". */
static void put_duration(struct buf *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}};
    int written = 0;

    if (ms < 1000) {
        buf_printf(out, "%lldms", (long long)ms);
        return;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units && written < 2; i++) {
        int64_t count = ms / units[i].ms;

        ms %= units[i].ms;
        if (count == 0 && written == 0)
            continue;
        buf_printf(out, "%s%lld%s", written == 0 ? "" : " ", (long long)count, units[i].name);
        written++;
    }
}

static void put_number(struct str key, struct json_value value, struct buf *out)
{
    int64_t number;

    if (!json_to_i64(value, &number) || number < 0) {
        buf_append(out, value.raw);
        return;
    }
    if (ends_in(key, STR("_bytes")))
        put_size(out, number);
    else if (ends_in(key, STR("_ms")))
        put_duration(out, number);
    else
        buf_append(out, value.raw);
}

static void put_array(struct str key, struct json_value value, struct buf *out)
{
    struct str rest = value.raw;
    struct json_value item;
    bool is_first = true;

    while (json_array_next(&rest, &item)) {
        if (!is_first)
            buf_append(out, STR(", "));
        is_first = false;
        if (item.kind == JSON_STRING)
            put_string(key, item, out);
        else
            put_safe(out, item.raw);
    }
    if (is_first)
        buf_append_byte(out, '-');
}

void ctl_cell_format(struct str key, struct json_value value, struct buf *out)
{
    switch (value.kind) {
    case JSON_STRING:
        put_string(key, value, out);
        break;
    case JSON_NUMBER:
        put_number(key, value, out);
        break;
    case JSON_TRUE:
        buf_append(out, STR("yes"));
        break;
    case JSON_FALSE:
        buf_append(out, STR("no"));
        break;
    case JSON_ARRAY:
        put_array(key, value, out);
        break;
    case JSON_OBJECT:
        put_safe(out, value.raw);
        break;
    case JSON_NULL:
    case JSON_NONE:
        buf_append_byte(out, '-');
        break;
    }
}

size_t ctl_cell_width(struct str text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return width;
}
