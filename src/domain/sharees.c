#include "domain/sharees.h"

#include "base/alloc.h"

#include <stdlib.h>

/* A copy with room for so many. */
static struct sharees *resize(struct sharees *old, size_t count)
{
    struct sharees *sharees = NULL;

    if (count > 0) {
        sharees = alloc_zero(sizeof *sharees + count * sizeof sharees->items[0]);
        if (old != NULL)
            str_copy(str_of(old->deviceid), sharees->deviceid, sizeof sharees->deviceid);
        sharees->count = count;
        for (size_t i = 0; old != NULL && i < old->count && i < count; i++)
            sharees->items[i] = old->items[i];
    }
    free(old);
    return sharees;
}

static struct sharee *find(struct sharees *sharees, struct str apikey)
{
    for (size_t i = 0; sharees != NULL && i < sharees->count; i++)
        if (str_eq(str_of(sharees->items[i].apikey), apikey))
            return &sharees->items[i];
    return NULL;
}

void sharees_put(struct sharees **sharees, struct str apikey, unsigned permit)
{
    struct sharee *sharee = find(*sharees, apikey);

    if (sharee == NULL) {
        *sharees = resize(*sharees, *sharees == NULL ? 1 : (*sharees)->count + 1);
        sharee = &(*sharees)->items[(*sharees)->count - 1];
        str_copy(apikey, sharee->apikey, sizeof sharee->apikey);
    }
    sharee->permit = permit;
}

void sharees_remove(struct sharees **sharees, struct str apikey)
{
    struct sharee *sharee = find(*sharees, apikey);

    if (sharee == NULL)
        return;
    *sharee = (*sharees)->items[(*sharees)->count - 1];
    *sharees = resize(*sharees, (*sharees)->count - 1);
}

const struct sharee *sharees_find(const struct sharees *sharees, struct str apikey)
{
    for (size_t i = 0; sharees != NULL && i < sharees->count; i++)
        if (str_eq(str_of(sharees->items[i].apikey), apikey))
            return &sharees->items[i];
    return NULL;
}
