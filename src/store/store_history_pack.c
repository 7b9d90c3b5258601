#include "store/store_history_pack.h"

#include <assert.h>
#include <stdint.h>

enum { LENGTH_BYTES = 2 };

size_t store_history_begin(struct buf *out)
{
    buf_append_byte(out, 0);
    buf_append_byte(out, 0);
    return out->len;
}

void store_history_end(struct buf *out, size_t begin)
{
    size_t len = out->len - begin;

    assert(len <= STORE_HISTORY_ENTRY_MAX);
    out->ptr[begin - 2] = (char)(len & 0xff);
    out->ptr[begin - 1] = (char)(len >> 8);
}

bool store_history_next(struct str *rest, struct str *entry)
{
    size_t len;

    if (rest->len < LENGTH_BYTES)
        return false;
    len = (size_t)(uint8_t)rest->ptr[0] | (size_t)(uint8_t)rest->ptr[1] << 8;
    if (len > rest->len - LENGTH_BYTES)
        return false;
    *entry = (struct str){rest->ptr + LENGTH_BYTES, len};
    *rest = (struct str){rest->ptr + LENGTH_BYTES + len, rest->len - LENGTH_BYTES - len};
    return true;
}

size_t store_history_count(struct str entries)
{
    struct str entry;
    size_t count = 0;

    while (store_history_next(&entries, &entry))
        count++;
    return count;
}

struct str store_history_newest(struct str entries, size_t keep)
{
    size_t count = store_history_count(entries);
    struct str entry;

    while (count > keep && store_history_next(&entries, &entry))
        count--;
    return entries;
}
