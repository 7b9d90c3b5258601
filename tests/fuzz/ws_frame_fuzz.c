#include "ws/ws_frame.h"

#include "fuzz.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct ws_frame frame;
    struct ws_frame again;
    char header[WS_HEADER_MAX];

    switch (ws_frame_parse(bytes, &frame)) {
    case WS_PARSE_MORE:
        assert(size < WS_HEADER_MAX);
        break;
    case WS_PARSE_BAD:
        break;
    case WS_PARSE_DONE:
        assert(frame.header_bytes <= size && frame.header_bytes <= WS_HEADER_MAX);
        assert(ws_frame_format(&frame, header) == frame.header_bytes);
        assert(memcmp(header, data, frame.header_bytes) == 0);
        assert(ws_frame_parse(str_sub(bytes, 0, frame.header_bytes - 1), &again) == WS_PARSE_MORE);
        break;
    }
    return 0;
}
