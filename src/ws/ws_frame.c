#include "ws/ws_frame.h"

#include <string.h>

enum { FIN = 0x80, RSV = 0x70, OPCODE = 0x0F, MASKED = 0x80, LENGTH = 0x7F };
enum { LENGTH_16 = 126, LENGTH_64 = 127 }; /* what stands in place of a longer length */

static uint64_t read_number(const char *bytes, size_t count)
{
    uint64_t number = 0;

    for (size_t i = 0; i < count; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

static void write_number(char *out, size_t count, uint64_t number)
{
    for (size_t i = count; i > 0; i--, number >>= 8)
        out[i - 1] = (char)(number & 0xFF);
}

/* Bytes of the extended length that `length` announces. */
static size_t extended_bytes(unsigned length)
{
    if (length == LENGTH_16)
        return 2;
    return length == LENGTH_64 ? 8 : 0;
}

static bool is_shortest(uint64_t length, size_t extended)
{
    if (extended == 2)
        return length >= LENGTH_16;
    if (extended == 8)
        return length > UINT16_MAX && length <= INT64_MAX;
    return true;
}

enum ws_parse ws_frame_parse(struct str bytes, struct ws_frame *out)
{
    unsigned first;
    unsigned second;
    size_t extended;
    struct ws_frame frame;

    if (bytes.len < 2)
        return WS_PARSE_MORE;
    first = (unsigned char)bytes.ptr[0];
    second = (unsigned char)bytes.ptr[1];
    extended = extended_bytes(second & LENGTH);
    if (bytes.len < 2 + extended)
        return WS_PARSE_MORE;
    frame = (struct ws_frame){
        .fin = (first & FIN) != 0,
        .masked = (second & MASKED) != 0,
        .rsv = (uint8_t)((first & RSV) >> 4),
        .opcode = (enum ws_opcode)(first & OPCODE),
        .payload_bytes = extended > 0 ? read_number(bytes.ptr + 2, extended) : second & LENGTH,
    };
    if (!is_shortest(frame.payload_bytes, extended))
        return WS_PARSE_BAD;
    frame.header_bytes = 2 + extended + (frame.masked ? sizeof frame.mask : 0);
    if (bytes.len < frame.header_bytes)
        return WS_PARSE_MORE;
    if (frame.masked)
        memcpy(frame.mask, bytes.ptr + 2 + extended, sizeof frame.mask);
    *out = frame;
    return WS_PARSE_DONE;
}

size_t ws_frame_format(const struct ws_frame *frame, char out[WS_HEADER_MAX])
{
    unsigned length = LENGTH_64;
    size_t extended;

    if (frame->payload_bytes < LENGTH_16)
        length = (unsigned)frame->payload_bytes;
    else if (frame->payload_bytes <= UINT16_MAX)
        length = LENGTH_16;
    extended = extended_bytes(length);
    out[0] = (char)((frame->fin ? FIN : 0) | (frame->rsv << 4 & RSV) | (int)frame->opcode);
    out[1] = (char)((frame->masked ? MASKED : 0) | length);
    write_number(out + 2, extended, frame->payload_bytes);
    if (!frame->masked)
        return 2 + extended;
    memcpy(out + 2 + extended, frame->mask, sizeof frame->mask);
    return 2 + extended + sizeof frame->mask;
}

static void mask_word(char *data, uint64_t mask)
{
    uint64_t word;

    memcpy(&word, data, sizeof word);
    word ^= mask;
    memcpy(data, &word, sizeof word);
}

void ws_frame_mask(char *data, size_t len, const uint8_t mask[4], size_t offset)
{
    uint8_t turned[8]; /* the mask as it stands at data[0], twice: eight bytes go at a time */
    uint64_t word;
    size_t i = 0;

    for (size_t k = 0; k < sizeof turned; k++)
        turned[k] = mask[(offset + k) % 4];
    memcpy(&word, turned, sizeof word);
    if (word == 0) /* firmware masks with zeros */
        return;
    for (; len - i >= 2 * sizeof word; i += 2 * sizeof word) {
        mask_word(data + i, word);
        mask_word(data + i + sizeof word, word);
    }
    for (; len - i >= sizeof word; i += sizeof word)
        mask_word(data + i, word);
    for (; i < len; i++)
        data[i] = (char)((uint8_t)data[i] ^ turned[i % 4]);
}

bool ws_frame_is_close_code(unsigned code)
{
    if (code >= 1000 && code <= 1014)
        return code != 1004 && code != WS_CODE_NONE && code != WS_CODE_ABNORMAL;
    return code >= 3000 && code <= 4999;
}
