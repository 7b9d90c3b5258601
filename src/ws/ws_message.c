#include "ws/ws_message.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>

void ws_message_init(struct ws_message *message, bool from_client, size_t max_bytes)
{
    assert(max_bytes <= UINT32_MAX);
    *message = (struct ws_message){.max_bytes = (uint32_t)max_bytes, .from_client = from_client};
}

void ws_message_fini(struct ws_message *message)
{
    if (message->parts != NULL)
        buf_free(message->parts);
    free(message->parts);
    message->parts = NULL;
}

void ws_message_release(struct ws_message *message)
{
    if (!message->is_done)
        return;
    ws_message_fini(message);
    message->is_done = false;
}

static size_t parts_len(const struct ws_message *message)
{
    return message->parts == NULL ? 0 : message->parts->len;
}

static bool is_control(enum ws_opcode opcode)
{
    return opcode == WS_CLOSE || opcode == WS_PING || opcode == WS_PONG;
}

/* The code that a frame's header alone deserves, or 0. */
static unsigned check_header(const struct ws_message *message, const struct ws_frame *frame)
{
    if (frame->rsv != 0 || frame->masked != message->from_client)
        return WS_CODE_PROTOCOL;
    if (is_control(frame->opcode))
        return frame->fin && frame->payload_bytes <= WS_CONTROL_MAX ? 0 : WS_CODE_PROTOCOL;
    if (frame->opcode > WS_BINARY || (frame->opcode == WS_CONTINUATION) != message->is_open)
        return WS_CODE_PROTOCOL;
    if (frame->opcode == WS_BINARY)
        return WS_CODE_UNSUPPORTED;
    if (frame->payload_bytes > message->max_bytes - parts_len(message))
        return WS_CODE_TOO_BIG;
    return 0;
}

static unsigned check_close(struct str payload, unsigned *code)
{
    *code = WS_CODE_NONE;
    if (payload.len == 0)
        return 0;
    if (payload.len == 1)
        return WS_CODE_PROTOCOL;
    *code = (unsigned)(unsigned char)payload.ptr[0] << 8 | (unsigned char)payload.ptr[1];
    if (!ws_frame_is_close_code(*code))
        return WS_CODE_PROTOCOL;
    return utf8_is_valid(payload.ptr + 2, payload.len - 2) ? 0 : WS_CODE_INVALID;
}

static void fail(struct ws_event *out, unsigned code)
{
    *out = (struct ws_event){.kind = WS_EVENT_BAD, .code = code};
}

/* A control frame is opened once it is whole: it is short. */
static void take_control(const struct ws_frame *frame, char *payload, size_t have,
                         struct ws_event *out)
{
    size_t len = (size_t)frame->payload_bytes;
    unsigned bad = 0;

    if (have < len)
        return;
    ws_frame_mask(payload, len, frame->mask, 0);
    out->data = payload;
    out->len = len;
    out->taken = frame->header_bytes + len;
    out->kind = frame->opcode == WS_PING ? WS_EVENT_PING : WS_EVENT_PONG;
    if (frame->opcode == WS_CLOSE) {
        out->kind = WS_EVENT_CLOSE;
        bad = check_close((struct str){payload, len}, &out->code);
    }
    if (bad != 0)
        fail(out, bad);
}

/* Unmasks and checks what has come of the frame's payload; false when it is not UTF-8. */
static bool open_payload(struct ws_message *message, const struct ws_frame *frame, char *payload,
                         size_t have)
{
    char *fresh = payload + message->opened;
    size_t count = have - message->opened;

    ws_frame_mask(fresh, count, frame->mask, message->opened);
    message->opened = (uint32_t)have;
    return utf8_feed(&message->utf8, fresh, count);
}

static void keep_part(struct ws_message *message, struct str part)
{
    if (message->parts == NULL)
        message->parts = alloc_zero(sizeof *message->parts);
    buf_append(message->parts, part);
}

/* A data frame that is whole and opened. */
static void take_whole(struct ws_message *message, const struct ws_frame *frame, char *payload,
                       struct ws_event *out)
{
    size_t len = message->opened;

    message->opened = 0;
    out->taken = frame->header_bytes + len;
    out->kind = frame->fin ? WS_EVENT_TEXT : WS_EVENT_FRAGMENT;
    out->data = payload;
    out->len = len;
    if (!frame->fin || message->is_open)
        keep_part(message, (struct str){payload, len});
    if (frame->fin && parts_len(message) > 0) {
        out->data = message->parts->ptr;
        out->len = message->parts->len;
    }
    message->is_done = frame->fin && message->parts != NULL;
    message->is_open = !frame->fin;
}

static void take_data(struct ws_message *message, const struct ws_frame *frame, char *payload,
                      size_t have, struct ws_event *out)
{
    bool is_valid = open_payload(message, frame, payload, have);
    bool is_whole = have == frame->payload_bytes;

    if (is_whole && frame->fin && message->utf8 != UTF8_DONE)
        is_valid = false;
    if (!is_valid)
        fail(out, WS_CODE_INVALID);
    else if (is_whole)
        take_whole(message, frame, payload, out);
}

void ws_message_next(struct ws_message *message, char *data, size_t len, struct ws_event *out)
{
    struct ws_frame frame;
    enum ws_parse parse = ws_frame_parse((struct str){data, len}, &frame);
    char *payload;
    size_t have;
    unsigned bad;

    ws_message_release(message);
    *out = (struct ws_event){.kind = WS_EVENT_MORE};
    if (parse == WS_PARSE_MORE)
        return;
    bad = parse == WS_PARSE_BAD ? WS_CODE_PROTOCOL : check_header(message, &frame);
    if (bad != 0) {
        fail(out, bad);
        return;
    }
    payload = data + frame.header_bytes;
    have = len - frame.header_bytes;
    if (have > frame.payload_bytes)
        have = (size_t)frame.payload_bytes;
    out->opcode = frame.opcode;
    if (is_control(frame.opcode))
        take_control(&frame, payload, have, out);
    else
        take_data(message, &frame, payload, have, out);
}
