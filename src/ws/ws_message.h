/*
 * ws_message - makes messages out of the bytes of a WebSocket, for either role.
 *
 * Sans-I/O: takes the bytes that have come, finds one event at a time. Payloads are unmasked in
 * place; a message that came in one frame is handed up where it stands, and only one in fragments
 * owns memory while it is assembled. UTF-8 and the size are checked as bytes come, so that a bad
 * message fails before its end. What comes out does not depend on how the bytes were split. The
 * owner's thread only.
 */
#pragma once

#include "base/buf.h"
#include "ws/ws_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_event_kind {
    WS_EVENT_MORE,     /* no whole event yet; call again with what is left and what came behind */
    WS_EVENT_FRAGMENT, /* a part of a message was taken */
    WS_EVENT_TEXT,     /* data is a whole message */
    WS_EVENT_PING,     /* data is its payload, as of PONG and CLOSE */
    WS_EVENT_PONG,
    WS_EVENT_CLOSE, /* code is the peer's, or WS_CODE_NONE */
    WS_EVENT_BAD,   /* code is what to close with; nothing more can be read */
};

struct ws_event {
    enum ws_event_kind kind;
    unsigned code;
    enum ws_opcode opcode; /* of the frame; not with MORE and BAD */
    char *data;            /* never NULL with len; until the next call, or as long as the input */
    size_t len;
    size_t taken; /* input bytes the event used up; 0 with MORE and BAD */
};

struct ws_message {
    struct buf *parts;    /* owned: the fragments so far, or NULL */
    uint32_t max_bytes;   /* of one message; past it 1009 */
    uint32_t opened;      /* payload bytes of the present frame already unmasked and checked */
    uint8_t utf8;         /* see base/utf8.h */
    bool from_client : 1; /* frames must be masked; else they must not */
    bool is_open : 1;     /* fragments have come, the last has not */
    bool is_done : 1;     /* parts was handed up and goes with the next call */
};

/* max_bytes <= UINT32_MAX */
void ws_message_init(struct ws_message *message, bool from_client, size_t max_bytes);
void ws_message_fini(struct ws_message *message);

/* Frees a message that was handed up. Not needed between calls of ws_message_next(). */
void ws_message_release(struct ws_message *message);

/*
 * Finds the next event in data[0..len), which begins with what the last calls did not take, as they
 * left it: bytes that were unmasked stay so.
 */
void ws_message_next(struct ws_message *message, char *data, size_t len, struct ws_event *out);
