#include "domain/sharer.h"

#include "base/alloc.h"
#include "domain/account.h"
#include "store/store_share.h"

#include <stdlib.h>

struct sharer_check {
    struct accounts *accounts;
    sharer_fn on_sharer;
    void *ctx;
};

static void on_checked(void *ctx, enum err err)
{
    struct sharer_check *check = ctx;

    check->accounts->store_waits--;
    check->on_sharer(check->ctx, err);
    free(check);
}

enum err sharer_check(struct accounts *accounts, struct str owner, struct str sharee,
                      sharer_fn on_sharer, void *ctx)
{
    struct sharer_check *check = alloc_zero(sizeof *check);
    enum err err;

    *check = (struct sharer_check){accounts, on_sharer, ctx};
    err = store_share_check(accounts->config.store, accounts->config.mailbox, owner, sharee,
                            on_checked, check);
    if (err == ERR_NONE)
        accounts->store_waits++;
    else
        free(check);
    return err;
}
