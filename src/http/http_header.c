#include "http/http_header.h"

/* Sets of ASCII characters, one bit each. */
static bool is_in(const uint32_t set[4], unsigned char byte)
{
    return byte < 128 && (set[byte / 32] >> (byte % 32) & 1) != 0;
}

/* Letters, digits and !#$%&'*+-.^_`|~ */
static const uint32_t token_set[4] = {0, 0x03FF6CFA, 0xC7FFFFFE, 0x57FFFFFF};

bool http_header_is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_in(token_set, (unsigned char)text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

/* Visible characters, spaces, tabs and bytes above ASCII (obs-text). */
static bool is_value(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        if ((byte < ' ' && byte != '\t') || byte == 0x7F)
            return false;
    }
    return true;
}

bool http_header_parse(struct str line, struct http_header *out)
{
    size_t colon = str_find(line, ':');
    struct str name = str_sub(line, 0, colon);
    struct str value;

    if (colon == line.len || !http_header_is_token(name))
        return false;
    value = str_sub(line, colon + 1, line.len);
    if (!is_value(value))
        return false;
    out->name = name;
    out->value = str_trim(value);
    return true;
}

bool http_header_has_item(struct str value, struct str item)
{
    struct str rest = value;
    struct str head;

    while (str_split(&rest, ',', &head)) {
        if (str_eq_nocase(str_trim(head), item))
            return true;
    }
    return false;
}
