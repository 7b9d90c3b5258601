#include "http/html.h"

#include <stdio.h>
#include <string.h>

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_append_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char *entity = entity_of(text.ptr[i]);

        if (entity != NULL)
            buf_append(out, str_of(entity));
        else if ((unsigned char)text.ptr[i] >= ' ')
            buf_append_byte(out, text.ptr[i]);
    }
}

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

void html_append_query(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char encoded[4];

        if (is_unreserved(text.ptr[i])) {
            buf_append_byte(out, text.ptr[i]);
            continue;
        }
        snprintf(encoded, sizeof encoded, "%%%02X", (unsigned char)text.ptr[i]);
        buf_append(out, str_of(encoded));
    }
}
