#include "proto/rest_homepage.h"

#include "proto/wire_in.h"

enum { PART_MAX_MEMBERS = 8, USUAL_NUM = 30, FIRST_INDEX = -9999999 };

static bool asks_for(const struct rest_args *args, const char *name)
{
    return rest_args_json(args, name).kind == JSON_OBJECT;
}

/* The part of the things has parameters of its own. */
static void read_page(struct json_value part, struct rest_page *out)
{
    struct json_member members[PART_MAX_MEMBERS];
    size_t count;
    int64_t number;

    *out = (struct rest_page){.num = USUAL_NUM, .begin_index = FIRST_INDEX};
    if (part.kind != JSON_OBJECT ||
        json_scan_object(part.raw, members, PART_MAX_MEMBERS, &count) != ERR_NONE)
        return;
    if (wire_in_i64(json_find(members, count, STR("num")), &number) && number >= 0)
        out->num = number;
    if (wire_in_i64(json_find(members, count, STR("beginIndex")), &number))
        out->begin_index = number;
}

void rest_homepage_read(const struct rest_args *args, struct rest_homepage *out)
{
    *out = (struct rest_homepage){
        .user = asks_for(args, "getUser"),
        .family = asks_for(args, "getFamily"),
        .things = asks_for(args, "getThing"),
        .scenes = asks_for(args, "getScene"),
        .messages = asks_for(args, "getMessage"),
    };
    read_page(rest_args_json(args, "getThing"), &out->page);
}

void rest_homepage_begin_user(struct json_out *json)
{
    json_out_object(json, "userInfo");
}

void rest_homepage_put_apikey(struct json_out *json, struct str apikey)
{
    json_out_str(json, "apikey", apikey);
}

void rest_homepage_begin_family(struct json_out *json)
{
    json_out_object(json, "familyInfo");
}

void rest_homepage_begin_things(struct json_out *json)
{
    json_out_object(json, "thingInfo");
}

void rest_homepage_end(struct json_out *json)
{
    json_out_end_object(json);
}

void rest_homepage_put_scenes(struct json_out *json)
{
    json_out_object(json, "sceneInfo");
    json_out_array(json, "sceneList");
    json_out_end_array(json);
    json_out_end_object(json);
}

void rest_homepage_put_messages(struct json_out *json)
{
    json_out_object(json, "messageInfo");
    json_out_array(json, "messageList");
    json_out_end_array(json);
    json_out_end_object(json);
}
