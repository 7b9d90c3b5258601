/*
 * ws_frame - reads and writes the header of one WebSocket frame (RFC 6455 section 5.2).
 *
 * Sans-I/O: three-way answer, no allocation, keeps no pointer. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_opcode {
    WS_CONTINUATION = 0x0,
    WS_TEXT = 0x1,
    WS_BINARY = 0x2,
    WS_CLOSE = 0x8,
    WS_PING = 0x9,
    WS_PONG = 0xA,
};

enum { WS_HEADER_MAX = 14, WS_CONTROL_MAX = 125 };

/* Close codes, RFC 6455 section 7.4.1. */
enum {
    WS_CODE_NORMAL = 1000,
    WS_CODE_GOING_AWAY = 1001,
    WS_CODE_PROTOCOL = 1002,
    WS_CODE_UNSUPPORTED = 1003,
    WS_CODE_NONE = 1005,     /* never sent: the close frame had no code */
    WS_CODE_ABNORMAL = 1006, /* never sent: closed without a close frame */
    WS_CODE_INVALID = 1007,
    WS_CODE_POLICY = 1008,
    WS_CODE_TOO_BIG = 1009,
    WS_CODE_INTERNAL = 1011,
};

struct ws_frame {
    bool fin;
    bool masked;
    uint8_t rsv;           /* the three bits; anything but 0 is an error here */
    enum ws_opcode opcode; /* unchecked: may be a value that has no name */
    uint8_t mask[4];
    uint64_t payload_bytes;
    size_t header_bytes;
};

enum ws_parse { WS_PARSE_DONE, WS_PARSE_MORE, WS_PARSE_BAD };

/* BAD only for what no header may be: a length not in its shortest form, or with its top bit set.
 */
MUST_USE enum ws_parse ws_frame_parse(struct str bytes, struct ws_frame *out);

/* Writes a header for fin, opcode, payload_bytes and (if masked) mask; returns its length. */
size_t ws_frame_format(const struct ws_frame *frame, char out[WS_HEADER_MAX]);

/* Masks or unmasks in place; offset is the position of data[0] in the payload. */
void ws_frame_mask(char *data, size_t len, const uint8_t mask[4], size_t offset);

/* The code may stand in a close frame that a peer sends (RFC 6455 section 7.4). */
bool ws_frame_is_close_code(unsigned code);
