/* clock: a duration that was read is written as a text that reads as the same duration. */
#include "base/clock.h"

#include "fuzz.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[CLOCK_DURATION_CAP];
    uint64_t ms;
    uint64_t again;

    if (!clock_parse_duration((struct str){(const char *)data, size}, &ms))
        return 0;
    clock_format_duration(ms, text, sizeof text);
    assert(clock_parse_duration(str_of(text), &again));
    assert(again == ms);
    return 0;
}
