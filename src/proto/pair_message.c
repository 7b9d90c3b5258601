#include "proto/pair_message.h"

#include "proto/wire_in.h"

#include "base/json.h"
#include "base/json_out.h"

enum { MAX_MEMBERS = 32 };

enum err pair_message_parse_device(struct str body, struct pair_device *out)
{
    struct json_member members[MAX_MEMBERS];
    struct pair_device device;
    size_t count;
    enum err err = json_scan_object(str_trim(body), members, MAX_MEMBERS, &count);

    if (err)
        return ERR_INVALID;
    device = (struct pair_device){
        .deviceid = wire_in_text(json_find(members, count, STR("deviceid"))),
        .apikey = wire_in_text(json_find(members, count, STR("apikey"))),
        .chipid = wire_in_text_or_number(json_find(members, count, STR("chipid"))),
    };
    if (device.deviceid.len == 0 || device.apikey.len == 0)
        return ERR_INVALID;
    *out = device;
    return ERR_NONE;
}

void pair_message_format_network(struct buf *out, const struct pair_network *network)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_int(&json, "port", network->port);
    json_out_str(&json, "serverName", network->server);
    json_out_str(&json, "password", network->password);
    json_out_str(&json, network->is_upper ? "SSID" : "ssid", network->ssid);
    json_out_end_object(&json);
}

enum err pair_message_parse_answer(struct str body, int64_t *error)
{
    struct json_member members[MAX_MEMBERS];
    size_t count;

    if (json_scan_object(str_trim(body), members, MAX_MEMBERS, &count) ||
        !wire_in_i64(json_find(members, count, STR("error")), error))
        return ERR_INVALID;
    return ERR_NONE;
}
