#include "store/store_check.h"

#include <string.h>

bool store_check_text(const char *text, size_t cap)
{
    return memchr(text, '\0', cap) != NULL;
}

bool store_check_key(const char *text, size_t cap)
{
    return store_check_text(text, cap) && text[0] != '\0';
}

bool store_check_view(struct str text, size_t cap)
{
    return text.len < cap && (text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL);
}

bool store_check_copy(struct str text, char *out, size_t cap)
{
    return store_check_view(text, cap) && str_copy(text, out, cap);
}
