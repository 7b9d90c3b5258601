#include "proto/client_message.h"

#include "base/json.h"
#include "base/json_out.h"

enum { VERSION = 8, ROUTE_MAX_MEMBERS = 32 };

#define ROM_VERSION STR("1.0.0")

void client_message_format_dispatch(struct buf *out, const struct client_identity *who)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_str(&json, "accept", STR("ws"));
    json_out_int(&json, "version", VERSION);
    json_out_str(&json, "appid", who->appid);
    json_out_int(&json, "ts", who->ts);
    json_out_str(&json, "nonce", who->nonce);
    json_out_end_object(&json);
}

void client_message_format_dispatch_device(struct buf *out, const struct client_identity *who)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_str(&json, "accept", STR("ws;2"));
    json_out_int(&json, "version", VERSION);
    json_out_int(&json, "ts", who->ts);
    json_out_str(&json, "deviceid", who->deviceid);
    json_out_str(&json, "apikey", who->apikey);
    json_out_str(&json, "model", who->model);
    json_out_str(&json, "romVersion", ROM_VERSION);
    json_out_end_object(&json);
}

void client_message_format_user_online(struct buf *out, const struct client_identity *who,
                                       struct str sequence)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_str(&json, "action", STR("userOnline"));
    json_out_int(&json, "version", VERSION);
    json_out_int(&json, "ts", who->ts);
    json_out_str(&json, "at", who->at);
    json_out_str(&json, "userAgent", STR("app"));
    json_out_str(&json, "apikey", who->apikey);
    json_out_str(&json, "appid", who->appid);
    json_out_str(&json, "nonce", who->nonce);
    json_out_str(&json, "sequence", sequence);
    json_out_end_object(&json);
}

/* Begins a request; what every one of them says of its sender. */
static struct json_out request_begin(struct buf *out, const struct client_identity *who,
                                     struct str action, struct str user_agent)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_str(&json, "action", action);
    json_out_str(&json, "deviceid", who->deviceid);
    json_out_str(&json, "apikey", who->apikey);
    json_out_str(&json, "userAgent", user_agent);
    return json;
}

void client_message_format_register(struct buf *out, const struct client_identity *who)
{
    struct json_out json = request_begin(out, who, STR("register"), STR("device"));

    json_out_int(&json, "version", VERSION);
    json_out_str(&json, "romVersion", ROM_VERSION);
    json_out_str(&json, "model", who->model);
    json_out_int(&json, "ts", who->ts);
    /* A simulated device has no chip; version 8 demands the member, so its own id stands in. */
    json_out_str(&json, "chipid", who->deviceid);
    json_out_end_object(&json);
}

void client_message_format_update(struct buf *out, const struct client_identity *who,
                                  struct str sequence, struct str params)
{
    struct json_out json = request_begin(out, who, STR("update"), STR("app"));

    json_out_str(&json, "sequence", sequence);
    json_out_int(&json, "ts", who->ts);
    json_out_raw(&json, "params", params);
    json_out_end_object(&json);
}

void client_message_format_report(struct buf *out, const struct client_identity *who,
                                  struct str params)
{
    struct json_out json = request_begin(out, who, STR("update"), STR("device"));

    json_out_raw(&json, "params", params);
    json_out_end_object(&json);
}

void client_message_format_query(struct buf *out, const struct client_identity *who,
                                 struct str sequence)
{
    struct json_out json = request_begin(out, who, STR("query"), STR("app"));

    json_out_str(&json, "sequence", sequence);
    json_out_array(&json, "params");
    json_out_end_array(&json);
    json_out_end_object(&json);
}

void client_message_format_ack(struct buf *out, const struct client_identity *who, int error,
                               struct str sequence)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_int(&json, "error", error);
    json_out_str(&json, "userAgent", STR("device"));
    json_out_str(&json, "apikey", who->apikey);
    json_out_str(&json, "deviceid", who->deviceid);
    json_out_str(&json, "sequence", sequence);
    json_out_end_object(&json);
}

/* Absent leaves `out` empty; false when it is there and no string that fits. */
static bool take_text(struct json_value value, char *out, size_t cap)
{
    return value.kind == JSON_NONE || json_to_text(value, out, cap);
}

static bool take_port(struct json_value value, uint16_t *out)
{
    int64_t port;

    if (!json_to_i64(value, &port) || port < 1 || port > UINT16_MAX)
        return false;
    *out = (uint16_t)port;
    return true;
}

enum err client_message_parse_route(struct str body, struct client_route *out)
{
    struct json_member members[ROUTE_MAX_MEMBERS];
    struct client_route route = {0};
    size_t count;
    enum err err = json_scan_object(body, members, ROUTE_MAX_MEMBERS, &count);

    if (err)
        return err;
    if (!json_to_i64(json_find(members, count, STR("error")), &route.error))
        return ERR_INVALID;
    if (route.error != 0) {
        *out = route;
        return ERR_NONE;
    }
    if (!take_port(json_find(members, count, STR("port")), &route.port) ||
        !take_text(json_find(members, count, STR("IP")), route.ip, sizeof route.ip) ||
        !take_text(json_find(members, count, STR("domain")), route.domain, sizeof route.domain) ||
        (route.ip[0] == '\0' && route.domain[0] == '\0'))
        return ERR_INVALID;
    *out = route;
    return ERR_NONE;
}

unsigned client_message_parse_beat(const struct message *answer)
{
    struct json_value config = json_find(answer->members, answer->member_count, STR("config"));
    struct json_member members[ROUTE_MAX_MEMBERS];
    int64_t interval_s;
    size_t count;

    if (config.kind != JSON_OBJECT ||
        json_scan_object(config.raw, members, ROUTE_MAX_MEMBERS, &count) != ERR_NONE ||
        !json_to_i64(json_find(members, count, STR("hbInterval")), &interval_s) || interval_s < 1 ||
        interval_s > 86400)
        return 0;
    return (unsigned)interval_s;
}
