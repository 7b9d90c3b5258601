#include "base/json.h"

#include "base/hex.h"
#include "base/utf8.h"
#include "base/word.h"

#include <assert.h>
#include <string.h>

/*
 * What is left of the text. Every read is preceded by a comparison with end. The small steps are
 * marked inline because the compiler else leaves them calls, at a third of the speed of the whole.
 */
struct scan {
    const char *at;
    const char *end;
};

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

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline void skip_space(struct scan *scan)
{
    const char *at = scan->at;

    while (at < scan->end && (unsigned char)*at <= ' ' && is_space(*at))
        at++;
    scan->at = at;
}

static inline bool take_byte(struct scan *scan, char byte)
{
    if (scan->at == scan->end || *scan->at != byte)
        return false;
    scan->at++;
    return true;
}

static bool take_word(struct scan *scan, struct str word)
{
    if ((size_t)(scan->end - scan->at) < word.len || memcmp(scan->at, word.ptr, word.len) != 0)
        return false;
    scan->at += word.len;
    return true;
}

static bool take_digits(struct scan *scan)
{
    const char *start = scan->at;

    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
        scan->at++;
    return scan->at > start;
}

static bool take_number(struct scan *scan)
{
    take_byte(scan, '-');
    if (!take_byte(scan, '0') && !take_digits(scan))
        return false;
    if (take_byte(scan, '.') && !take_digits(scan))
        return false;
    if (take_byte(scan, 'e') || take_byte(scan, 'E')) {
        if (!take_byte(scan, '+'))
            take_byte(scan, '-');
        return take_digits(scan);
    }
    return true;
}

/* Four digits as they follow "\u"; -1 when they don't. */
static int32_t take_hex4(struct scan *scan)
{
    int32_t unit = 0;

    if (scan->end - scan->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int value = hex_digit(*scan->at++);

        if (value < 0)
            return -1;
        unit = unit * 16 + value;
    }
    return unit;
}

/* What follows a backslash. */
static bool take_escape(struct scan *scan)
{
    if (take_byte(scan, 'u'))
        return take_hex4(scan) >= 0;
    if (scan->at == scan->end || escapes[(unsigned char)*scan->at] == 0)
        return false;
    scan->at++;
    return true;
}

/*
 * The first quote, backslash or control byte, or `end`; looks at eight bytes at a time. Bytes of 80
 * and more are passed, and noted in *high (which may also note one from behind what is returned).
 */
