/* json: whatever is accepted consists of views into the input that can be scanned again. */
#include "base/json.h"

#include "base/utf8.h"

#include "fuzz.h"

#include <assert.h>
#include <string.h>

enum { MEMBERS = 32, TEXT_CAP = 64 };

static void check_value(struct json_value value, struct str around);

static void check_inside(struct str inner, struct str outer)
{
    assert(inner.ptr >= outer.ptr && inner.ptr <= outer.ptr + outer.len);
    assert(inner.len <= (size_t)(outer.ptr + outer.len - inner.ptr));
}

static void check_string(struct json_value value)
{
    char text[TEXT_CAP];
    struct str view;

    assert(value.raw.len >= 2 && utf8_is_valid(value.raw.ptr, value.raw.len));
    if (json_to_view(value, &view)) {
        check_inside(view, value.raw);
        assert(memchr(view.ptr, '\\', view.len) == NULL);
    }
    for (size_t cap = 1; cap <= TEXT_CAP; cap *= 2) {
        bool is_whole = json_to_text(value, text, cap);
        size_t len = strnlen(text, cap);

        assert(len < cap && utf8_is_valid(text, len));
        assert(is_whole ? len <= value.raw.len - 2 : len == 0);
        assert(value.has_escape || is_whole == (value.raw.len - 2 < cap));
    }
}

static void check_array(struct json_value value)
{
    struct str rest = value.raw;
    struct json_value item;

    while (json_array_next(&rest, &item)) {
        check_value(item, value.raw);
        check_inside(rest, value.raw);
    }
    assert(rest.len > 0 && rest.ptr[rest.len - 1] == ']');
}

static void check_object(struct json_value value)
{
    struct json_member members[MEMBERS];
    size_t count = 0;
    enum err err = json_scan_object(value.raw, members, MEMBERS, &count);

    assert(err == ERR_NONE || err == ERR_TOO_LARGE);
    assert(count <= MEMBERS);
    for (size_t i = 0; i < count; i++) {
        check_inside(members[i].key, value.raw);
        assert(utf8_is_valid(members[i].key.ptr, members[i].key.len));
        assert(json_find(members, count, members[i].key).kind != JSON_NONE);
        check_value(members[i].value, value.raw);
    }
}

static void check_value(struct json_value value, struct str around)
{
    struct json_value again;
    int64_t number;

    check_inside(value.raw, around);
    assert(value.kind != JSON_NONE);
    assert(json_scan(value.raw, &again) == ERR_NONE);
    assert(again.kind == value.kind && again.has_escape == value.has_escape);
    assert(again.raw.ptr == value.raw.ptr && again.raw.len == value.raw.len);
    assert(value.kind == JSON_NUMBER || !json_to_i64(value, &number));
    if (value.kind == JSON_STRING)
        check_string(value);
    else if (value.kind == JSON_ARRAY)
        check_array(value);
    else if (value.kind == JSON_OBJECT)
        check_object(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct json_member members[MEMBERS];
    struct json_value value = {JSON_NONE, false, STR_EMPTY};
    size_t count;
    enum err err = json_scan_object(text, members, MEMBERS, &count);

    if (json_scan(text, &value) == ERR_NONE)
        check_value(value, text);
    if (value.kind == JSON_OBJECT)
        assert(err == ERR_NONE || err == ERR_TOO_LARGE);
    else
        assert(err != ERR_NONE); /* it may have been too large before it was wrong */
    return 0;
}
