/*
 * bus - what other workers and nodes must hear: one facade, backends behind it.
 *
 * An event is published once and reaches every subscriber, the publisher's own worker included, as
 * mail on its own thread, in the order of publishing. Any thread may publish.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "net/mailbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUS_SUBJECT_CAP = 72, BUS_ACCOUNT_CAP = 37, BUS_MAX_SUBSCRIBERS = 65 };

enum bus_topic {
    BUS_TOKEN_REVOKED,  /* subject: the token's hash in hex; account: its user */
    BUS_APP_CHANGED,    /* subject: the app's id */
    BUS_DEVICE_CHANGED, /* subject: the device's id; account: its owner before the change */
    BUS_NODE_ANNOUNCED, /* node */
};

/* A gateway node as it speaks of itself. */
struct bus_node {
    char id[32];
    char ip[46];      /* to be told to clients; empty: the address the client reached us on */
    char domain[254]; /* likewise; empty: the name the client reached us by */
    char region[9];
    uint16_t port;   /* likewise; 0: the port the client reached us on */
    uint32_t weight; /* share of the accounts, relative to other nodes; at least 1 */
    uint32_t links;  /* present load */
    uint32_t capacity;
    bool draining;
};

struct bus_event {
    enum bus_topic topic;
    char subject[BUS_SUBJECT_CAP];
    char account[BUS_ACCOUNT_CAP];
    struct bus_node node;
};

typedef void (*bus_event_fn)(void *ctx, const struct bus_event *event);

struct bus;

/* The backend inside one process. max_waiting: events not yet delivered, per subscriber. */
struct bus *bus_local_new(size_t max_waiting);
/* All subscribers' threads have ended, or will deliver no more mail. Accepts NULL. */
void bus_free(struct bus *bus);

/* Before any publish; at most BUS_MAX_SUBSCRIBERS. */
void bus_subscribe(struct bus *bus, struct mailbox *mailbox, bus_event_fn on_event, void *ctx);

/* Copies the event. ERR_FULL: a subscriber lags by max_waiting; then nobody hears of it. */
MUST_USE enum err bus_publish(struct bus *bus, const struct bus_event *event);
