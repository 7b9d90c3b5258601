/*
 * wire_key - which of the protocol's top-level keys a member has. Pure function, any thread.
 */
#pragma once

#include "base/str.h"

enum wire_key {
    WIRE_KEY_OTHER, /* none of these, or spelt with escapes */
    WIRE_KEY_ACTION,
    WIRE_KEY_APIKEY,
    WIRE_KEY_APPID,
    WIRE_KEY_AT,
    WIRE_KEY_CHIPID,
    WIRE_KEY_D_SEQ,
    WIRE_KEY_DEVICEID,
    WIRE_KEY_ERROR,
    WIRE_KEY_MODEL,
    WIRE_KEY_PARAMS,
    WIRE_KEY_REASON,
    WIRE_KEY_ROM_VERSION,
    WIRE_KEY_SEQ,
    WIRE_KEY_SEQUENCE,
    WIRE_KEY_USER_AGENT,
    WIRE_KEY_VERSION,
};

enum wire_key wire_key_of(struct str key);
