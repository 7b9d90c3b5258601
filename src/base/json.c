#include "base/json.h"

#include "base/chunk.h"
#include "base/hex.h"
#include "base/utf8.h"

#include <assert.h>
#include <string.h>

/*
 * Each step takes where it stands and where the text ends, and returns where it has come to; NULL
 * when what it is to take is not there. Every read is preceded by a comparison with the end. The
 * two pointers go by value because they then stay in registers, and the small steps are inlined:
 * together that halves the cost of a message.
 */
/* The containers around the current value: bit n tells whether level n is an object. */
struct nest {
    uint32_t objects;
    unsigned depth;
};

static_assert(JSON_MAX_DEPTH <= 32, "one bit of nest.objects a level");

/* The kind of value that starts with a byte; JSON_NONE for bytes that start none. */
static const uint8_t kinds[256] = {
    ['{'] = JSON_OBJECT, ['['] = JSON_ARRAY,  ['"'] = JSON_STRING, ['t'] = JSON_TRUE,
    ['f'] = JSON_FALSE,  ['n'] = JSON_NULL,   ['-'] = JSON_NUMBER, ['0'] = JSON_NUMBER,
    ['1'] = JSON_NUMBER, ['2'] = JSON_NUMBER, ['3'] = JSON_NUMBER, ['4'] = JSON_NUMBER,
    ['5'] = JSON_NUMBER, ['6'] = JSON_NUMBER, ['7'] = JSON_NUMBER, ['8'] = JSON_NUMBER,
    ['9'] = JSON_NUMBER,
};

