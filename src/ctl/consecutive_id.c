#include "ctl/consecutive_id.h"

#include "base/hex.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 16 };

static bool parse(const char *text, uint64_t *out)
{
    uint64_t number = 0;
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (hex_digit(text[i]) < 0)
            return false;
        number = number << 4 | (uint64_t)hex_digit(text[i]);
    }
    *out = number;
    return len > 0 && len <= DIGITS_MAX;
}

void consecutive_id(const char *first, uint64_t index, char out[CONSECUTIVE_ID_CAP])
{
    uint64_t number;

    if (index == 0 || !parse(first, &number))
        snprintf(out, CONSECUTIVE_ID_CAP, "%s", first);
    else
        snprintf(out, CONSECUTIVE_ID_CAP, "%0*llx", (int)strlen(first),
                 (unsigned long long)(number + index));
}
