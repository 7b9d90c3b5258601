/*
 * accounts - everything of the accounts at home on one worker: sessions, devices, pending commands.
 *
 * An account is in memory while a session of it or a link of its device is open. All of one account
 * happens on one thread, so there is no lock. Edges call down with plain structs (session.h,
 * device_link.h) and are told through the event tables they gave; nothing here knows JSON keys of
 * the protocol, sockets or clocks. Rules: docs/protocol.md, "Control".
 */
#pragma once

#include "base/err.h"
#include "base/metric.h"
#include "base/str.h"
#include "bus/bus.h"
#include "bus/relay.h"
#include "domain/change.h"
#include "domain/device_epochs.h"
#include "domain/device_event.h"
#include "domain/share.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct accounts; /* one per worker */

/* What the owning worker lends: its turn's time, and one alarm. */
struct accounts_host {
    uint64_t (*now_ms)(void *ctx);   /* monotonic */
    int64_t (*wall_ms)(void *ctx);   /* since 1970 */
    uint64_t (*clock_us)(void *ctx); /* monotonic, read now: for latencies only */
    /* Asks for a call of accounts_expire() at due_ms (now_ms scale) or soon after. */
    void (*wake_at)(void *ctx, uint64_t due_ms);
    void *ctx;
};

/* Which sessions of one account may stand side by side; otherwise the newest stays. */
enum session_policy { SESSIONS_MANY, SESSIONS_ONE_PER_APP, SESSIONS_ONE };

struct accounts_config {
    struct store *store;
    struct mailbox *mailbox;                /* of the owning worker */
    struct relay_desk *desk;                /* its home's; borrowed, served from here on */
    struct device_epochs *epochs;           /* of all workers; borrowed */
    const struct device_watchers *watchers; /* of this worker; borrowed; may be NULL */
    struct metric_set *metrics;             /* may be NULL */
    struct accounts_host host;
    uint64_t command_ms; /* a device that has not answered by then: COMMAND_TIMEOUT */
    size_t max_pending;  /* commands under way per session and per device; reports per device */
    enum session_policy sessions;
    size_t max_sessions; /* per account; past it the oldest ends (END_LIMIT) */
    struct share_rules shares;
    size_t max_owners; /* remembered, of devices that are at home elsewhere */
    uint64_t owner_ms; /* an owner is looked up again after this long */
};

struct accounts *accounts_new(const struct accounts_config *config);
/* All sessions and links closed; waits under way in the store have been answered. */
void accounts_free(struct accounts *accounts); /* accepts NULL */

/* Ends what has waited too long; asks the host for the next call itself. */
void accounts_expire(struct accounts *accounts);
/* To be called for every bus event. */
void accounts_on_event(struct accounts *accounts, const struct bus_event *event);
/* Nothing waits in the store or for another home on this worker's behalf: safe to free. */
bool accounts_are_idle(const struct accounts *accounts);

/* For operators: every open session and link. */
struct census_row {
    bool is_device;
    struct str account;
    struct str deviceid; /* empty for apps */
    struct origin origin;
};
typedef void (*census_fn)(void *ctx, const struct census_row *row);
void accounts_census(const struct accounts *accounts, census_fn on_row, void *ctx);

/* Ends what matches: conn_id, or (when that is 0) the device of that id. Returns how many. */
size_t accounts_kick(struct accounts *accounts, uint64_t conn_id, struct str deviceid);
