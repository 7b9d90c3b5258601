/* Any query: views stay in their room, decoding never lengthens, and encoding it again gives the
 * same pairs. */
#include "http/http_query.h"

#include "base/alloc.h"
#include "base/buf.h"

#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>

static void check_within(struct str view, const char *room, size_t len)
{
    assert(view.ptr >= room && view.ptr + view.len <= room + len);
    assert(str_find(view, '\0') == view.len);
}

static void encode(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.ptr[i]);
}

static void check_round_trip(const struct http_query *query)
{
    struct buf text = BUF_EMPTY;
    struct http_query again;
    char *room;

    for (size_t i = 0; i < query->count; i++) {
        encode(&text, query->pairs[i].name);
        buf_append_byte(&text, '=');
        encode(&text, query->pairs[i].value);
        buf_append_byte(&text, '&');
    }
    room = alloc_zero(text.len + 1);
    assert(http_query_parse(buf_str(&text), room, &again) == ERR_NONE);
    assert(again.count == query->count);
    for (size_t i = 0; i < query->count; i++) {
        assert(str_eq(again.pairs[i].name, query->pairs[i].name));
        assert(str_eq(again.pairs[i].value, query->pairs[i].value));
    }
    free(room);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    char *room = alloc_zero(size + 1);
    struct http_query query;
    struct str segment;

    if (http_query_parse(text, room, &query) == ERR_NONE) {
        assert(query.count <= HTTP_QUERY_MAX);
        for (size_t i = 0; i < query.count; i++) {
            check_within(query.pairs[i].name, room, size);
            check_within(query.pairs[i].value, room, size);
        }
        check_round_trip(&query);
    }
    if (http_query_decode_path(text, room, &segment) == ERR_NONE)
        check_within(segment, room, size);
    free(room);
    return 0;
}
