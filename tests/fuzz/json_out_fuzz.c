/* json_out: any bytes written as a string are JSON, and read back as what they were. */
#include "base/json_out.h"

#include "base/json.h"
#include "base/utf8.h"

#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str bytes = {(const char *)data, size};
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);
    const size_t cap = 3 * size + 1; /* each byte may become U+FFFD */
    char *text = malloc(cap);
    struct json_member member;
    size_t count;

    assert(text != NULL);
    json_out_object(&out, NULL);
    json_out_str(&out, "text", bytes);
    json_out_end_object(&out);
    assert(json_scan_object(buf_str(&buf), &member, 1, &count) == ERR_NONE && count == 1);
    if (size == 0 || memchr(data, 0, size) == NULL) {
        assert(json_to_text(member.value, text, cap));
        if (utf8_is_valid(bytes.ptr, size))
            assert(str_eq(str_of(text), bytes));
    }
    free(text);
    buf_free(&buf);
    return 0;
}
