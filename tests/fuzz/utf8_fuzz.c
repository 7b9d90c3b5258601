/* utf8: fed whole, byte by byte or in two parts, the answer is that of a plain decoder. */
#include "base/utf8.h"

#include "fuzz.h"

#include <assert.h>

/* The length of the character at the front by the table of RFC 3629 section 3; 0 for none. */
static size_t char_len(const uint8_t *at, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : 4;
    uint32_t point = at[0];

    if (len == 1)
        return 1;
    if (len > left || (len == 4 && at[0] >> 3 != 30))
        return 0;
    point &= 0x7fU >> len;
    for (size_t i = 1; i < len; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        point = point << 6 | (at[i] & 0x3f);
    }
    if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    return len;
}

static bool decodes(const uint8_t *data, size_t size)
{
    while (size > 0) {
        size_t len = char_len(data, size);

        if (len == 0)
            return false;
        data += len;
        size -= len;
    }
    return true;
}

static bool is_valid_in_parts(const char *text, size_t size, size_t part)
{
    uint8_t state = UTF8_DONE;

    while (size > 0) {
        size_t len = part < size ? part : size;

        if (!utf8_feed(&state, text, len))
            return false;
        text += len;
        size -= len;
    }
    return state == UTF8_DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const bool is_valid = decodes(data, size);

    assert(utf8_is_valid(text, size) == is_valid);
    assert(is_valid_in_parts(text, size, 1) == is_valid);
    assert(is_valid_in_parts(text, size, size / 2 + 1) == is_valid);
    return 0;
}
