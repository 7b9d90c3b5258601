#include "net/conn_quota.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>

struct conn_quota {
    atomic_size_t holders; /* the open connections, and one for the listener */
};

struct conn_quota *conn_quota_new(void)
{
    struct conn_quota *quota = alloc_zero(sizeof *quota);

    atomic_init(&quota->holders, 1);
    return quota;
}

static void let_go(struct conn_quota *quota)
{
    if (quota != NULL && atomic_fetch_sub(&quota->holders, 1) == 1)
        free(quota);
}

void conn_quota_unref(struct conn_quota *quota)
{
    let_go(quota);
}

bool conn_quota_take(struct conn_quota *quota, size_t max)
{
    /* Only the listener takes, so between the two lines the count can only fall. */
    if (atomic_load(&quota->holders) - 1 >= max)
        return false;
    atomic_fetch_add(&quota->holders, 1);
    return true;
}

void conn_quota_give_back(struct conn_quota *quota)
{
    let_go(quota);
}
