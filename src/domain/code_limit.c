#include "domain/code_limit.h"

#include "base/alloc.h"
#include "base/link.h"
#include "base/map.h"
#include "domain/network.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    KEY_CAP = 136,
    MINUTE_S = 60,
    HOUR_S = 60 * 60,
    DAY_S = 24 * 60 * 60,
};

/* The times of one key's codes, the newest at `next - 1`. */
struct code_limit_entry {
    struct link link; /* in the table's order: the oldest first */
    uint32_t stamps[CODE_LIMIT_MOST];
    unsigned next;
    unsigned count;
    char key[KEY_CAP];
};

struct table {
    struct code_limit_counts counts;
    struct map *map;
    struct link order;
};

struct code_limit {
    pthread_mutex_t lock;
    size_t max_keys;
    struct table accounts;
    struct table peers;
};

static struct str key_of(const void *item)
{
    return str_of(((const struct code_limit_entry *)item)->key);
}

static void table_init(struct table *table, const struct code_limit_counts *counts)
{
    assert(counts->day <= CODE_LIMIT_MOST && counts->hour <= CODE_LIMIT_MOST &&
           counts->minute <= CODE_LIMIT_MOST);
    table->counts = *counts;
    table->map = map_new(key_of);
    link_init(&table->order);
}

static void forget_oldest(struct table *table)
{
    struct code_limit_entry *entry = CONTAINER_OF(table->order.next, struct code_limit_entry, link);

    map_remove(table->map, str_of(entry->key));
    link_remove(&entry->link);
    free(entry);
}

static void table_fini(struct table *table)
{
    struct link *next;

    for (struct link *at = table->order.next; at != &table->order; at = next) {
        next = at->next;
        free(CONTAINER_OF(at, struct code_limit_entry, link));
    }
    map_free(table->map);
}

struct code_limit *code_limit_new(const struct code_limit_config *config)
{
    struct code_limit *limit = alloc_zero(sizeof *limit);

    pthread_mutex_init(&limit->lock, NULL);
    limit->max_keys = config->max_keys;
    table_init(&limit->accounts, &config->account);
    table_init(&limit->peers, &config->peer);
    return limit;
}

void code_limit_free(struct code_limit *limit)
{
    if (limit == NULL)
        return;
    table_fini(&limit->accounts);
    table_fini(&limit->peers);
    pthread_mutex_destroy(&limit->lock);
    free(limit);
}

/* Whether fewer than `most` of the codes are younger than that. */
static bool is_below(const struct code_limit_entry *entry, unsigned most, uint32_t span_s,
                     uint32_t now_s)
{
    unsigned at;

    if (most == 0)
        return false;
    if (entry->count < most)
        return true;
    at = (entry->next + CODE_LIMIT_MOST - most) % CODE_LIMIT_MOST;
    return now_s - entry->stamps[at] >= span_s;
}

static bool may(const struct table *table, const char *key, uint32_t now_s)
{
    static const struct code_limit_entry none = {.count = 0};
    const struct code_limit_entry *entry = map_find(table->map, str_of(key));

    if (entry == NULL)
        entry = &none;
    return is_below(entry, table->counts.minute, MINUTE_S, now_s) &&
           is_below(entry, table->counts.hour, HOUR_S, now_s) &&
           is_below(entry, table->counts.day, DAY_S, now_s);
}

/* The key's entry, made when it is new, as the newest of all. */
static struct code_limit_entry *entry_of(struct table *table, const char *key, size_t max_keys)
{
    struct code_limit_entry *entry = map_find(table->map, str_of(key));

    if (entry != NULL) {
        link_remove(&entry->link);
        link_insert(&table->order, &entry->link);
        return entry;
    }
    if (map_count(table->map) >= max_keys)
        forget_oldest(table);
    entry = alloc_zero(sizeof *entry);
    str_copy(str_of(key), entry->key, sizeof entry->key);
    link_init(&entry->link);
    link_insert(&table->order, &entry->link);
    map_put(table->map, entry);
    return entry;
}

static void stamp(struct code_limit_entry *entry, uint32_t now_s)
{
    entry->stamps[entry->next] = now_s;
    entry->next = (entry->next + 1) % CODE_LIMIT_MOST;
    if (entry->count < CODE_LIMIT_MOST)
        entry->count++;
}

/* Who is refused leaves no trace, or could flush what is remembered of others. */
bool code_limit_take(struct code_limit *limit, struct str account, struct str peer_ip,
                     uint64_t now_ms)
{
    uint32_t now_s = (uint32_t)(now_ms / 1000);
    char account_key[KEY_CAP];
    char peer_key[KEY_CAP];
    char room[NETWORK_CAP];
    bool is_granted;

    if (!str_copy(account, account_key, sizeof account_key) ||
        !str_copy(network_of(peer_ip, room), peer_key, sizeof peer_key))
        return false;
    pthread_mutex_lock(&limit->lock);
    is_granted = may(&limit->accounts, account_key, now_s) && may(&limit->peers, peer_key, now_s);
    if (is_granted) {
        stamp(entry_of(&limit->accounts, account_key, limit->max_keys), now_s);
        stamp(entry_of(&limit->peers, peer_key, limit->max_keys), now_s);
    }
    pthread_mutex_unlock(&limit->lock);
    return is_granted;
}
