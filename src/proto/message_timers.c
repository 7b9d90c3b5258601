#include "proto/message_timers.h"

#include "base/json.h"

enum { MAX_MEMBERS = 64, MAX_PARAMS = 256 };

static bool is_for_apps(struct str key)
{
    return str_eq(key, STR("mId")) || str_eq(key, STR("coolkit_timer_type"));
}

static void put_member(struct buf *out, struct json_member member, bool is_first)
{
    buf_append(out, is_first ? STR("\"") : STR(",\""));
    buf_append(out, member.key);
    buf_append(out, STR("\":"));
}

static void put_entry(struct buf *out, struct json_value entry)
{
    struct json_member members[MAX_MEMBERS];
    size_t count;
    bool is_first = true;

    if (entry.kind != JSON_OBJECT ||
        json_scan_object(entry.raw, members, MAX_MEMBERS, &count) != ERR_NONE) {
        buf_append(out, entry.raw);
        return;
    }
    buf_append_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (is_for_apps(members[i].key))
            continue;
        put_member(out, members[i], is_first);
        buf_append(out, members[i].value.raw);
        is_first = false;
    }
    buf_append_byte(out, '}');
}

static void put_timers(struct buf *out, struct json_value timers)
{
    struct str rest = timers.raw;
    struct json_value entry;
    bool is_first = true;

    buf_append_byte(out, '[');
    while (json_array_next(&rest, &entry)) {
        if (!is_first)
            buf_append_byte(out, ',');
        is_first = false;
        put_entry(out, entry);
    }
    buf_append_byte(out, ']');
}

void message_timers_shorten(struct buf *out, struct str params)
{
    struct json_member members[MAX_PARAMS];
    size_t count;

    if (json_scan_object(params, members, MAX_PARAMS, &count) != ERR_NONE) {
        buf_append(out, params);
        return;
    }
    buf_append_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        struct json_value value = members[i].value;

        put_member(out, members[i], i == 0);
        if (value.kind == JSON_ARRAY && str_eq(members[i].key, STR("timers")))
            put_timers(out, value);
        else
            buf_append(out, value.raw);
    }
    buf_append_byte(out, '}');
}
