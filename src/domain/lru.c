#include "domain/lru.h"

#include <stdlib.h>

void lru_init(struct lru *lru, map_key_fn key_of, size_t max)
{
    lru->map = map_new(key_of);
    link_init(&lru->used);
    lru->key_of = key_of;
    lru->max = max < 1 ? 1 : max;
}

static void item_free(struct lru_item *item)
{
    link_remove(&item->link);
    free(item);
}

void lru_fini(struct lru *lru)
{
    struct link *next;

    for (struct link *at = lru->used.next; at != &lru->used; at = next) {
        next = at->next;
        free(CONTAINER_OF(at, struct lru_item, link));
    }
    link_init(&lru->used);
    map_free(lru->map);
    lru->map = NULL;
}

void *lru_find(struct lru *lru, struct str key, uint64_t now_ms)
{
    struct lru_item *item = map_find(lru->map, key);

    if (item == NULL || item->fresh_until_ms < now_ms)
        return NULL;
    link_remove(&item->link);
    link_insert(&lru->used, &item->link);
    return item;
}

void lru_drop(struct lru *lru, struct str key)
{
    struct lru_item *item = map_remove(lru->map, key);

    if (item != NULL)
        item_free(item);
}

void lru_put(struct lru *lru, void *new_item)
{
    struct lru_item *item = new_item;
    struct lru_item *old = map_put(lru->map, item);

    link_init(&item->link);
    link_insert(&lru->used, &item->link);
    if (old != NULL)
        item_free(old);
    if (map_count(lru->map) > lru->max) {
        struct lru_item *oldest = CONTAINER_OF(lru->used.next, struct lru_item, link);

        lru_drop(lru, lru->key_of(oldest));
    }
}
