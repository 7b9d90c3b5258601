#include "proto/rest_device_args.h"

#include "proto/wire_in.h"

enum { THING_MAX_MEMBERS = 16, USUAL_NUM = 30, FIRST_INDEX = -9999999 };

/* Keeps *out where there is no such number. */
static void take_number(const struct rest_args *args, const char *name, int64_t *out)
{
    int64_t number;

    if (rest_args_i64(args, name, &number))
        *out = number;
}

struct str rest_device_args_id(const struct rest_args *args)
{
    return rest_args_text(args, "deviceid");
}

/* A JSON object's text; empty for any other kind. */
static struct str object_of(const struct rest_args *args, const char *name)
{
    struct json_value value = rest_args_json(args, name);

    return value.kind == JSON_OBJECT ? value.raw : STR_EMPTY;
}

void rest_device_args_read_add(const struct rest_args *args, struct rest_device_add *out)
{
    *out = (struct rest_device_add){
        .deviceid = rest_device_args_id(args),
        .key = rest_args_text(args, "apikey"),
        .digest = rest_args_text(args, "digest"),
        .gsm_id = rest_args_text(args, "id"),
        .name = rest_args_text(args, "name"),
        .chipid = rest_args_text(args, "chipid"),
        .settings = object_of(args, "settings"),
    };
}

void rest_device_args_read_change(const struct rest_args *args, struct rest_device_change *out)
{
    *out = (struct rest_device_change){
        .name = rest_args_text(args, "name"),
        .group = rest_args_text(args, "group"),
        .tags = object_of(args, "tags"),
        .settings = object_of(args, "settings"),
        .merges_tags = str_eq(rest_args_text(args, "type"), STR("merge")),
    };
}

/* Some clients put the JSON of params into a string. */
static struct json_value params_of(const struct rest_args *args)
{
    struct json_value params = rest_args_json(args, "params");
    struct json_value inner;

    if (params.kind == JSON_STRING && json_scan(rest_args_text(args, "params"), &inner) == ERR_NONE)
        return inner;
    return params;
}

void rest_device_args_read_status_v1(const struct rest_args *args, struct rest_status *out)
{
    *out = (struct rest_status){
        .id = rest_device_args_id(args),
        .params = params_of(args),
        .names = rest_args_text(args, "params"),
    };
}

/* 1 a device, 2 a group. */
static bool take_type(int64_t type, struct rest_status *out)
{
    out->is_group = type == 2;
    return type == 1 || type == 2;
}

bool rest_device_args_read_status(const struct rest_args *args, struct rest_status *out)
{
    int64_t type = 0;

    *out = (struct rest_status){
        .id = rest_args_text(args, "id"),
        .params = rest_args_json(args, "params"),
        .names = rest_args_text(args, "params"),
    };
    return rest_args_i64(args, "type", &type) && take_type(type, out) && out->id.len > 0;
}

static bool read_item(struct json_value item, struct rest_status *out)
{
    struct json_member members[THING_MAX_MEMBERS];
    size_t count;
    int64_t type = 0;

    if (item.kind != JSON_OBJECT ||
        json_scan_object(item.raw, members, THING_MAX_MEMBERS, &count) != ERR_NONE)
        return false;
    *out = (struct rest_status){
        .id = wire_in_text(json_find(members, count, STR("id"))),
        .params = json_find(members, count, STR("params")),
    };
    return wire_in_i64(json_find(members, count, STR("type")), &type) && take_type(type, out) &&
           out->id.len > 0;
}

static bool is_known(const struct rest_batch *batch, struct str id)
{
    for (size_t i = 0; i < batch->count; i++)
        if (str_eq(batch->items[i].id, id))
            return true;
    return false;
}

bool rest_device_args_read_batch(const struct rest_args *args, struct rest_batch *out)
{
    struct json_value list = rest_args_json(args, "thingList");
    struct str rest = list.raw;
    struct json_value item;
    struct rest_status thing;

    *out = (struct rest_batch){0};
    if (list.kind != JSON_ARRAY)
        return false;
    take_number(args, "timeout", &out->timeout_ms);
    while (json_array_next(&rest, &item)) {
        if (out->count == REST_THINGS_MAX || !read_item(item, &thing) || is_known(out, thing.id))
            return false;
        out->items[out->count++] = thing;
    }
    return out->count > 0 && out->timeout_ms >= 0 && out->timeout_ms <= REST_BATCH_TIMEOUT_MAX;
}

void rest_device_args_read_page(const struct rest_args *args, struct rest_page *out)
{
    *out = (struct rest_page){
        .family = rest_args_text(args, "familyid"), .num = USUAL_NUM, .begin_index = FIRST_INDEX};
    take_number(args, "num", &out->num);
    take_number(args, "beginIndex", &out->begin_index);
    if (out->num < 0)
        out->num = USUAL_NUM;
}

bool rest_device_args_read_things(const struct rest_args *args, struct rest_things *out)
{
    struct json_value list = rest_args_json(args, "thingList");
    struct json_member members[THING_MAX_MEMBERS];
    struct str rest = list.raw;
    struct json_value item;
    size_t count;

    out->count = 0;
    if (list.kind != JSON_ARRAY)
        return false;
    while (json_array_next(&rest, &item)) {
        if (out->count == REST_THINGS_MAX || item.kind != JSON_OBJECT ||
            json_scan_object(item.raw, members, THING_MAX_MEMBERS, &count) != ERR_NONE)
            return false;
        out->ids[out->count] = wire_in_text(json_find(members, count, STR("id")));
        if (out->ids[out->count].len == 0 ||
            !wire_in_i64(json_find(members, count, STR("itemType")), &out->types[out->count]))
            return false;
        out->count++;
    }
    return out->count > 0;
}
