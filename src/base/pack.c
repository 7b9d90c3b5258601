#include "base/pack.h"

enum { INT_BYTES = 8 };

void pack_int(struct buf *out, int64_t number)
{
    char *at = buf_reserve(out, INT_BYTES);

    for (unsigned i = 0; i < INT_BYTES; i++)
        at[i] = (char)((uint64_t)number >> (8 * i));
    out->len += INT_BYTES;
}

void pack_text(struct buf *out, struct str text)
{
    pack_int(out, (int64_t)text.len);
    buf_append(out, text);
}

/* The next `len` bytes; from the first failure on none. */
static struct str take(struct pack_reader *reader, uint64_t len)
{
    struct str taken = STR("");

    if (reader->has_failed || len > reader->rest.len) {
        reader->has_failed = true;
        return taken;
    }
    if (len > 0)
        taken = str_sub(reader->rest, 0, (size_t)len);
    reader->rest = str_sub(reader->rest, (size_t)len, reader->rest.len);
    return taken;
}

int64_t pack_read_int(struct pack_reader *reader)
{
    struct str bytes = take(reader, INT_BYTES);
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.len; i++)
        number |= (uint64_t)(unsigned char)bytes.ptr[i] << (8 * i);
    return (int64_t)number;
}

struct str pack_read_text(struct pack_reader *reader)
{
    return take(reader, (uint64_t)pack_read_int(reader));
}

bool pack_is_whole(const struct pack_reader *reader)
{
    return !reader->has_failed && reader->rest.len == 0;
}
