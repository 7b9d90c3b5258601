#include "base/hex.h"

int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

static bool is_hex(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (hex_digit(text.ptr[i]) < 0)
            return false;
    return true;
}

bool hex_parse(struct str text, void *out, size_t len)
{
    uint8_t *bytes = out;

    if (text.len != 2 * len || !is_hex(text))
        return false;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(hex_digit(text.ptr[2 * i]) * 16 + hex_digit(text.ptr[2 * i + 1]));
    return true;
}