/* What each short escape stands for; 0 for bytes that make none. */
static const char escapes[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

static ALWAYS_INLINE bool is_byte(const char *at, const char *end, char byte)
{
    return at < end && *at == byte;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static ALWAYS_INLINE const char *skip_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' && is_space(*at))
        at++;
    return at;
}

static const char *take_word(const char *at, const char *end, struct str word)
{
    if ((size_t)(end - at) < word.len || memcmp(at, word.ptr, word.len) != 0)
        return NULL;
    return at + word.len;
}

static const char *take_digits(const char *at, const char *end)
{
    const char *start = at;

    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at > start ? at : NULL;
}

static const char *take_exponent(const char *at, const char *end)
{
    if (is_byte(at, end, '+') || is_byte(at, end, '-'))
        at++;
    return take_digits(at, end);
}

static const char *take_number(const char *at, const char *end)
{
    if (is_byte(at, end, '-'))
        at++;
    at = is_byte(at, end, '0') ? at + 1 : take_digits(at, end);
    if (at != NULL && is_byte(at, end, '.'))
        at = take_digits(at + 1, end);
    if (at != NULL && (is_byte(at, end, 'e') || is_byte(at, end, 'E')))
        at = take_exponent(at + 1, end);
    return at;
}

/* Four digits as they follow "\u". */
static const char *take_hex4(const char *at, const char *end)
{
    if (end - at < 4)
        return NULL;
    for (int i = 0; i < 4; i++)
        if (hex_digit(at[i]) < 0)
            return NULL;
    return at + 4;
}

/* What follows a backslash. */
static const char *take_escape(const char *at, const char *end)
{
    if (is_byte(at, end, 'u'))
        return take_hex4(at + 1, end);
    return at < end && escapes[(unsigned char)*at] != 0 ? at + 1 : NULL;
}

/*
 * The first quote, backslash or control byte, or `end`. Bytes of 80 and more are passed, and noted
 * in *high (which may also note one from behind what is returned).
 */
static ALWAYS_INLINE const char *skip_plain(const char *at, const char *end, uint64_t *high)
{
    for (; end - at >= CHUNK_BYTES; at += CHUNK_BYTES) {
        struct chunk_marks marks = chunk_mark(at);

        *high |= marks.high;
        if (marks.stops != 0)
            return at + chunk_first(marks.stops);
    }
    for (; at < end; at++) {
        unsigned char byte = (unsigned char)*at;

        if (byte < 0x20 || byte == '"' || byte == '\\')
            break;
        *high |= byte & 0x80;
    }
    return at;
}

/* What follows the opening quote, with the closing one. */
static ALWAYS_INLINE const char *take_string(const char *at, const char *end, bool *has_escape)
{
    const char *start = at;
    uint64_t high = 0;

    *has_escape = false;
    at = skip_plain(at, end, &high);
    while (is_byte(at, end, '\\')) {
        *has_escape = true;
        at = take_escape(at + 1, end);
        if (at == NULL)
            return NULL;
        at = skip_plain(at, end, &high);
    }
    if (!is_byte(at, end, '"') || (high != 0 && !utf8_is_valid(start, (size_t)(at - start))))
        return NULL;
    return at + 1;
}

/* A member's key, its colon, and the space up to its value. */
static ALWAYS_INLINE const char *take_key(const char *at, const char *end, struct str *key)
{
    bool has_escape;

    if (!is_byte(at, end, '"'))
        return NULL;
    key->ptr = ++at;
    at = take_string(at, end, &has_escape);
    if (at == NULL)
        return NULL;
    key->len = (size_t)(at - key->ptr) - 1;
    at = skip_space(at, end);
    return is_byte(at, end, ':') ? skip_space(at + 1, end) : NULL;
}

static ALWAYS_INLINE const char *take_scalar(const char *at, const char *end,
                                             struct json_value *out)
{
    switch (out->kind) {
    case JSON_STRING:
        return take_string(at + 1, end, &out->has_escape);
    case JSON_NUMBER:
        return take_number(at, end);
    case JSON_TRUE:
        return take_word(at, end, STR("true"));
    case JSON_FALSE:
        return take_word(at, end, STR("false"));
    case JSON_NULL:
        return take_word(at, end, STR("null"));
    case JSON_NONE:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return NULL;
}

static enum json_kind kind_at(const char *at, const char *end)
{
    return at == end ? JSON_NONE : (enum json_kind)kinds[(unsigned char)*at];
}

static bool is_in_object(const struct nest *nest)
{
    return (nest->objects >> (nest->depth - 1) & 1) != 0;
}

static bool is_close(const char *at, const char *end, const struct nest *nest)
{
    return is_byte(at, end, is_in_object(nest) ? '}' : ']');
}

/* Behind an opening bracket or a comma: steps to the value. */
static const char *take_to_value(const char *at, const char *end, const struct nest *nest)
{
    struct str key;

    at = skip_space(at, end);
    return is_in_object(nest) ? take_key(at, end, &key) : at;
}

/* At an opening bracket: steps over an empty container, or to the first value in it. */
static const char *take_open(const char *at, const char *end, struct nest *nest)
{
    uint32_t bit;

    if (nest->depth == JSON_MAX_DEPTH)
        return NULL;
    bit = UINT32_C(1) << nest->depth++;
    nest->objects = *at == '{' ? nest->objects | bit : nest->objects & ~bit;
    at = skip_space(at + 1, end);
    if (!is_close(at, end, nest))
        return take_to_value(at, end, nest);
    nest->depth--;
    return at + 1;
}

/* Behind a value: steps over what closes, and over a comma to the next value of what stays open. */
static const char *take_behind(const char *at, const char *end, struct nest *nest, unsigned base)
{
    while (nest->depth > base) {
        at = skip_space(at, end);
        if (!is_close(at, end, nest))
            return is_byte(at, end, ',') ? take_to_value(at + 1, end, nest) : NULL;
        nest->depth--;
        at++;
    }
    return at;
}

/* An object or array and all that is in it, inside `base` containers that are open already. */
static const char *take_container(const char *at, const char *end, unsigned base)
{
    struct nest nest = {0, base};

    do {
        struct json_value value = {.kind = kind_at(at, end)};
        unsigned depth = nest.depth;

        if (value.kind == JSON_OBJECT || value.kind == JSON_ARRAY)
            at = take_open(at, end, &nest);
        else
            at = take_scalar(at, end, &value);
        if (at != NULL && nest.depth <= depth)
            at = take_behind(at, end, &nest, base);
    } while (at != NULL && nest.depth > base);
    return at;
}

static ALWAYS_INLINE const char *take_value(const char *at, const char *end, unsigned base,
                                            struct json_value *out)
{
    struct json_value value = {.kind = kind_at(at, end), .raw.ptr = at};

    if (value.kind == JSON_OBJECT || value.kind == JSON_ARRAY)
        at = take_container(at, end, base);
    else
        at = take_scalar(at, end, &value);
    if (at == NULL)
        return NULL;
    value.raw.len = (size_t)(at - value.raw.ptr);
    *out = value;
    return at;
}

/* An empty view may be NULL, and NULL + 0 is not for C. */
static const char *start_of(struct str text)
{
    return text.len == 0 ? "" : text.ptr;
}

enum err json_scan(struct str text, struct json_value *out)
{
    const char *at = start_of(text);
    const char *end = at + text.len;
    struct json_value value;

    at = take_value(skip_space(at, end), end, 0, &value);
    if (at == NULL || skip_space(at, end) != end)
        return ERR_INVALID;
    *out = value;
    return ERR_NONE;
}

/* The members of an object that is not empty, up to and with its closing brace. */
static enum err take_members(const char **from, const char *end, struct json_member *members,
                             size_t cap, size_t *count)
{
    const char *at = *from;
    size_t found = 0;

    do {
        if (found == cap)
            return ERR_TOO_LARGE;
        at = take_key(skip_space(at, end), end, &members[found].key);
        if (at == NULL)
            return ERR_INVALID;
        at = take_value(at, end, 1, &members[found].value);
        if (at == NULL)
            return ERR_INVALID;
        found++;
        at = skip_space(at, end);
    } while (is_byte(at++, end, ','));
    *from = at;
    *count = found;
    return is_byte(at - 1, end, '}') ? ERR_NONE : ERR_INVALID;
}

enum err json_scan_object(struct str text, struct json_member *members, size_t cap, size_t *count)
{
    const char *at = start_of(text);
    const char *end = at + text.len;
    size_t found = 0;
    enum err err = ERR_NONE;

    at = skip_space(at, end);
    if (!is_byte(at, end, '{'))
        return ERR_INVALID;
    at = skip_space(at + 1, end);
    if (is_byte(at, end, '}'))
        at++;
    else
        err = take_members(&at, end, members, cap, &found);
    if (err == ERR_NONE && skip_space(at, end) != end)
        err = ERR_INVALID;
    if (err == ERR_NONE)
        *count = found;
    return err;
}

bool json_array_next(struct str *rest, struct json_value *item)
{
    const char *at = start_of(*rest);
    const char *end = at + rest->len;

    at = skip_space(at, end);
    if (!is_byte(at, end, '[') && !is_byte(at, end, ','))
        return false;
    at = take_value(skip_space(at + 1, end), end, 1, item);
    if (at == NULL)
        return false;
    *rest = (struct str){at, (size_t)(end - at)};
    return true;
}

struct json_value json_find(const struct json_member *members, size_t count, struct str key)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(members[i].key, key))
            return members[i].value;
    }
    return (struct json_value){JSON_NONE, false, STR_EMPTY};
}

