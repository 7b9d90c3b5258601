#include "http/http_query.h"

#include "base/hex.h"

#include <stdint.h>

enum encoding { ENCODING_FORM, ENCODING_PATH };

/* The byte at *at, decoded; moves *at behind it. False: a bad encoding, or a NUL. */
static bool take_byte(struct str text, size_t *at, enum encoding encoding, char *out)
{
    char byte = text.ptr[(*at)++];
    uint8_t decoded;

    if (byte == '+' && encoding == ENCODING_FORM)
        byte = ' ';
    if (byte == '%') {
        if (!hex_parse(str_sub(text, *at, 2), &decoded, 1))
            return false;
        byte = (char)decoded;
        *at += 2;
    }
    *out = byte;
    return byte != '\0';
}

/* Decodes to *room, which moves behind what was put there. */
static bool decode(struct str text, enum encoding encoding, char **room, struct str *out)
{
    char *start = *room;
    char *to = start;

    for (size_t at = 0; at < text.len;)
        if (!take_byte(text, &at, encoding, to++))
            return false;
    *out = (struct str){start, (size_t)(to - start)};
    *room = to;
    return true;
}

enum err http_query_parse(struct str text, char *room, struct http_query *out)
{
    struct str item;

    out->count = 0;
    while (str_split(&text, '&', &item)) {
        struct http_query_pair *pair = &out->pairs[out->count];
        struct str name;

        if (item.len == 0)
            continue;
        if (out->count == HTTP_QUERY_MAX)
            return ERR_TOO_LARGE;
        (void)str_split(&item, '=', &name); /* what is left of it is the value */
        if (!decode(name, ENCODING_FORM, &room, &pair->name) ||
            !decode(item, ENCODING_FORM, &room, &pair->value))
            return ERR_INVALID;
        out->count++;
    }
    return ERR_NONE;
}

struct str http_query_find(const struct http_query *query, struct str name)
{
    for (size_t i = 0; i < query->count; i++)
        if (str_eq(query->pairs[i].name, name))
            return query->pairs[i].value;
    return STR_EMPTY;
}

enum err http_query_decode_path(struct str text, char *room, struct str *out)
{
    return decode(text, ENCODING_PATH, &room, out) ? ERR_NONE : ERR_INVALID;
}
