/*
 * message_share - the params of share, updateShare and cancelShare, and the offer that a sharee's
 * apps are sent.
 *
 * Any thread.
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

enum { MESSAGE_SHARE_TEXT_CAP = 129, MESSAGE_SHARE_PERMIT_MAX = 15 };

/* Decoded; a text that is absent is empty. */
struct message_share {
    char account[MESSAGE_SHARE_TEXT_CAP]; /* uid */
    char name[MESSAGE_SHARE_TEXT_CAP];    /* deviceName */
    char user_name[MESSAGE_SHARE_TEXT_CAP];
    char note[MESSAGE_SHARE_TEXT_CAP];
    int64_t permit;     /* -1: absent */
    int64_t share_time; /* 0: absent */
};

/* ERR_INVALID: no object, no uid, a text that is too long, or a permit that is none. */
MUST_USE enum err message_share_parse(struct json_value params, struct message_share *out);

struct message_share_offer {
    struct str deviceid;
    struct str apikey; /* the owner's */
    struct str sequence;
    struct str account; /* these are plain text */
    struct str name;
    struct str user_name;
    struct str note;
    int64_t permit; /* below 0: absent */
    int64_t share_time;
};

void message_share_format(struct buf *out, const struct message_share_offer *offer);

/* What an app says to an offer: its "result" is 2. */
bool message_share_is_accepted(const struct json_member *members, size_t count);
