/*
 * Input: stored, a newline, change (or names). A merge is an object that merging the same change
 * again leaves alone; a selection and the form for old firmware are JSON.
 */
#include "domain/params.h"

#include "fuzz.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 4096 };

static void check_merge(struct str stored, struct json_value change)
{
    struct buf once = BUF_EMPTY;
    struct buf twice = BUF_EMPTY;
    struct json_value value;

    if (params_merge(&once, stored, change, MAX_BYTES) == ERR_NONE) {
        assert(once.len <= MAX_BYTES);
        assert(json_scan(buf_str(&once), &value) == ERR_NONE && value.kind == JSON_OBJECT);
        assert(params_merge(&twice, buf_str(&once), change, MAX_BYTES) == ERR_NONE);
        assert(change.kind == JSON_ARRAY || str_eq(buf_str(&once), buf_str(&twice)));
    } else {
        assert(once.len == 0);
    }
    buf_free(&once);
    buf_free(&twice);
}

static void check_select(struct str stored, struct json_value names)
{
    struct json_member members[PARAMS_MAX_MEMBERS];
    struct buf out = BUF_EMPTY;
    size_t written = params_select(&out, stored, names);
    size_t count;

    assert(json_scan_object(buf_str(&out), members, PARAMS_MAX_MEMBERS, &count) == ERR_NONE);
    assert(count == written);
    buf_free(&out);
}

static void check_normalize(struct json_value params)
{
    struct buf once = BUF_EMPTY;
    struct buf twice = BUF_EMPTY;
    struct json_value value;

    params_normalize(&once, params);
    assert(once.len <= params.raw.len);
    assert(json_scan(buf_str(&once), &value) == ERR_NONE);
    params_normalize(&twice, value);
    assert(str_eq(buf_str(&once), buf_str(&twice)));
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct json_value value;
    struct str stored;

    if (!str_split(&rest, '\n', &stored) || json_scan(rest, &value) != ERR_NONE)
        return 0;
    check_merge(stored, value);
    check_select(stored, value);
    check_normalize(value);
    return 0;
}
