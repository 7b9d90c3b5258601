#include "domain/params.h"

#include <string.h>

struct member_list {
    size_t count;
    struct json_member members[PARAMS_MAX_MEMBERS];
};

static enum err list_scan(struct member_list *list, struct str text)
{
    list->count = 0;
    if (text.len == 0)
        return ERR_NONE;
    return json_scan_object(text, list->members, PARAMS_MAX_MEMBERS, &list->count);
}

static struct json_member *list_find(struct member_list *list, struct str key)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->members[i].key, key))
            return &list->members[i];
    return NULL;
}

static enum err list_put(struct member_list *list, struct json_member member)
{
    struct json_member *known = list_find(list, member.key);

    if (known != NULL) {
        known->value = member.value;
        return ERR_NONE;
    }
    if (list->count == PARAMS_MAX_MEMBERS)
        return ERR_TOO_LARGE;
    list->members[list->count++] = member;
    return ERR_NONE;
}

/* Puts one object's members over the list; *room counts down how many more a change may hold. */
static enum err list_put_object(struct member_list *list, struct json_value object, size_t *room)
{
    struct member_list change;
    enum err err = object.kind == JSON_OBJECT ? list_scan(&change, object.raw) : ERR_INVALID;

    if (err)
        return err;
    if (change.count > *room)
        return ERR_TOO_LARGE;
    *room -= change.count;
    for (size_t i = 0; i < change.count; i++)
        if ((err = list_put(list, change.members[i])))
            return err;
    return ERR_NONE;
}

/* The change as a whole holds no more members than one object may, so a merge's work is bounded
 * however many objects the array has. */
static enum err list_put_change(struct member_list *list, struct json_value change)
{
    size_t room = PARAMS_MAX_MEMBERS;
    struct str rest = change.raw;
    struct json_value item;
    enum err err;

    if (change.kind != JSON_ARRAY)
        return list_put_object(list, change, &room);
    while (json_array_next(&rest, &item))
        if ((err = list_put_object(list, item, &room)))
            return err;
    return ERR_NONE;
}

/* {"key":value, ... }: quotes and colon are three bytes a member, braces two in all. */
static size_t list_bytes(const struct member_list *list)
{
    size_t bytes = list->count == 0 ? 2 : 1 + list->count;

    for (size_t i = 0; i < list->count; i++)
        bytes += list->members[i].key.len + 3 + list->members[i].value.raw.len;
    return bytes;
}

/* One reserve a member: an object of many keys is the most that is ever formatted here. */
static void put_member(struct buf *out, struct json_member member, bool is_first)
{
    struct str value = member.value.raw;
    char *at = buf_reserve(out, member.key.len + value.len + 4);
    char *start = at;

    if (!is_first)
        *at++ = ',';
    *at++ = '"';
    memcpy(at, member.key.ptr, member.key.len);
    at += member.key.len;
    *at++ = '"';
    *at++ = ':';
    memcpy(at, value.ptr, value.len);
    out->len += (size_t)(at - start) + value.len;
}

enum err params_merge(struct buf *out, struct str stored, struct json_value change,
                      size_t max_bytes)
{
    struct member_list merged;
    enum err err = list_scan(&merged, stored);

    if (err || (err = list_put_change(&merged, change)))
        return err;
    if (list_bytes(&merged) > max_bytes)
        return ERR_TOO_LARGE;
    buf_append_byte(out, '{');
    for (size_t i = 0; i < merged.count; i++)
        put_member(out, merged.members[i], i == 0);
    buf_append_byte(out, '}');
    return ERR_NONE;
}

struct name_list {
    size_t count;
    struct str names[PARAMS_MAX_MEMBERS]; /* further names are not looked at */
};

static void add_name(struct name_list *list, struct str name)
{
    name = str_trim(name);
    if (name.len > 0 && list->count < PARAMS_MAX_MEMBERS)
        list->names[list->count++] = name;
}

/* What stands between a name's quotes, escapes undecoded; empty for anything but a string. */
static struct str name_text(struct json_value value)
{
    if (value.kind != JSON_STRING)
        return STR_EMPTY;
    return str_sub(value.raw, 1, value.raw.len - 2);
}

static void collect_names(struct name_list *list, struct json_value names)
{
    struct str rest = names.kind == JSON_ARRAY ? names.raw : name_text(names);
    struct json_value item;
    struct str name;

    list->count = 0;
    if (names.kind == JSON_ARRAY)
        while (json_array_next(&rest, &item))
            add_name(list, name_text(item));
    else
        while (str_split(&rest, '|', &name))
            add_name(list, name);
}

static bool is_asked(const struct name_list *list, struct str key)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->names[i], key))
            return true;
    return list->count == 0;
}

size_t params_select(struct buf *out, struct str stored, struct json_value names)
{
    struct member_list list;
    struct name_list asked;
    size_t written = 0;

    if (list_scan(&list, stored))
        list.count = 0;
    collect_names(&asked, names);
    buf_append_byte(out, '{');
    for (size_t i = 0; i < list.count; i++) {
        if (!is_asked(&asked, list.members[i].key))
            continue;
        put_member(out, list.members[i], written == 0);
        written++;
    }
    buf_append_byte(out, '}');
    return written;
}

bool params_is_change(struct json_value params)
{
    struct str rest = params.raw;
    struct json_value item;

    if (params.kind != JSON_ARRAY)
        return params.kind == JSON_OBJECT;
    while (json_array_next(&rest, &item))
        if (item.kind != JSON_OBJECT)
            return false;
    return true;
}
