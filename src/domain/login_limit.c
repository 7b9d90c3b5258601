#include "domain/login_limit.h"

#include "base/alloc.h"
#include "domain/lru.h"

#include <pthread.h>
#include <stdlib.h>

enum { KEY_CAP = 136, NETWORK_GROUPS = 4 };

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

/* Who has one address of an IPv6 network has all. */
static struct str network_of(struct str ip)
{
    size_t len = 0;

    if (str_find(ip, ':') == ip.len)
        return ip;
    for (unsigned groups = 0; len < ip.len; len++)
        if (ip.ptr[len] == ':' && ++groups == NETWORK_GROUPS)
            break;
    return str_sub(ip, 0, len);
}

static struct login_limit_entry *entry_of(struct login_limit *limit, struct lru *lru,
                                          struct str key, uint64_t now_ms)
{
    struct str fitting = str_sub(key, 0, KEY_CAP - 1);
    struct login_limit_entry *entry = lru_find(lru, fitting, now_ms);

    if (entry != NULL)
        return entry;
    entry = alloc_zero(sizeof *entry);
    entry->item.fresh_until_ms = now_ms + limit->config.window_ms;
    str_copy(fitting, entry->key, sizeof entry->key);
    lru_put(lru, entry);
    return entry;
}

bool login_limit_begin(struct login_limit *limit, struct str account, struct str peer_ip,
                       uint64_t now_ms)
{
    struct login_limit_entry *by_account;
    struct login_limit_entry *by_peer;
    bool may;

    pthread_mutex_lock(&limit->lock);
    by_account = entry_of(limit, &limit->accounts, account, now_ms);
    by_peer = entry_of(limit, &limit->peers, network_of(peer_ip), now_ms);
    may = by_account->failures < limit->config.max_account &&
          by_peer->failures < limit->config.max_peer;
    by_account->failures += may;
    by_peer->failures += may;
    pthread_mutex_unlock(&limit->lock);
    return may;
}

void login_limit_forgive(struct login_limit *limit, struct str account, struct str peer_ip,
                         uint64_t now_ms)
{
    struct login_limit_entry *by_peer;

    pthread_mutex_lock(&limit->lock);
    lru_drop(&limit->accounts, str_sub(account, 0, KEY_CAP - 1));
    by_peer = lru_find(&limit->peers, str_sub(network_of(peer_ip), 0, KEY_CAP - 1), now_ms);
    if (by_peer != NULL && by_peer->failures > 0)
        by_peer->failures--;
    pthread_mutex_unlock(&limit->lock);
}
