#include "http/http_query.h"

#include "http/http_hex.h"

/* Takes the next character of *text, which is not empty; false when it is wrongly encoded. */
static bool next_char(struct str *text, char *out)
{
    size_t taken = 1;

    *out = text->ptr[0];
    if (*out == '+')
        *out = ' ';
    if (*out == '%') {
        int high = text->len > 2 ? http_hex_value(text->ptr[1]) : -1;
        int low = text->len > 2 ? http_hex_value(text->ptr[2]) : -1;

        if (high < 0 || low < 0)
            return false;
        *out = (char)(unsigned char)(high << 4 | low);
        taken = 3;
    }
    *text = str_sub(*text, taken, text->len);
    return true;
}

static bool is_named(struct str encoded, struct str name)
{
    size_t i = 0;
    char got;

    while (encoded.len > 0) {
        if (!next_char(&encoded, &got) || i == name.len || got != name.ptr[i++])
            return false;
    }
    return i == name.len;
}

static bool decode(struct str encoded, char *out, size_t cap)
{
    size_t len = 0;

    while (encoded.len > 0) {
        if (len + 1 >= cap || !next_char(&encoded, &out[len]) || out[len] == '\0') {
            out[0] = '\0';
            return false;
        }
        len++;
    }
    out[len] = '\0';
    return true;
}

bool http_query_find(struct str query, struct str name, char *out, size_t cap)
{
    struct str rest = query;
    struct str pair;

    while (str_split(&rest, '&', &pair)) {
        size_t equals = str_find(pair, '=');

        if (is_named(str_sub(pair, 0, equals), name))
            return decode(str_sub(pair, equals + 1, pair.len), out, cap);
    }
    out[0] = '\0';
    return false;
}