static inline const char *skip_plain(const char *at, const char *end, uint64_t *high)
{
    while (end - at >= WORD_BYTES) {
        uint64_t word = word_load(at);
        uint64_t stops = word_below(word, 0x20) | word_equal(word, '"') | word_equal(word, '\\');

        *high |= word & WORD_HIGH;
        if (stops != 0)
            return at + word_first(stops);
        at += WORD_BYTES;
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
static inline bool take_string(struct scan *scan, bool *has_escape)
{
    const char *start = scan->at;
    uint64_t high = 0;

    *has_escape = false;
    for (;;) {
        scan->at = skip_plain(scan->at, scan->end, &high);
        if (take_byte(scan, '"'))
            break;
        if (!take_byte(scan, '\\') || !take_escape(scan))
            return false;
        *has_escape = true;
    }
    return high == 0 || utf8_is_valid(start, (size_t)(scan->at - start));
}

/* A member's key, its colon, and the space up to its value. */
static inline bool take_key(struct scan *scan, struct str *key)
{
    bool has_escape;

    if (!take_byte(scan, '"'))
        return false;
    key->ptr = scan->at;
    if (!take_string(scan, &has_escape))
        return false;
    key->len = (size_t)(scan->at - key->ptr) - 1;
    skip_space(scan);
    if (!take_byte(scan, ':'))
        return false;
    skip_space(scan);
    return true;
}

static inline bool take_scalar(struct scan *scan, enum json_kind kind, bool *has_escape)
{
    switch (kind) {
    case JSON_STRING:
        scan->at++;
        return take_string(scan, has_escape);
    case JSON_NUMBER:
        return take_number(scan);
    case JSON_TRUE:
        return take_word(scan, STR("true"));
    case JSON_FALSE:
        return take_word(scan, STR("false"));
    case JSON_NULL:
        return take_word(scan, STR("null"));
    case JSON_NONE:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return false;
}

static enum json_kind kind_at(const struct scan *scan)
{
    return scan->at == scan->end ? JSON_NONE : (enum json_kind)kinds[(unsigned char)*scan->at];
}

static bool is_in_object(const struct nest *nest)
{
    return (nest->objects >> (nest->depth - 1) & 1) != 0;
}

static bool take_close(struct scan *scan, struct nest *nest)
{
    if (!take_byte(scan, is_in_object(nest) ? '}' : ']'))
        return false;
    nest->depth--;
    return true;
}

/* Behind an opening bracket or a comma: steps to the value. */
static bool take_to_value(struct scan *scan, const struct nest *nest)
{
    struct str key;

    skip_space(scan);
    return !is_in_object(nest) || take_key(scan, &key);
}

/* At an opening bracket: steps over an empty container, or to the first value in it. */
static bool take_open(struct scan *scan, struct nest *nest)
{
    uint32_t bit;

    if (nest->depth == JSON_MAX_DEPTH)
        return false;
    bit = UINT32_C(1) << nest->depth++;
    nest->objects = *scan->at++ == '{' ? nest->objects | bit : nest->objects & ~bit;
    skip_space(scan);
    return take_close(scan, nest) || take_to_value(scan, nest);
}

/* An object or array and all that is in it, inside `base` containers that are open already. */
static bool take_container(struct scan *scan, unsigned base)
{
    struct nest nest = {0, base};
    bool has_escape;

    for (;;) {
        enum json_kind kind = kind_at(scan);
        unsigned depth = nest.depth;

        if (kind != JSON_OBJECT && kind != JSON_ARRAY) {
            if (!take_scalar(scan, kind, &has_escape))
                return false;
        } else {
            if (!take_open(scan, &nest))
                return false;
            if (nest.depth > depth)
                continue;
        }
        do {
            if (nest.depth == base)
                return true;
            skip_space(scan);
        } while (take_close(scan, &nest));
        if (!take_byte(scan, ',') || !take_to_value(scan, &nest))
            return false;
    }
}

static inline bool take_value(struct scan *scan, unsigned base, struct json_value *out)
{
    const char *start = scan->at;

    out->kind = kind_at(scan);
    out->has_escape = false;
    if (out->kind == JSON_OBJECT || out->kind == JSON_ARRAY) {
        if (!take_container(scan, base))
            return false;
    } else if (!take_scalar(scan, out->kind, &out->has_escape)) {
        return false;
    }
    out->raw = (struct str){start, (size_t)(scan->at - start)};
    return true;
}

/* An empty view may be NULL, and NULL + 0 is not for C. */
static struct scan scan_of(struct str text)
{
    if (text.len == 0)
        text.ptr = "";
    return (struct scan){text.ptr, text.ptr + text.len};
}

static bool is_at_end(struct scan *scan)
{
    skip_space(scan);
    return scan->at == scan->end;
}

enum err json_scan(struct str text, struct json_value *out)
{
    struct scan scan = scan_of(text);
    struct json_value value;

    skip_space(&scan);
    if (!take_value(&scan, 0, &value) || !is_at_end(&scan))
        return ERR_INVALID;
    *out = value;
    return ERR_NONE;
}

enum err json_scan_object(struct str text, struct json_member *members, size_t cap, size_t *count)
{
    struct scan scan = scan_of(text);
    size_t found = 0;

    skip_space(&scan);
    if (!take_byte(&scan, '{'))
        return ERR_INVALID;
    skip_space(&scan);
    if (!take_byte(&scan, '}')) {
        do {
            if (found == cap)
                return ERR_TOO_LARGE;
            skip_space(&scan);
            if (!take_key(&scan, &members[found].key) ||
                !take_value(&scan, 1, &members[found].value))
                return ERR_INVALID;
            found++;
            skip_space(&scan);
        } while (take_byte(&scan, ','));
        if (!take_byte(&scan, '}'))
            return ERR_INVALID;
    }
    if (!is_at_end(&scan))
        return ERR_INVALID;
    *count = found;
    return ERR_NONE;
}

bool json_array_next(struct str *rest, struct json_value *item)
{
    struct scan scan = scan_of(*rest);
    struct json_value value;

    skip_space(&scan);
    if (!take_byte(&scan, '[') && !take_byte(&scan, ','))
        return false;
    skip_space(&scan);
    if (!take_value(&scan, 1, &value))
        return false;
    *item = value;
    *rest = (struct str){scan.at, (size_t)(scan.end - scan.at)};
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

/* The character of "\uXXXX" or of a surrogate pair, behind the first "\u"; 0 when it is none. */
static uint32_t decode_point(struct scan *scan)
{
    int32_t unit = take_hex4(scan);
    int32_t low;

    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
        return 0;
    if (unit < 0xd800 || unit > 0xdbff)
        return (uint32_t)unit;
    if (!take_word(scan, STR("\\u")))
        return 0;
    low = take_hex4(scan);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    return 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
}

/* Behind a backslash: decodes one escape to out[4]; its length, or 0 when it stands for nothing. */
static size_t decode_escape(struct scan *scan, char *out)
{
    uint32_t point;

    if (!take_byte(scan, 'u')) {
        out[0] = escapes[(unsigned char)*scan->at++];
        return 1;
    }
    point = decode_point(scan);
    return point == 0 ? 0 : encode(point, out);
}

static bool decode(struct str text, char *out, size_t cap)
{
    struct scan scan = scan_of(text);
    size_t len = 0;

    while (scan.at < scan.end) {
        char bytes[4] = {*scan.at++};
        size_t more = bytes[0] == '\\' ? decode_escape(&scan, bytes) : 1;

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
