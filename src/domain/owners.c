#include "domain/owners.h"

#include "base/alloc.h"
#include "store/store_record.h"

struct owner {
    struct lru_item item;
    char deviceid[STORE_DEVICE_ID_CAP];
    char apikey[STORE_APIKEY_CAP];
};

static struct str key_of(const void *item)
{
    const struct owner *owner = item;

    return str_of(owner->deviceid);
}

void owners_init(struct owners *owners, size_t max, uint64_t cache_ms)
{
    lru_init(&owners->lru, key_of, max);
    owners->cache_ms = cache_ms;
}

void owners_fini(struct owners *owners)
{
    lru_fini(&owners->lru);
}

struct str owners_find(struct owners *owners, struct str deviceid, uint64_t now_ms)
{
    const struct owner *owner = lru_find(&owners->lru, deviceid, now_ms);

    return owner == NULL ? STR_EMPTY : str_of(owner->apikey);
}

void owners_note(struct owners *owners, struct str deviceid, struct str owner, uint64_t now_ms)
{
    struct owner *item = alloc_zero(sizeof *item);

    str_copy(deviceid, item->deviceid, sizeof item->deviceid);
    str_copy(owner, item->apikey, sizeof item->apikey);
    item->item.fresh_until_ms = now_ms + owners->cache_ms;
    lru_put(&owners->lru, item);
}

void owners_drop(struct owners *owners, struct str deviceid)
{
    lru_drop(&owners->lru, deviceid);
}
