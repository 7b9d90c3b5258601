/*
 * gateway - the edge for WebSocket clients: upgrade, handshake, heartbeat, commands.
 *
 * One per worker. It translates between the wire (ws, proto) and the domain, and decides nothing. A
 * link starts on the worker that accepted it and, once its first message is authenticated, moves to
 * the worker that is home to its account, and stays there. The owning worker's thread only, unless
 * said otherwise.
 */
#pragma once

#include "base/log.h"
#include "base/metric.h"
#include "bus/bus.h"
#include "domain/access.h"
#include "domain/accounts.h"
#include "domain/quarantine.h"
#include "http/http_server.h"
#include "net/conn.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gateway;

/* What devices are held to and spared, by what their register tells (gateway_dialect.h). */
struct gateway_firmware {
    size_t old_frame_bytes; /* the most that such a device can read in one frame */
    size_t small_frame_bytes;
    uint16_t commands_at_once;     /* of one device, unanswered; 0: as many as max_pending */
    uint16_t old_commands_at_once; /* likewise, of both that have a frame's bound above */
    bool requires_chipid;          /* of a device of version 8 or later */
};

struct gateway_config {
    struct loop *loop;
    struct store *store;
    struct device_epochs *epochs;           /* of all workers */
    struct relay_desk *desk;                /* of the same worker */
    struct access *access;                  /* of the same worker */
    const struct conn_config *conn;         /* of the same worker: what its connections use */
    struct quarantine *quarantine;          /* of all workers; may be NULL */
    const struct device_watchers *watchers; /* see accounts.h */
    struct metric_set *metrics;
    struct log *log;
    unsigned hb_interval_s; /* told to clients; 61 to 3600 */
    uint64_t idle_ms;       /* a link silent for longer is closed */
    uint64_t handshake_ms;  /* for the first message to come */
    uint64_t reject_ms;     /* how long a refused app link stays open (docs/protocol.md) */
    uint64_t command_ms;    /* see accounts.h for these six */
    size_t max_pending;
    size_t max_sessions;
    struct share_rules shares;
    size_t max_owners;
    uint64_t owner_ms;
    enum session_policy sessions;
    size_t max_message_bytes;
    uint32_t max_frames_per_s; /* of one link, at most 1000000; 0: no limit */
    struct gateway_firmware firmware;
};

struct gateway *gateway_new(const struct gateway_config *config);
/* All links must be gone: gateway_close_all(), then turns until gateway_is_idle(). Accepts NULL. */
void gateway_free(struct gateway *gateway);

/* All workers' gateways, this one included, in the order of their desks; borrowed; before any link.
 */
void gateway_set_peers(struct gateway *gateway, struct gateway *const *peers, size_t count);

/* The handler of the route GET /api/ws, whose ctx is the gateway. */
void gateway_on_upgrade(void *ctx, struct http_exchange *exchange,
                        const struct http_request *request, struct str body);

void gateway_on_event(struct gateway *gateway, const struct bus_event *event);

/* Closes every link with 1001; later upgrades are refused with 503. */
void gateway_close_all(struct gateway *gateway);
/* No link is open and nothing waits in the store. */
bool gateway_is_idle(const struct gateway *gateway);

/* For operators' calls (domain/roll_call.h). */
struct accounts *gateway_accounts(struct gateway *gateway);
