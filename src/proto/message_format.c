#include "proto/message.h"

#include "proto/wire_key.h"
#include "proto/wire_out.h"

#include <assert.h>

/*
 * Members of a device's ack that are not the server's to say or that it has said itself. `params`
 * is among them: to some apps an ack with params is a report of the device's state.
 */
static bool is_passed_on(struct json_member member)
{
    switch (wire_key_of(member.key)) {
    case WIRE_KEY_ACTION:
    case WIRE_KEY_APIKEY:
    case WIRE_KEY_D_SEQ:
    case WIRE_KEY_DEVICEID:
    case WIRE_KEY_ERROR:
    case WIRE_KEY_PARAMS:
    case WIRE_KEY_REASON:
    case WIRE_KEY_SEQUENCE:
    case WIRE_KEY_USER_AGENT:
        return false;
    case WIRE_KEY_APPID:
    case WIRE_KEY_AT:
    case WIRE_KEY_CHIPID:
    case WIRE_KEY_MODEL:
    case WIRE_KEY_ROM_VERSION:
    case WIRE_KEY_SEQ:
    case WIRE_KEY_VERSION:
        return true;
    case WIRE_KEY_OTHER:
        /* An escaped key could spell one of those above. */
        return str_find(member.key, '\\') == member.key.len;
    }
    return false;
}

static void put_extras(struct buf *out, const struct message *ack)
{
    for (size_t i = 0; i < ack->member_count; i++) {
        struct json_member member = ack->members[i];

        if (!is_passed_on(member))
            continue;
        buf_append(out, STR(",\""));
        buf_append(out, member.key);
        wire_out_raw(out, STR("\":"), member.value.raw);
    }
}

void message_format_reply(struct buf *out, const struct message_reply *reply)
{
    assert(reply->hb_interval_s == 0 || reply->extras == NULL); /* both may hold a config */
    wire_out_int(out, STR("{\"error\":"), reply->error);
    wire_out_text(out, WIRE_TEXT("reason"), reply->reason);
    if (reply->has_result)
        wire_out_int(out, STR(",\"result\":"), reply->result);
    wire_out_text(out, WIRE_TEXT("deviceid"), reply->deviceid);
    wire_out_text(out, WIRE_TEXT("apikey"), reply->apikey);
    if (reply->hb_interval_s > 0) {
        wire_out_int(out, STR(",\"config\":{\"hb\":1,\"hbInterval\":"), reply->hb_interval_s);
        buf_append_byte(out, '}');
    }
    wire_out_text(out, WIRE_TEXT("date"), reply->date);
    wire_out_value(out, WIRE_RAW("params"), reply->params);
    if (reply->extras != NULL)
        put_extras(out, reply->extras);
    wire_out_text(out, WIRE_TEXT("sequence"), reply->sequence);
    wire_out_value(out, WIRE_RAW("d_seq"), reply->d_seq);
    wire_out_text(out, WIRE_TEXT("actionName"), reply->action_name);
    buf_append_byte(out, '}');
}

/* The routing keys that every request and notice begins with. */
static void put_head(struct buf *out, struct str action, const struct message_update *update)
{
    wire_out_text(out, STR("{\"action\":\""), action);
    wire_out_text(out, WIRE_TEXT("deviceid"), update->deviceid);
    wire_out_text(out, WIRE_TEXT("apikey"), update->apikey);
}

static void put_from_app(struct buf *out, struct str action, const struct message_update *update)
{
    put_head(out, action, update);
    buf_append(out, STR(",\"userAgent\":\"app\""));
    wire_out_text(out, WIRE_TEXT("sequence"), update->sequence);
    wire_out_raw(out, STR(",\"ts\":0,\"params\":"), update->params);
}

void message_format_command(struct buf *out, enum message_action action,
                            const struct message_update *update)
{
    put_from_app(out, str_of(message_action_name(action)), update);
    if (action == MESSAGE_UPDATE)
        buf_append(out, STR(",\"from\":\"app\""));
    buf_append_byte(out, '}');
}

void message_format_order(struct buf *out, enum message_action action,
                          const struct message_update *update)
{
    struct str members = update->params;

    put_head(out, str_of(message_action_name(action)), update);
    wire_out_text(out, STR(",\"userAgent\":\"app\",\"sequence\":\""), update->sequence);
    if (members.len > sizeof "{}" - 1) {
        buf_append_byte(out, ',');
        buf_append(out, str_sub(members, 1, members.len - 2));
    }
    buf_append_byte(out, '}');
}

void message_format_notify(struct buf *out, const struct message_update *update,
                           unsigned hb_interval_s)
{
    put_head(out, STR("notify"), update);
    wire_out_int(out, STR(",\"cmd\":\"config\",\"hb\":1,\"hbInterval\":"), hb_interval_s);
    buf_append_byte(out, '}');
}

void message_format_app_push(struct buf *out, const struct message_update *update)
{
    put_from_app(out, STR("update"), update);
    wire_out_text(out, WIRE_TEXT("tempRec"), update->deviceid);
    buf_append_byte(out, '}');
}

void message_format_device_push(struct buf *out, const struct message_update *update)
{
    put_head(out, STR("update"), update);
    buf_append(out, STR(",\"userAgent\":\"device\""));
    wire_out_value(out, WIRE_RAW("d_seq"), update->d_seq);
    wire_out_raw(out, STR(",\"ts\":0,\"params\":"), update->params);
    buf_append(out, STR(",\"from\":\"device\""));
    wire_out_value(out, WIRE_RAW("seq"), update->seq);
    buf_append_byte(out, '}');
}

void message_format_presence(struct buf *out, struct str deviceid, struct str apikey, bool online)
{
    struct message_update notice = {.deviceid = deviceid, .apikey = apikey};

    put_head(out, STR("sysmsg"), &notice);
    buf_append(out, STR(",\"ts\":0,\"params\":{\"online\":"));
    buf_append(out, online ? STR("true}}") : STR("false}}"));
}
