#include "ws/ws_handshake.h"

#include "fuzz.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
    struct str bytes = {(const char *)data, size};
    size_t head_bytes = 0;
    size_t half_bytes = 0;
    enum ws_reply whole = ws_handshake_check(bytes, key, STR_EMPTY, &head_bytes);
    enum ws_reply half =
        ws_handshake_check(str_sub(bytes, 0, size / 2), key, STR_EMPTY, &half_bytes);

    assert(whole != WS_REPLY_ACCEPTED || (head_bytes > 0 && head_bytes <= size));
    assert(half == WS_REPLY_MORE || (half == whole && half_bytes == head_bytes));
    return 0;
}
