#include "domain/login_limit.h"

#include "base/alloc.h"
#include "domain/lru.h"
#include "domain/network.h"

#include <pthread.h>
#include <stdlib.h>

enum { KEY_CAP = 136 };

struct login_limit_entry {
    struct lru_item item; /* fresh until its window ends */
    unsigned failures;
    char key[KEY_CAP];
};

struct login_limit {
    struct login_limit_config config;
    pthread_mutex_t lock; /* guards what follows */
    struct lru accounts;
    struct lru peers;
};

static struct str key_of(const void *item)
{
    return str_of(((const struct login_limit_entry *)item)->key);
}

struct login_limit *login_limit_new(const struct login_limit_config *config)
{
    struct login_limit *limit = alloc_zero(sizeof *limit);

    limit->config = *config;
    pthread_mutex_init(&limit->lock, NULL);
    lru_init(&limit->accounts, key_of, config->max_keys);
    lru_init(&limit->peers, key_of, config->max_keys);
    return limit;
}

void login_limit_free(struct login_limit *limit)
{
    if (limit == NULL)
        return;
    lru_fini(&limit->accounts);
    lru_fini(&limit->peers);
    pthread_mutex_destroy(&limit->lock);
    free(limit);
}

static struct str fitting(struct str key)
{
    return str_sub(key, 0, KEY_CAP - 1);
}

static bool may_fail(struct lru *lru, struct str key, uint64_t now_ms, unsigned max)
{
    const struct login_limit_entry *entry = lru_find(lru, fitting(key), now_ms);

    return (entry == NULL ? 0 : entry->failures) < max;
}

static void count(struct login_limit *limit, struct lru *lru, struct str key, uint64_t now_ms)
{
    struct login_limit_entry *entry = lru_find(lru, fitting(key), now_ms);

    if (entry == NULL) {
        entry = alloc_zero(sizeof *entry);
        entry->item.fresh_until_ms = now_ms + limit->config.window_ms;
        str_copy(fitting(key), entry->key, sizeof entry->key);
        lru_put(lru, entry);
    }
    entry->failures++;
}

/* Who is refused leaves no trace, or could flush the failures of others. */
bool login_limit_begin(struct login_limit *limit, struct str account, struct str peer_ip,
                       uint64_t now_ms)
{
    char room[NETWORK_CAP];
    struct str peer = network_of(peer_ip, room);
    bool may;

    pthread_mutex_lock(&limit->lock);
    may = may_fail(&limit->peers, peer, now_ms, limit->config.max_peer) &&
          may_fail(&limit->accounts, account, now_ms, limit->config.max_account);
    if (may) {
        count(limit, &limit->accounts, account, now_ms);
        count(limit, &limit->peers, peer, now_ms);
    }
    pthread_mutex_unlock(&limit->lock);
    return may;
}

void login_limit_forgive(struct login_limit *limit, struct str account, struct str peer_ip,
                         uint64_t now_ms)
{
    char room[NETWORK_CAP];
    struct login_limit_entry *by_peer;

    pthread_mutex_lock(&limit->lock);
    lru_drop(&limit->accounts, fitting(account));
    by_peer = lru_find(&limit->peers, fitting(network_of(peer_ip, room)), now_ms);
    if (by_peer != NULL && by_peer->failures > 0)
        by_peer->failures--;
    pthread_mutex_unlock(&limit->lock);
}
