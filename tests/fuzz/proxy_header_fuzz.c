/* Any bytes: the answer does not depend on how they are cut, and never asks for more than the
 * bound. */
#include "net/proxy_header.h"

#include "fuzz.h"

#include <assert.h>
#include <string.h>

/* The first answer that is not MORE, byte by byte. */
static enum proxy_header_result parse_in_pieces(struct str bytes, struct proxy_header *out)
{
    for (size_t len = 0; len <= bytes.len && len <= PROXY_HEADER_MAX; len++) {
        enum proxy_header_result result = proxy_header_parse(str_sub(bytes, 0, len), out);

        if (result != PROXY_HEADER_MORE)
            return result;
    }
    return PROXY_HEADER_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct proxy_header whole;
    struct proxy_header pieces;
    enum proxy_header_result result = proxy_header_parse(bytes, &whole);

    assert(parse_in_pieces(bytes, &pieces) == result);
    assert(result != PROXY_HEADER_MORE || size < PROXY_HEADER_MAX);
    if (result != PROXY_HEADER_DONE)
        return 0;
    assert(whole.len == pieces.len && whole.len <= size && whole.len <= PROXY_HEADER_MAX);
    assert(whole.has_addresses == pieces.has_addresses);
    if (whole.has_addresses) {
        struct address again;
        char text[ADDRESS_TEXT_CAP];

        address_format(&whole.source, text);
        assert(memcmp(whole.source.ip, pieces.source.ip, sizeof whole.source.ip) == 0);
        assert(address_parse(str_of(text), &again) == ERR_NONE && again.port == whole.source.port);
    }
    return 0;
}
