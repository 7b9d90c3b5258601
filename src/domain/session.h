/*
 * session - an app's open session: its commands, and what it is told of others'.
 *
 * A change is told after its commit. The owning worker's thread only.
 */
#pragma once

#include "base/json.h"
#include "base/str.h"
#include "domain/accounts.h"
#include "domain/change.h"
#include "domain/command_outcome.h"
#include "store/store_record.h"

#include <stdbool.h>
#include <stdint.h>

struct session;
struct session_share_keys;

struct command_result {
    enum command_outcome outcome;
    int64_t error; /* with COMMAND_DEVICE_ERROR */
    struct str deviceid;
    struct str apikey;       /* as the request had it */
    struct str sequence;     /* as the request had it */
    struct str params;       /* of a query: the device's stored params, one JSON object */
    struct json_value names; /* of a query: what it asked for */
    struct str ack;          /* the device's whole answer where it was kept (see device_ack) */
};

struct session_events {
    void (*on_result)(void *ctx, const struct command_result *result);
    void (*on_app_change)(void *ctx, const struct change *change); /* another app's command */
    void (*on_report)(void *ctx, const struct change *change);     /* a device's report */
    void (*on_presence)(void *ctx, struct str deviceid, struct str owner, bool online);
    /* See session_share.h. An offer: to be answered by its sequence. */
    void (*on_share)(void *ctx, enum share_verb verb, enum share_outcome outcome,
                     const struct session_share_keys *keys);
    void (*on_share_offer)(void *ctx, const struct share_request *offer, struct str sequence);
    /* The domain ends it; the edge must close and then call session_close(). */
    void (*on_end)(void *ctx, enum session_end end);
    uint64_t (*conn_id)(void *ctx);
    void (*tell_origin)(void *ctx, struct origin *out);
};

struct session_config {
    struct str apikey;
    struct str appid;          /* of the token */
    const uint8_t *token_hash; /* STORE_TOKEN_HASH_BYTES, copied */
    const struct session_events *events;
    void *ctx;
};

struct session *session_open(struct accounts *accounts, const struct session_config *config);
void session_close(struct session *session); /* answers under way are dropped */
/* The account's apikey, NUL-terminated. */
struct str session_apikey(const struct session *session);

struct command_request {
    struct str deviceid;
    struct str apikey;
    struct str sequence;
    struct json_value params; /* update: object or array; upgrade: object; query: names or absent */
};

/* One on_result follows, now or later (this is the exception to "never before the call returns":
 * offline devices and queries of loaded ones are answered within the call). */
void session_update(struct session *session, const struct command_request *request);
void session_upgrade(struct session *session, const struct command_request *request);
void session_query(struct session *session, const struct command_request *request);
