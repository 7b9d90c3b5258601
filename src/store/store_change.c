#include "store/store_change.h"

#include <assert.h>
#include <string.h>

enum {
    VERSION = 1,
    VARINT_MAX = 9, /* bytes: 63 bits */
};

enum part {
    PART_ONLINE = 1,
    PART_OFFLINE = 2,
    PART_MODEL = 4,
    PART_PARAMS = 8,
    PARTS = PART_ONLINE | PART_OFFLINE | PART_MODEL | PART_PARAMS,
};

static unsigned parts_of(const struct store_device_change *change)
{
    return (change->online_ms != 0 ? PART_ONLINE : 0U) |
           (change->offline_ms != 0 ? PART_OFFLINE : 0U) |
           (change->model.len > 0 ? PART_MODEL : 0U) |
           (change->params.ptr != NULL ? PART_PARAMS : 0U);
}

bool store_change_is_empty(const struct store_device_change *change)
{
    return parts_of(change) == 0;
}

void store_change_start(struct buf *out)
{
    buf_append_byte(out, VERSION);
}

static char *put_varint(char *at, int64_t value)
{
    uint64_t rest = (uint64_t)value;

    for (; rest > 0x7f; rest >>= 7)
        *at++ = (char)(0x80 | (rest & 0x7f));
    *at++ = (char)rest;
    return at;
}

static char *put_text(char *at, struct str text)
{
    at = put_varint(at, (int64_t)text.len);
    str_place(&at, text);
    return at;
}

void store_change_append(struct buf *out, int64_t number, const struct store_device_change *change)
{
    unsigned parts = parts_of(change);
    size_t most = 1 + 5 * VARINT_MAX + change->model.len + change->params.len;
    char *at = buf_reserve(out, most);

    assert(number > 0 && parts != 0 && change->online_ms >= 0 && change->offline_ms >= 0);
    assert(change->model.len < STORE_MODEL_CAP && change->params.len <= STORE_PARAMS_MAX);
    at = put_varint(at, number);
    *at++ = (char)parts;
    if (parts & PART_ONLINE)
        at = put_varint(at, change->online_ms);
    if (parts & PART_OFFLINE)
        at = put_varint(at, change->offline_ms);
    if (parts & PART_MODEL)
        at = put_text(at, change->model);
    if (parts & PART_PARAMS)
        at = put_text(at, change->params);
    out->len = (size_t)(at - out->ptr);
}

static bool take_byte(struct str *rest, unsigned *out)
{
    if (rest->len == 0)
        return false;
    *out = (unsigned char)rest->ptr[0];
    *rest = (struct str){rest->ptr + 1, rest->len - 1};
    return true;
}

static bool take_varint(struct str *rest, int64_t *out)
{
    uint64_t value = 0;
    unsigned byte = 0x80;

    for (unsigned i = 0; i < VARINT_MAX && (byte & 0x80) != 0; i++) {
        if (!take_byte(rest, &byte))
            return false;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
    }
    *out = (int64_t)value;
    return (byte & 0x80) == 0;
}

/* A number or a time: 0 is never written. */
static bool take_positive(struct str *rest, int64_t *out)
{
    return take_varint(rest, out) && *out > 0;
}

static bool take_text(struct str *rest, size_t max, struct str *out)
{
    int64_t len;

    if (!take_varint(rest, &len) || (uint64_t)len > max || (uint64_t)len > rest->len)
        return false;
    if (len > 0 && memchr(rest->ptr, '\0', (size_t)len) != NULL)
        return false;
    *out = (struct str){rest->ptr, (size_t)len};
    *rest = (struct str){rest->ptr + len, rest->len - (size_t)len};
    return true;
}

static bool take_parts(struct str *rest, unsigned parts, struct store_device_change *out)
{
    if (parts == 0 || (parts & ~(unsigned)PARTS) != 0)
        return false;
    if ((parts & PART_ONLINE) && !take_positive(rest, &out->online_ms))
        return false;
    if ((parts & PART_OFFLINE) && !take_positive(rest, &out->offline_ms))
        return false;
    if ((parts & PART_MODEL) &&
        (!take_text(rest, STORE_MODEL_CAP - 1, &out->model) || out->model.len == 0))
        return false;
    return !(parts & PART_PARAMS) || take_text(rest, STORE_PARAMS_MAX, &out->params);
}

enum err store_change_open(struct str *rest)
{
    unsigned version;

    return take_byte(rest, &version) && version == VERSION ? ERR_NONE : ERR_INVALID;
}

enum err store_change_next(struct str *rest, int64_t *number, struct store_device_change *out)
{
    struct store_device_change change = {0};
    struct str after = *rest;
    int64_t row;
    unsigned parts;

    if (rest->len == 0)
        return ERR_NOT_FOUND;
    if (!take_positive(&after, &row) || !take_byte(&after, &parts) ||
        !take_parts(&after, parts, &change))
        return ERR_INVALID;
    *rest = after;
    *number = row;
    *out = change;
    return ERR_NONE;
}
