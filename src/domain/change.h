/*
 * change - what the domain tells its edges: something changed, or a session must end.
 *
 * Plain values; texts are borrowed for the call that hands them up.
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

/* Something changed: who is told gets it from here. */
struct change {
    struct str deviceid;
    struct str owner;    /* the owner's apikey */
    struct str params;   /* raw JSON, as sent */
    struct str sequence; /* of an app's command; empty for reports */
    struct str d_seq;    /* raw JSON of a report; may be empty */
    struct str seq;      /* likewise */
};

/* What is asked about a device. All but the query go to the device, which must agree. */
enum command_kind {
    COMMAND_UPDATE,   /* of its params, which are stored once it has agreed */
    COMMAND_UPGRADE,  /* of its firmware: params tell from where; nothing is stored */
    COMMAND_RESTART,  /* operators alone; without params */
    COMMAND_REDIRECT, /* likewise: to the gateway that params name */
    COMMAND_NOTIFY,   /* likewise: of the heartbeat; without params, and answered by nobody */
    COMMAND_QUERY,    /* of its stored params: the device is not asked */
};

enum session_end {
    END_REPLACED, /* another link of the same device took over */
    END_REVOKED,  /* its token was revoked, or its device deleted or given to somebody else */
    END_KICKED,   /* an operator */
    END_LIMIT,    /* too many sessions of the account */
    END_NEWER,    /* a newer session of the account, where but one may stand */
};

/* Who connected: for lists. Its edge keeps it and tells it when asked. */
struct origin {
    uint64_t conn_id;
    char peer[64];    /* "ip:port" */
    int64_t since_ms; /* wall */
};
