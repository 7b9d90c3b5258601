/*
 * rest_history - a device's history in the account API.
 *
 * Source: docs/protocol.md, "Device history". Pure functions, any thread.
 */
#pragma once

#include "base/json_out.h"
#include "base/str.h"

#include <stdint.h>

/* Empty texts are left out. */
struct rest_history_entry {
    struct str deviceid;
    struct str agent;   /* "app" or "device" */
    struct str type;    /* "online", "command" */
    struct str request; /* the params, raw JSON */
    struct str account; /* who asked */
    struct str reason;  /* of going offline */
    struct str outcome; /* of a command */
    int64_t error;      /* the device's; 0: none */
    int64_t latency_us; /* of a command; negative: none */
    int64_t at_ms;
};

void rest_history_begin(struct json_out *json);
void rest_history_put(struct json_out *json, const struct rest_history_entry *entry);
void rest_history_end(struct json_out *json);
