#include "domain/params.h"

/*
 * The text has been validated, so tokens tell themselves apart by their first byte and one walk
 * without a stack is enough: a string is copied whole, white space dropped, a literal replaced,
 * and a bracket that is closed at once is a nought.
 */

/* Length of the string that `text` begins with, quotes included. */
static size_t string_len(struct str text)
{
    size_t at = 1;

    while (text.ptr[at] != '"')
        at += text.ptr[at] == '\\' ? 2 : 1;
    return at + 1;
}

/* Length of the empty object or array that `text` begins with; 0 when it is not empty. */
static size_t empty_len(struct str text)
{
    char close = text.ptr[0] == '{' ? '}' : ']';
    struct str inside = str_trim(str_sub(text, 1, text.len));

    if (inside.ptr[0] != close)
        return 0;
    return (size_t)(inside.ptr - text.ptr) + 1;
}

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

static bool has_blank(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_blank(text.ptr[i]))
            return true;
    return false;
}

struct token {
    size_t len;     /* in the text */
    struct str put; /* what stands for it */
};

static struct token next_token(struct str text)
{
    size_t len;

    switch (text.ptr[0]) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return (struct token){1, STR_EMPTY};
    case 't':
        return (struct token){sizeof "true" - 1, STR("1")};
    case 'f':
        return (struct token){sizeof "false" - 1, STR("0")};
    case 'n':
        return (struct token){sizeof "null" - 1, STR("0")};
    case '{':
    case '[':
        len = empty_len(text);
        return len > 0 ? (struct token){len, STR("0")} : (struct token){1, str_sub(text, 0, 1)};
    case '"':
        len = string_len(text);
        return (struct token){len, str_sub(text, 0, len)};
    default:
        return (struct token){1, str_sub(text, 0, 1)};
    }
}

void params_normalize(struct buf *out, struct json_value params)
{
    struct str rest = params.raw;

    while (rest.len > 0) {
        struct token token = next_token(rest);

        buf_append(out, token.put);
        rest = str_sub(rest, token.len, rest.len);
    }
}

bool params_compact(struct buf *out, struct json_value params)
{
    struct str rest = params.raw;

    if (!has_blank(rest)) /* nearly always */
        return false;
    while (rest.len > 0) {
        size_t len = rest.ptr[0] == '"' ? string_len(rest) : 1;

        if (!is_blank(rest.ptr[0]))
            buf_append(out, str_sub(rest, 0, len));
        rest = str_sub(rest, len, rest.len);
    }
    return true;
}
