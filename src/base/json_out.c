#include "base/json_out.h"

#include "base/utf8.h"
#include "base/word.h"

#include <stddef.h>
#include <string.h>

struct json_out json_out_to(struct buf *buf)
{
    return (struct json_out){buf, false};
}

/* What stands before a value: a comma where one is due, and the key. */
static void begin(struct json_out *out, struct str key)
{
    char *start = buf_reserve(out->buf, key.len + sizeof ",\"\":");
    char *at = start;

    if (out->comma)
        *at++ = ',';
    out->comma = true;
    if (key.ptr != NULL) {
        *at++ = '"';
        memcpy(at, key.ptr, key.len);
        at += key.len;
        *at++ = '"';
        *at++ = ':';
    }
    out->buf->len += (size_t)(at - start);
}

static void open_with(struct json_out *out, const char *key, char bracket)
{
    begin(out, str_of(key));
    buf_append_byte(out->buf, bracket);
    out->comma = false;
}

static void close_with(struct json_out *out, char bracket)
{
    buf_append_byte(out->buf, bracket);
    out->comma = true;
}

void json_out_object(struct json_out *out, const char *key)
{
    open_with(out, key, '{');
}

void json_out_array(struct json_out *out, const char *key)
{
    open_with(out, key, '[');
}

void json_out_end_object(struct json_out *out)
{
    close_with(out, '}');
}

void json_out_end_array(struct json_out *out)
{
    close_with(out, ']');
}

/* Where the first byte at or behind `at` stands that is not plain ASCII, or the text's end. */
static size_t skip_plain(struct str text, size_t at)
{
    for (; text.len - at >= WORD_BYTES; at += WORD_BYTES) {
        uint64_t word = word_load(text.ptr + at);
        uint64_t stops = (word & WORD_HIGH) | word_below(word, 0x20) | word_equal(word, '"') |
                         word_equal(word, '\\');

        if (stops != 0)
            return at + word_first(stops);
    }
    while (at < text.len && (unsigned char)text.ptr[at] >= 0x20 &&
           (unsigned char)text.ptr[at] < 0x80 && text.ptr[at] != '"' && text.ptr[at] != '\\')
        at++;
    return at;
}

/* A quote, a backslash or a control byte. */
static void put_escape(struct buf *buf, unsigned char byte)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
        ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\',
    };

    if (letters[byte] != 0) {
        buf_append_byte(buf, '\\');
        buf_append_byte(buf, letters[byte]);
    } else {
        buf_printf(buf, "\\u%04x", byte);
    }
}

/* One character of two bytes or more, or its replacement; returns how many bytes that was. */
static size_t put_wide(struct buf *buf, struct str text)
{
    bool is_valid;
    size_t len = utf8_char(text.ptr, text.len, &is_valid);

    buf_append(buf, is_valid ? str_sub(text, 0, len) : STR("\xef\xbf\xbd"));
    return len;
}

static void put_text(struct buf *buf, struct str text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t from = at;

        at = skip_plain(text, at);
        buf_append(buf, str_sub(text, from, at - from));
        if (at == text.len)
            break;
        if ((unsigned char)text.ptr[at] < 0x80)
            put_escape(buf, (unsigned char)text.ptr[at++]);
        else
            at += put_wide(buf, str_sub(text, at, text.len));
    }
}

void json_out_str(struct json_out *out, const char *key, struct str value)
{
    begin(out, str_of(key));
    buf_append_byte(out->buf, '"');
    put_text(out->buf, value);
    buf_append_byte(out->buf, '"');
}

void json_out_int(struct json_out *out, const char *key, int64_t value)
{
    begin(out, str_of(key));
    buf_append_int(out->buf, value);
}

void json_out_bool(struct json_out *out, const char *key, bool value)
{
    begin(out, str_of(key));
    buf_append(out->buf, value ? STR("true") : STR("false"));
}

void json_out_null(struct json_out *out, const char *key)
{
    begin(out, str_of(key));
    buf_append(out->buf, STR("null"));
}

void json_out_raw(struct json_out *out, const char *key, struct str json)
{
    begin(out, str_of(key));
    buf_append(out->buf, json);
}
