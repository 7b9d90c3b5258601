/*
 * message - every message of the WebSocket protocol, to and from plain structs; no I/O.
 *
 * Parsing gives views into the text: of a string, what stands between its quotes, escapes
 * undecoded, so that it can be echoed byte for byte. What is absent, null or of a wrong type is an
 * empty view. Formatting appends one compact JSON object to a buf, keys in the fixed order below:
 * routing keys first, params late, as the tightest firmware needs it (docs/protocol.md, "Key
 * order"). Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MAX_MEMBERS = 48 };

enum message_action {
    MESSAGE_RESPONSE, /* no "action": an answer to a request of ours */
    MESSAGE_UNKNOWN,  /* an action that is not in message_action.def */
#define MESSAGE_ACTION(id, name) MESSAGE_##id,
#include "proto/message_action.def"
#undef MESSAGE_ACTION
};

struct message {
    enum message_action action;
    bool has_error; /* "error" is there and is an integer (also as digits in a string) */
    int64_t error;
    int64_t version;       /* number or digits in a string; 0 when absent */
    bool has_text_version; /* it is a string */
    struct str at;
    struct str apikey;
    struct str appid;
    struct str deviceid;
    struct str user_agent;
    struct str chipid;
    struct str model;
    struct str rom_version;
    struct str sequence;      /* string content or the number's digits, to be echoed as a string */
    struct json_value d_seq;  /* to be echoed with its type; JSON_NONE when absent */
    struct json_value seq;    /* likewise */
    struct json_value params; /* JSON_NONE when absent */
    bool has_others;          /* members that no field above stands for */
    struct str text;          /* the whole message */
    struct json_member members[MESSAGE_MAX_MEMBERS]; /* all top-level members, in order */
    size_t member_count;
};

/*
 * ERR_INVALID: not one JSON object; ERR_TOO_LARGE: more members than MESSAGE_MAX_MEMBERS; *out
 * holds nothing of use then. Of a key that stands twice the first counts.
 */
MUST_USE enum err message_parse(struct str text, struct message *out);

/* The text heartbeat: "ping", any case, white space around it. */
bool message_is_ping(struct str text);

/*
 * What follows is formatted without escaping: views are what a parse gave, or text that needs none
 * (ids that were checked when they were made, reasons of our own).
 *
 * Any answer: only what is set is written, in this order; empty views are left out.
 */
struct message_reply {
    int error;
    struct str reason;
    bool has_result;
    int result;
    struct str deviceid;
    struct str apikey;
    unsigned hb_interval_s;       /* 0: no config; else "config":{"hb":1,"hbInterval":n} */
    struct str date;              /* ISO 8601, see clock_format_iso() */
    struct json_value params;     /* raw */
    const struct message *extras; /* an ack whose further members are passed on, or NULL; not both
                                     with hb_interval_s */
    struct str sequence;
    struct json_value d_seq;
    struct str action_name; /* "actionName": handshake errors only */
};

void message_format_reply(struct buf *out, const struct message_reply *reply);

/* Requests and notices that the server sends. */
struct message_update {
    struct str deviceid;
    struct str apikey; /* always the owner's */
    struct str sequence;
    struct str params; /* raw JSON */
    struct json_value d_seq;
    struct json_value seq;
};

/* Server to device: update or upgrade. */
void message_format_command(struct buf *out, enum message_action action,
                            const struct message_update *update);
/* Likewise: restart, or redirect, whose params' members stand at the top level. */
void message_format_order(struct buf *out, enum message_action action,
                          const struct message_update *update);
/* Likewise: notify, of the heartbeat. It has no sequence, since nobody answers it. */
void message_format_notify(struct buf *out, const struct message_update *update,
                           unsigned hb_interval_s);
/* Server to other apps: an app has changed params ("userAgent":"app", "tempRec"). */
void message_format_app_push(struct buf *out, const struct message_update *update);
/* Server to apps: a device has reported params ("userAgent":"device", "from":"device"). */
void message_format_device_push(struct buf *out, const struct message_update *update);
/* "sysmsg" with params {"online":...}. */
void message_format_presence(struct buf *out, struct str deviceid, struct str apikey, bool online);

const char *message_action_name(enum message_action action); /* "update"; "" for the first two */
