#include "proto/rest_share_args.h"

#include "proto/wire_in.h"

enum { USER_MAX_MEMBERS = 8 };

static bool read_ids(struct json_value list, struct rest_share_offer *out)
{
    struct str rest = list.raw;
    struct json_value item;

    if (list.kind != JSON_ARRAY)
        return false;
    while (json_array_next(&rest, &item)) {
        if (out->count == REST_SHARE_DEVICES_MAX || wire_in_text(item).len == 0)
            return false;
        out->ids[out->count++] = wire_in_text(item);
    }
    return out->count > 0;
}

static struct str account_of(struct json_value user)
{
    struct json_member members[USER_MAX_MEMBERS];
    struct str phone;
    size_t count;

    if (user.kind != JSON_OBJECT ||
        json_scan_object(user.raw, members, USER_MAX_MEMBERS, &count) != ERR_NONE)
        return STR_EMPTY;
    phone = wire_in_text(json_find(members, count, STR("phoneNumber")));
    return phone.len > 0 ? phone : wire_in_text(json_find(members, count, STR("email")));
}

bool rest_share_args_read_offer(const struct rest_args *args, struct rest_share_offer *out)
{
    *out = (struct rest_share_offer){
        .account = account_of(rest_args_json(args, "user")),
        .comment = rest_args_text(args, "comment"),
    };
    return read_ids(rest_args_json(args, "deviceidList"), out) && out->account.len > 0 &&
           rest_args_i64(args, "permit", &out->permit);
}

bool rest_share_args_read_change(const struct rest_args *args, struct rest_share_change *out)
{
    *out = (struct rest_share_change){
        .deviceid = rest_args_text(args, "deviceid"),
        .apikey = rest_args_text(args, "apikey"),
    };
    if (!rest_args_i64(args, "permit", &out->permit))
        out->permit = -1;
    return out->deviceid.len > 0 && out->apikey.len > 0;
}

void rest_share_args_begin_list(struct json_out *json)
{
    json_out_array(json, "updatedThingList");
}

void rest_share_args_end_list(struct json_out *json)
{
    json_out_end_array(json);
}
