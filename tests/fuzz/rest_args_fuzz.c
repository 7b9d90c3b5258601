/* Any body: texts stay within the bytes that were lent for them, or in the body. */
#include "proto/rest_args.h"

#include "base/alloc.h"

#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>

static bool is_within(struct str view, const char *bytes, size_t len)
{
    return view.ptr >= bytes && view.ptr + view.len <= bytes + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {(const char *)data, size};
    char *room = alloc_zero(size + 1);
    struct rest_args args = {0};
    int64_t number;

    if (rest_args_add(&args, STR("first"), STR("of the query")) == ERR_NONE &&
        rest_args_add_body(&args, body, room) == ERR_NONE) {
        assert(args.count >= 1 && args.count <= REST_ARGS_MAX);
        for (size_t i = 1; i < args.count; i++) {
            const struct rest_arg *arg = &args.items[i];

            assert(arg->value.kind != JSON_NONE);
            assert(arg->text.len == 0 || is_within(arg->text, body.ptr, size) ||
                   is_within(arg->text, room, size));
        }
        if (rest_args_i64(&args, "ts", &number))
            assert(rest_args_text(&args, "ts").len > 0);
    }
    free(room);
    return 0;
}