bool json_to_view(struct json_value value, struct str *out)
{
    if (value.kind != JSON_STRING || value.has_escape)
        return false;
    *out = str_sub(value.raw, 1, value.raw.len - 2);
    return true;
}

/* UTF-8 of a scalar value to out[4]; its length. */
static size_t encode(uint32_t point, char *out)
{
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = len; i-- > 1; point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3f));
    out[0] = (char)(leads[len] | point);
    return len;
}

/* Four digits that a scan has seen. */
static uint32_t decode_hex4(const char *at)
{
    uint32_t unit = 0;

    for (int i = 0; i < 4; i++)
        unit = unit * 16 + (uint32_t)hex_digit(at[i]);
    return unit;
}

/* The character of "\uXXXX" or of a surrogate pair, behind the first "\u"; 0 when it is none. */
static uint32_t decode_point(const char **from, const char *end)
{
    const char *at = *from + 4;
    uint32_t unit = decode_hex4(*from);
    uint32_t low;

    *from = at;
    if (unit < 0xd800 || unit > 0xdfff)
        return unit;
    at = take_word(at, end, STR("\\u"));
    if (unit > 0xdbff || at == NULL)
        return 0;
    low = decode_hex4(at);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *from = at + 4;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

/* Behind a backslash: decodes one escape to out[4]; its length, or 0 when it stands for nothing. */
static size_t decode_escape(const char **at, const char *end, char *out)
{
    uint32_t point;

    if (**at != 'u') {
        out[0] = escapes[(unsigned char)*(*at)++];
        return 1;
    }
    ++*at;
    point = decode_point(at, end);
    return point == 0 ? 0 : encode(point, out);
}

/* The content of a string that a scan has accepted. */
static bool decode(struct str text, char *out, size_t cap)
{
    const char *at = text.ptr;
    const char *end = at + text.len;
    size_t len = 0;

    while (at < end) {
        char bytes[4] = {*at++};
        size_t more = bytes[0] == '\\' ? decode_escape(&at, end, bytes) : 1;

        if (more == 0 || more >= cap - len)
            return false;
        memcpy(out + len, bytes, more);
        len += more;
    }
    out[len] = '\0';
    return true;
}

bool json_to_text(struct json_value value, char *out, size_t cap)
{
    assert(cap > 0);
    if (value.kind == JSON_STRING && decode(str_sub(value.raw, 1, value.raw.len - 2), out, cap))
        return true;
    out[0] = '\0';
    return false;
}

bool json_to_i64(struct json_value value, int64_t *out)
{
    struct str digits = value.raw;
    bool is_negative = str_starts(digits, STR("-"));
    uint64_t size;

    if (value.kind != JSON_NUMBER)
        return false;
    if (!str_to_u64(str_sub(digits, is_negative, digits.len), &size))
        return false;
    if (size > (uint64_t)INT64_MAX + is_negative)
        return false;
    *out = (int64_t)(is_negative ? 0 - size : size);
    return true;
}
