#include "http/http_query.h"

#include "fuzz.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { CAP = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str query = {(const char *)data, size};
    char out[CAP + 1];
    bool found;

    memset(out, 'x', sizeof out);
    found = http_query_find(query, STR("deviceid"), out, CAP);
    assert(memchr(out, '\0', CAP) != NULL && out[CAP] == 'x');
    assert(found || out[0] == '\0');
    /* Decoding only shortens, so what was found came from at least as many bytes. */
    assert(strlen(out) <= size);
    return 0;
}
