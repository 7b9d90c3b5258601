#include "base/str.h"

#include <string.h>
#include <strings.h>

struct str str_of(const char *text)
{
    return text == NULL ? STR_EMPTY : (struct str){text, strlen(text)};
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct str str_trim(struct str str)
{
    while (str.len > 0 && is_space(str.ptr[0])) {
        str.ptr++;
        str.len--;
    }
    while (str.len > 0 && is_space(str.ptr[str.len - 1]))
        str.len--;
    return str;
}

bool str_eq_nocase(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_starts(struct str str, struct str prefix)
{
    return str.len >= prefix.len && str_eq(str_sub(str, 0, prefix.len), prefix);
}

int str_cmp(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

size_t str_find(struct str str, char byte)
{
    const char *at = str.len == 0 ? NULL : memchr(str.ptr, byte, str.len);

    return at == NULL ? str.len : (size_t)(at - str.ptr);
}

bool str_split(struct str *rest, char byte, struct str *head)
{
    size_t at = str_find(*rest, byte);

    if (rest->len == 0)
        return false;
    *head = str_sub(*rest, 0, at);
    *rest = at == rest->len ? STR_EMPTY : str_sub(*rest, at + 1, rest->len);
    return true;
}

bool str_to_u64(struct str str, uint64_t *out)
{
    uint64_t value = 0;

    if (str.len == 0)
        return false;
    for (size_t i = 0; i < str.len; i++) {
        unsigned digit = (unsigned)(unsigned char)str.ptr[i] - '0';

        if (digit > 9 || __builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

struct str str_from_u64(uint64_t number, char out[STR_U64_CAP])
{
    size_t at = STR_U64_CAP;

    do {
        out[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct str){out + at, STR_U64_CAP - at};
}

bool str_copy(struct str str, char *out, size_t cap)
{
    if (str.len >= cap) {
        out[0] = '\0';
        return false;
    }
    if (str.len > 0)
        memcpy(out, str.ptr, str.len);
    out[str.len] = '\0';
    return true;
}

struct str str_place(char **at, struct str str)
{
    struct str copy = {*at, str.len};

    if (str.len > 0)
        memcpy(*at, str.ptr, str.len);
    *at += str.len;
    return copy;
}
