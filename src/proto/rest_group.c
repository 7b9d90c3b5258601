#include "proto/rest_group.h"

#include "base/clock.h"
#include "proto/wire_in.h"

enum { MOVE_MAX_MEMBERS = 8 };

bool rest_group_read(const struct rest_args *args, struct rest_group *out)
{
    *out = (struct rest_group){
        .id = rest_args_text(args, "id"),
        .name = rest_args_text(args, "name"),
        .with_devices = str_eq(rest_args_text(args, "type"), STR("1")),
    };
    if (rest_args_text(args, "index").len == 0)
        return true;
    return rest_args_i64(args, "index", &out->index) && out->index >= 0;
}

static bool read_move(struct json_value item, struct rest_group_move *out)
{
    struct json_member members[MOVE_MAX_MEMBERS];
    size_t count;
    int64_t type = 0;

    if (item.kind != JSON_OBJECT ||
        json_scan_object(item.raw, members, MOVE_MAX_MEMBERS, &count) != ERR_NONE)
        return false;
    *out = (struct rest_group_move){
        .deviceid = wire_in_text(json_find(members, count, STR("deviceid"))),
        .source = wire_in_text(json_find(members, count, STR("source_id"))),
        .target = wire_in_text(json_find(members, count, STR("target_id"))),
    };
    out->from_all = wire_in_i64(json_find(members, count, STR("type")), &type) && type == 1;
    return out->deviceid.len > 0;
}

bool rest_group_read_move(const struct rest_args *args, size_t at, struct rest_group_move *out,
                          bool *is_bad)
{
    struct json_value list = rest_args_json(args, "deviceinfos");
    struct str rest = list.raw;
    struct json_value item;

    *is_bad = list.kind != JSON_ARRAY;
    if (*is_bad)
        return false;
    for (size_t i = 0; json_array_next(&rest, &item); i++) {
        if (i < at)
            continue;
        *is_bad = !read_move(item, out);
        return !*is_bad;
    }
    return false;
}

void rest_group_begin_list(struct json_out *json)
{
    json_out_array(json, "groupinfos");
}

void rest_group_put(struct json_out *json, const struct rest_group *group)
{
    char created[CLOCK_ISO_CAP];

    clock_format_iso(group->created_ms, created);
    json_out_object(json, NULL);
    json_out_str(json, "id", group->id);
    json_out_str(json, "name", group->name);
    json_out_int(json, "index", group->index);
    json_out_str(json, "createdAt", str_of(created));
    json_out_end_object(json);
}

void rest_group_end_list(struct json_out *json)
{
    json_out_end_array(json);
}

void rest_group_put_id(struct json_out *json, struct str id)
{
    json_out_str(json, "groupid", id);
}
