#include "proto/message.h"

#include "proto/wire_in.h"
#include "proto/wire_key.h"

#include <assert.h>
#include <string.h>

static struct json_value unless_null(struct json_value value)
{
    return value.kind == JSON_NULL ? (struct json_value){0} : value;
}

static struct json_value scalar_of(struct json_value value)
{
    bool is_scalar = value.kind == JSON_NUMBER || value.kind == JSON_STRING;

    return is_scalar ? value : (struct json_value){0};
}

static const struct str action_names[] = {
    {NULL, 0},
    {NULL, 0},
#define MESSAGE_ACTION(id, name) {name, sizeof(name) - 1},
#include "proto/message_action.def"
#undef MESSAGE_ACTION
};

enum { ACTIONS = sizeof action_names / sizeof action_names[0] };

const char *message_action_name(enum message_action action)
{
    assert((size_t)action < ACTIONS);
    return action <= MESSAGE_UNKNOWN ? "" : action_names[action].ptr;
}

static enum message_action action_of(struct json_value value)
{
    struct str name = wire_in_text(value);

    if (value.kind == JSON_NULL)
        return MESSAGE_RESPONSE;
    for (size_t i = MESSAGE_UNKNOWN + 1; i < ACTIONS; i++)
        if (str_eq(action_names[i], name))
            return (enum message_action)i;
    return MESSAGE_UNKNOWN;
}

static void take(struct message *out, enum wire_key key, struct json_value value)
{
    switch (key) {
    case WIRE_KEY_ACTION:
        out->action = action_of(value);
        break;
    case WIRE_KEY_ERROR:
        out->has_error = wire_in_i64(value, &out->error);
        break;
    case WIRE_KEY_VERSION:
        if (!wire_in_i64(value, &out->version))
            out->version = 0;
        out->has_text_version = value.kind == JSON_STRING;
        break;
    case WIRE_KEY_AT:
        out->at = wire_in_text(value);
        break;
    case WIRE_KEY_APIKEY:
        out->apikey = wire_in_text(value);
        break;
    case WIRE_KEY_APPID:
        out->appid = wire_in_text(value);
        break;
    case WIRE_KEY_DEVICEID:
        out->deviceid = wire_in_text(value);
        break;
    case WIRE_KEY_USER_AGENT:
        out->user_agent = wire_in_text(value);
        break;
    case WIRE_KEY_CHIPID:
        out->chipid = wire_in_text(value);
        break;
    case WIRE_KEY_MODEL:
        out->model = wire_in_text(value);
        break;
    case WIRE_KEY_ROM_VERSION:
        out->rom_version = wire_in_text(value);
        break;
    case WIRE_KEY_SEQUENCE:
        out->sequence = wire_in_text_or_number(value);
        break;
    case WIRE_KEY_D_SEQ:
        out->d_seq = scalar_of(value);
        break;
    case WIRE_KEY_SEQ:
        out->seq = scalar_of(value);
        break;
    case WIRE_KEY_PARAMS:
        out->params = unless_null(value);
        break;
    case WIRE_KEY_REASON:
        break;
    case WIRE_KEY_OTHER:
        out->has_others = true;
        break;
    }
}

enum err message_parse(struct str text, struct message *out)
{
    enum err err = json_scan_object(text, out->members, MESSAGE_MAX_MEMBERS, &out->member_count);

    if (err)
        return err;
    memset(out, 0, offsetof(struct message, members));
    out->text = text;
    /* Backwards, so that of a key that stands twice the first one stays, as firmware reads it. */
    for (size_t i = out->member_count; i-- > 0;)
        take(out, wire_key_of(out->members[i].key), out->members[i].value);
    return ERR_NONE;
}

bool message_is_ping(struct str text)
{
    return str_eq_nocase(str_trim(text), STR("ping"));
}
