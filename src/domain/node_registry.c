#include "domain/node_registry.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bounded loads: a node may stand above the mean by this part of it. */
static const double load_slack = 0.25;

/* A slot whose lease has ended is vacant; zero-filled slots start that way. */
struct slot {
    struct bus_node node;
    uint64_t lease_end_ms;
    uint32_t reserved;
    uint32_t place; /* links and reservations, as of the pick that is under way */
};

/* Who has a place already; as many accounts, at most, can reserve one at a time. */
enum { GUESTS = 64 * 1024 };

struct node_registry {
    uint64_t lease_ms;
    uint64_t reservation_ms;
    uint64_t reserved_until_ms; /* when the reservations end, all together */
    uint16_t guests[GUESTS];    /* by a hash of the account: its slot's number from 1 on, 0: none */
    size_t used;                /* slots[used..) have never been taken */
    struct slot slots[NODE_REGISTRY_CAP];
};

struct node_registry *node_registry_new(uint64_t lease_ms, uint64_t reservation_ms)
{
    struct node_registry *registry = alloc_zero(sizeof *registry);

    registry->lease_ms = lease_ms;
    registry->reservation_ms = reservation_ms;
    return registry;
}

void node_registry_free(struct node_registry *registry)
{
    free(registry);
}

static bool is_vacant(const struct slot *slot, uint64_t now_ms)
{
    return slot->lease_end_ms <= now_ms;
}

/* The slot that already holds `id`, else a vacant one, else NULL. */
static struct slot *slot_for(struct node_registry *registry, const char *id, uint64_t now_ms)
{
    struct slot *vacant = NULL;

    for (size_t i = 0; i < registry->used; i++) {
        struct slot *slot = &registry->slots[i];

        if (strcmp(slot->node.id, id) == 0)
            return slot;
        if (is_vacant(slot, now_ms))
            vacant = slot;
    }
    if (vacant == NULL && registry->used < NODE_REGISTRY_CAP)
        vacant = &registry->slots[registry->used++];
    return vacant;
}

static uint16_t number_of(const struct node_registry *registry, const struct slot *slot)
{
    return (uint16_t)(slot - registry->slots + 1);
}

/* Those of the node that was there before. */
static void forget_reservations(struct node_registry *registry, struct slot *slot)
{
    for (size_t i = 0; i < GUESTS && slot->reserved > 0; i++)
        if (registry->guests[i] == number_of(registry, slot))
            registry->guests[i] = 0;
    slot->reserved = 0;
}

enum err node_registry_announce(struct node_registry *registry, const struct bus_node *node,
                                uint64_t now_ms)
{
    struct slot *slot = slot_for(registry, node->id, now_ms);

    if (slot == NULL)
        return ERR_FULL;
    if (is_vacant(slot, now_ms))
        forget_reservations(registry, slot);
    slot->node = *node;
    slot->lease_end_ms = now_ms + registry->lease_ms;
    return ERR_NONE;
}

/* Those who were sent somewhere and have had time to arrive are counted by the nodes by now. */
static void end_reservations(struct node_registry *registry)
{
    memset(registry->guests, 0, sizeof registry->guests);
    for (size_t i = 0; i < registry->used; i++)
        registry->slots[i].reserved = 0;
    registry->reserved_until_ms = 0;
}

static uint32_t guest_of(struct str account)
{
    static const uint8_t key[16] = {0};

    return (uint32_t)(crypto_siphash(account, key) % GUESTS);
}

/* An account that asks again holds its place already: or else one client, asking as fast as it can,
 * would fill all nodes. Two accounts that share a guest reserve one place, which does no harm. */
static void reserve(struct node_registry *registry, struct slot *slot, uint32_t guest,
                    uint64_t now_ms)
{
    if (registry->guests[guest] != 0)
        return;
    registry->guests[guest] = number_of(registry, slot);
    slot->reserved++;
    if (registry->reserved_until_ms == 0)
        registry->reserved_until_ms = now_ms + registry->reservation_ms;
}

/* It may be handed out, to those who have a place there at least. */
static bool is_open(const struct slot *slot, struct str region, uint64_t now_ms)
{
    if (is_vacant(slot, now_ms) || slot->node.draining || slot->node.weight == 0)
        return false;
    return region.len == 0 || slot->node.region[0] == '\0' ||
           str_eq(region, str_of(slot->node.region));
}

static bool is_eligible(const struct slot *slot, struct str region, uint64_t now_ms)
{
    return is_open(slot, region, now_ms) &&
           (slot->node.capacity == 0 || slot->place < slot->node.capacity);
}

/* Rendezvous weight of an account on a node: -w / ln(h), h uniform in (0, 1). */
static double score(const struct bus_node *node, struct str account)
{
    uint8_t key[16] = {0};
    double uniform;

    /* Every dispatcher must come to the same choice, so the key is the node's name, not a secret.
     */
    for (size_t i = 0; node->id[i] != '\0'; i++)
        key[i % sizeof key] = (uint8_t)(key[i % sizeof key] * 31 + (uint8_t)node->id[i]);
    uniform = ((double)(crypto_siphash(account, key) >> 11) + 0.5) / 9007199254740992.0;
    return -(double)node->weight / log(uniform);
}

/* The highest load a node of weight 1 may have: (1 + slack) times the mean, with the newcomer. */
static double load_bound(struct node_registry *registry, struct str region, uint64_t now_ms)
{
    double links = 1;
    double weight = 0;

    for (size_t i = 0; i < registry->used; i++) {
        struct slot *slot = &registry->slots[i];

        slot->place = slot->node.links + slot->reserved;
        if (!is_eligible(slot, region, now_ms))
            continue;
        links += slot->place;
        weight += slot->node.weight;
    }
    return weight == 0 ? 0 : (1 + load_slack) * links / weight;
}

/* The eligible slot below the bound whose node fits the account best, or NULL. */
static struct slot *best_slot(struct node_registry *registry, struct str account, struct str region,
                              uint64_t now_ms)
{
    struct slot *best = NULL;
    double best_score = 0;
    double bound = load_bound(registry, region, now_ms);

    for (size_t i = 0; i < registry->used; i++) {
        struct slot *slot = &registry->slots[i];
        double points;

        if (!is_eligible(slot, region, now_ms) || slot->place >= ceil(bound * slot->node.weight))
            continue;
        points = score(&slot->node, account);
        if (best == NULL || points > best_score) {
            best = slot;
            best_score = points;
        }
    }
    return best;
}

const struct bus_node *node_registry_pick(struct node_registry *registry, struct str account,
                                          struct str region, uint64_t now_ms)
{
    uint32_t guest = guest_of(account);
    struct slot *slot;

    if (registry->reserved_until_ms != 0 && registry->reserved_until_ms <= now_ms)
        end_reservations(registry);
    if (registry->guests[guest] != 0) {
        slot = &registry->slots[registry->guests[guest] - 1];
        if (is_open(slot, region, now_ms))
            return &slot->node;
    }
    slot = best_slot(registry, account, region, now_ms);
    if (slot == NULL)
        return NULL;
    reserve(registry, slot, guest, now_ms);
    return &slot->node;
}
