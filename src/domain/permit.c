#include "domain/permit.h"

#include "domain/params.h"

enum { TIMER_MAX_MEMBERS = 32, NAME_CAP = 16 };

struct timers {
    struct json_value items[PERMIT_TIMERS_MAX];
    size_t count;
};

/* False when they are too many. What is no array holds none: firmware says 0 for an empty one. */
static bool read_timers(struct json_value value, struct timers *out)
{
    struct str rest = value.raw;
    struct json_value item;

    out->count = 0;
    if (value.kind != JSON_ARRAY)
        return true;
    while (json_array_next(&rest, &item)) {
        if (out->count == PERMIT_TIMERS_MAX)
            return false;
        out->items[out->count++] = item;
    }
    return true;
}

/* A device may read escapes, and names in whatever case. */
static bool is_named(struct str key, struct str name)
{
    const struct json_value quoted = {JSON_STRING, true, {key.ptr - 1, key.len + 2}};
    char text[NAME_CAP];

    return json_to_text(quoted, text, sizeof text) && str_eq_nocase(str_of(text), name);
}

static struct json_value member_of(struct json_value object, struct str key)
{
    struct json_member members[TIMER_MAX_MEMBERS];
    size_t count;

    if (object.kind != JSON_OBJECT ||
        json_scan_object(object.raw, members, TIMER_MAX_MEMBERS, &count) != ERR_NONE)
        return (struct json_value){0};
    return json_find(members, count, key);
}

static struct str id_of(struct json_value timer)
{
    struct str id;

    return json_to_view(member_of(timer, STR("mId")), &id) ? id : STR_EMPTY;
}

/* The timer of the other set that this one is, or NULL. */
static const struct json_value *find(const struct timers *set, struct json_value timer)
{
    struct str id = id_of(timer);

    for (size_t i = 0; i < set->count; i++) {
        if (str_eq(set->items[i].raw, timer.raw))
            return &set->items[i];
        if (id.len > 0 && str_eq(id_of(set->items[i]), id))
            return &set->items[i];
    }
    return NULL;
}

/* Every member of `a` but `enabled` is in `b`. */
static bool is_within(struct json_value a, struct json_value b)
{
    struct json_member members[TIMER_MAX_MEMBERS];
    size_t count;

    if (json_scan_object(a.raw, members, TIMER_MAX_MEMBERS, &count) != ERR_NONE)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!str_eq(members[i].key, STR("enabled")) &&
            !str_eq(member_of(b, members[i].key).raw, members[i].value.raw))
            return false;
    return true;
}

/* Which of two counts is for the device to say. */
static bool is_enabled_twice(struct json_value timer)
{
    struct json_member members[TIMER_MAX_MEMBERS];
    size_t count;
    size_t found = 0;

    if (json_scan_object(timer.raw, members, TIMER_MAX_MEMBERS, &count) != ERR_NONE)
        return false;
    for (size_t i = 0; i < count; i++)
        found += is_named(members[i].key, STR("enabled"));
    return found > 1;
}

/* The bits that it takes to make `after` of `before`. */
static unsigned needed_for_one(struct json_value before, struct json_value after)
{
    bool is_same = is_within(before, after) && is_within(after, before);
    bool is_switched =
        !str_eq(member_of(before, STR("enabled")).raw, member_of(after, STR("enabled")).raw);

    if (str_eq(before.raw, after.raw))
        return 0;
    if (is_enabled_twice(after))
        return PERMIT_EDIT | PERMIT_ENABLE;
    return (is_same ? 0 : PERMIT_EDIT) | (is_switched ? PERMIT_ENABLE : 0);
}

static unsigned needed(const struct timers *before, const struct timers *after)
{
    unsigned bits = 0;

    for (size_t i = 0; i < after->count; i++) {
        const struct json_value *was = find(before, after->items[i]);

        bits |= was == NULL ? PERMIT_ADD : needed_for_one(*was, after->items[i]);
    }
    for (size_t i = 0; i < before->count; i++)
        if (find(after, before->items[i]) == NULL)
            bits |= PERMIT_DELETE;
    return bits;
}

/* The timers of an object of params; kind JSON_NONE when it has no such member. False when it has
 * several, or too many members. */
static bool find_timers(struct str object, struct json_value *out)
{
    struct json_member members[PARAMS_MAX_MEMBERS];
    size_t count;

    if (json_scan_object(object, members, PARAMS_MAX_MEMBERS, &count) != ERR_NONE)
        return false;
    *out = (struct json_value){0};
    for (size_t i = 0; i < count; i++) {
        if (!is_named(members[i].key, STR("timers")))
            continue;
        if (out->kind != JSON_NONE)
            return false;
        *out = members[i].value;
    }
    return true;
}

static bool allows_object(unsigned permit, const struct timers *before, struct str object)
{
    struct json_value value;
    struct timers after;

    if (!find_timers(object, &value))
        return false;
    if (value.kind == JSON_NONE)
        return true;
    return read_timers(value, &after) && (needed(before, &after) & ~permit) == 0;
}

bool permit_allows(unsigned permit, struct str stored, struct json_value change)
{
    struct str rest = change.raw;
    struct json_value value;
    struct timers before;
    struct json_value item;

    if ((permit & PERMIT_ALL) == PERMIT_ALL)
        return true;
    if (!find_timers(stored, &value) || !read_timers(value, &before))
        return false;
    if (change.kind == JSON_OBJECT)
        return allows_object(permit, &before, change.raw);
    while (json_array_next(&rest, &item))
        if (!allows_object(permit, &before, item.raw))
            return false;
    return true;
}
