/*
 * node_registry - the gateway nodes a client may be sent to, and the choice between them.
 *
 * A node renews its lease by announcing itself and is gone when the lease ends. The choice is
 * weighted rendezvous hashing of the account over the live nodes, skipping those that are draining,
 * full, of another region, or above the bounded load (Mirrokni et al. 2017): (1 + 1/4) times the
 * mean. Each worker keeps a registry of its own, fed by the bus. Pure memory: no I/O, the caller
 * supplies the time. The owning thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "bus/bus.h"

#include <stdint.h>

enum { NODE_REGISTRY_CAP = 256 };

struct node_registry;

struct node_registry *node_registry_new(uint64_t lease_ms, uint64_t reservation_ms);
void node_registry_free(struct node_registry *registry); /* accepts NULL */

/* Adds or renews a node; copies it. ERR_FULL when there is no room for a new id. */
MUST_USE enum err node_registry_announce(struct node_registry *registry,
                                         const struct bus_node *node, uint64_t now_ms);

/*
 * The node for an account, or NULL when none may be handed out. It stays valid until the next call.
 * The pick reserves a place, one for each account, until reservation_ms are over, so that a burst
 * spreads; who has one is sent there again, full or not. region empty: any.
 */
const struct bus_node *node_registry_pick(struct node_registry *registry, struct str account,
                                          struct str region, uint64_t now_ms);
