/*
 * device_event - what happens to devices, told to whoever watches: histories, webhooks.
 *
 * Events come on the thread where they happen: the worker that is home to the device, or the one
 * that serves the call that adds, renames or removes it. A watcher must not call back into the
 * domain. An event that stands for a change of the store is told before that change is handed to
 * the store, so that what the watcher hands in first is durable before anybody is told of the
 * change; should the store then refuse the change (it is too busy), the event was told for nothing.
 * Where nobody watches a kind, nothing is made for it.
 */
#pragma once

#include "base/str.h"
#include "domain/command_outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum device_event_kind {
    DEVICE_ONLINE,   /* it was offline; peer, model */
    DEVICE_REPLACED, /* a newer link took over, it stays online; peer, model */
    DEVICE_OFFLINE,  /* loss */
    DEVICE_UPDATE,   /* params, source: its report, or a command it has taken; is_change */
    DEVICE_COMMAND,  /* a command's end: params, source, account, outcome, error, latency_us */
    DEVICE_SHARED,   /* account: with whom */
    DEVICE_UNSHARED, /* likewise */
    DEVICE_ADDED,    /* to the account `owner`; name, model */
    DEVICE_REMOVED,  /* from the account `owner` */
    DEVICE_RENAMED,  /* name */
    DEVICE_EVENT_KINDS
};

/* Why a device went offline. */
enum device_loss {
    DEVICE_LOSS_CLOSED,   /* it closed the link, or the link broke */
    DEVICE_LOSS_IDLE,     /* it was silent for too long */
    DEVICE_LOSS_SLOW,     /* it did not read what was sent */
    DEVICE_LOSS_PROTOCOL, /* it broke the protocol's framing */
    DEVICE_LOSS_KICKED,   /* by an operator */
    DEVICE_LOSS_REVOKED,  /* deleted, disabled, or given to another account */
    DEVICE_LOSS_STOPPED,  /* the server stops */
    DEVICE_LOSS_FAILED,   /* the server could not go on with it */
    DEVICE_LOSSES
};

/* Who is behind a change or a command. */
enum device_source {
    DEVICE_SOURCE_APP, /* a session on the socket */
    DEVICE_SOURCE_DEVICE,
    DEVICE_SOURCE_REST,
    DEVICE_SOURCE_OPERATOR,
    DEVICE_SOURCES
};

/* Texts are borrowed for the call; what the kind does not name is empty. */
struct device_event {
    enum device_event_kind kind;
    int64_t at_ms; /* wall */
    struct str deviceid;
    struct str owner; /* the owner's apikey */
    enum device_loss loss;
    enum device_source source;
    struct str account; /* the apikey of who asked; empty: not known any more */
    struct str params;  /* raw JSON, as sent: an object, or an array of objects */
    bool is_change;     /* the stored params become others by it */
    enum command_outcome outcome;
    int64_t error; /* the device's, with COMMAND_DEVICE_ERROR */
    uint64_t latency_us;
    struct str peer; /* "ip:port" */
    struct str model;
    struct str name;
};

typedef void (*device_event_fn)(void *ctx, const struct device_event *event);

struct device_watcher {
    unsigned kinds; /* DEVICE_EVENT_BIT() of each that it wants */
    device_event_fn on_event;
    void *ctx;
};

enum { DEVICE_WATCHERS_MAX = 4 };

/* Of one thread. Filled before the first event, borrowed by all that tell. */
struct device_watchers {
    struct device_watcher items[DEVICE_WATCHERS_MAX];
    size_t count;
    unsigned kinds; /* of any of them */
};

#define DEVICE_EVENT_BIT(kind) (1U << (unsigned)(kind))

/* Asserts that there is room. */
void device_event_watch(struct device_watchers *watchers, const struct device_watcher *watcher);

/* Whether an event of that kind needs to be made. watchers may be NULL. */
static inline bool device_event_is_watched(const struct device_watchers *watchers,
                                           enum device_event_kind kind)
{
    return watchers != NULL && (watchers->kinds & DEVICE_EVENT_BIT(kind)) != 0;
}

/* To each that watches its kind, in the order of their coming. watchers may be NULL. */
void device_event_tell(const struct device_watchers *watchers, const struct device_event *event);

/* Names for people and machines: "online", "idle", "app"; static. */
const char *device_event_name(enum device_event_kind kind);
const char *device_event_loss_name(enum device_loss loss);
const char *device_event_source_name(enum device_source source);
