#include "base/utf8.h"
#include "ws/ws_message.h"

#include "fuzz.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGE = 256 };

/* All events of the bytes, as text: kind, code, length and payload of each. */
static void note(struct buf *story, const struct ws_event *event)
{
    buf_printf(story, "%d %u %zu ", (int)event->kind, event->code, event->len);
    buf_append(story, (struct str){event->data, event->len});
}

static void check(const struct ws_event *event)
{
    if (event->kind == WS_EVENT_TEXT)
        assert(event->len <= MAX_MESSAGE && utf8_is_valid(event->data, event->len));
    if (event->kind == WS_EVENT_PING || event->kind == WS_EVENT_PONG)
        assert(event->len <= WS_CONTROL_MAX);
    if (event->kind == WS_EVENT_BAD)
        assert(ws_frame_is_close_code(event->code) && event->taken == 0);
    else if (event->kind != WS_EVENT_MORE)
        assert(event->taken >= 2);
}

/* Hands the bytes in as a connection would, in pieces whose sizes `seed` makes. */
static void run(struct str bytes, bool from_client, uint32_t seed, struct buf *story)
{
    char *data = malloc(bytes.len + 1);
    struct ws_message message;
    struct ws_event event = {.kind = WS_EVENT_MORE};
    size_t from = 0;
    size_t to = 0;

    memcpy(data, bytes.ptr, bytes.len);
    ws_message_init(&message, from_client, MAX_MESSAGE);
    while (to < bytes.len && event.kind != WS_EVENT_BAD) {
        size_t step = seed == 0 ? bytes.len : 1 + (seed = seed * 1664525 + 1013904223) % 7;

        to = step < bytes.len - to ? to + step : bytes.len;
        do {
            ws_message_next(&message, data + from, to - from, &event);
            check(&event);
            assert(event.taken <= to - from);
            from += event.taken;
            if (event.kind != WS_EVENT_MORE)
                note(story, &event);
        } while (event.kind != WS_EVENT_MORE && event.kind != WS_EVENT_BAD);
    }
    ws_message_fini(&message);
    free(data);
}

/* The first byte chooses the role and how to split the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF_EMPTY;
    struct buf split = BUF_EMPTY;
    struct str bytes;

    if (size == 0)
        return 0;
    bytes = (struct str){(const char *)data + 1, size - 1};
    run(bytes, (data[0] & 1) != 0, 0, &whole);
    run(bytes, (data[0] & 1) != 0, data[0] | 1U, &split);
    assert(str_eq(buf_str(&whole), buf_str(&split)));
    buf_free(&whole);
    buf_free(&split);
    return 0;
}
