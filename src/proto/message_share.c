#include "proto/message_share.h"

#include "base/json_out.h"
#include "proto/wire_in.h"

enum { MAX_MEMBERS = 32, ACCEPTED = 2 };

/* What the params of a message hold. */
struct members {
    struct json_member items[MAX_MEMBERS];
    size_t count;
};

static struct json_value find(const struct members *members, struct str key)
{
    return json_find(members->items, members->count, key);
}

static bool read_text(const struct members *members, struct str key, char *out)
{
    struct json_value value = find(members, key);

    if (value.kind == JSON_NONE || value.kind == JSON_NULL) {
        out[0] = '\0';
        return true;
    }
    return json_to_text(value, out, MESSAGE_SHARE_TEXT_CAP);
}

static bool read_permit(const struct members *members, int64_t *out)
{
    struct json_value value = find(members, STR("permit"));

    *out = -1;
    if (value.kind == JSON_NONE || value.kind == JSON_NULL)
        return true;
    return wire_in_i64(value, out) && *out >= 0 && *out <= MESSAGE_SHARE_PERMIT_MAX;
}

enum err message_share_parse(struct json_value params, struct message_share *out)
{
    struct members members;
    struct message_share share = {.permit = -1};

    if (params.kind != JSON_OBJECT ||
        json_scan_object(params.raw, members.items, MAX_MEMBERS, &members.count) != ERR_NONE)
        return ERR_INVALID;
    if (!read_text(&members, STR("uid"), share.account) || share.account[0] == '\0' ||
        !read_text(&members, STR("deviceName"), share.name) ||
        !read_text(&members, STR("userName"), share.user_name) ||
        !read_text(&members, STR("note"), share.note) || !read_permit(&members, &share.permit))
        return ERR_INVALID;
    if (!wire_in_i64(find(&members, STR("shareTime")), &share.share_time))
        share.share_time = 0;
    *out = share;
    return ERR_NONE;
}

void message_share_format(struct buf *out, const struct message_share_offer *offer)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_str(&json, "action", STR("share"));
    json_out_str(&json, "deviceid", offer->deviceid);
    json_out_str(&json, "apikey", offer->apikey);
    json_out_str(&json, "userAgent", STR("app"));
    json_out_str(&json, "sequence", offer->sequence);
    json_out_int(&json, "ts", 0);
    json_out_object(&json, "params");
    json_out_str(&json, "uid", offer->account);
    json_out_str(&json, "deviceName", offer->name);
    json_out_str(&json, "userName", offer->user_name);
    if (offer->permit >= 0)
        json_out_int(&json, "permit", offer->permit);
    json_out_str(&json, "note", offer->note);
    if (offer->share_time != 0)
        json_out_int(&json, "shareTime", offer->share_time);
    json_out_end_object(&json);
    json_out_str(&json, "from", STR("app"));
    json_out_end_object(&json);
}

bool message_share_is_accepted(const struct json_member *members, size_t count)
{
    int64_t result;

    return wire_in_i64(json_find(members, count, STR("result")), &result) && result == ACCEPTED;
}
