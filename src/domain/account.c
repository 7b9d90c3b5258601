#include "domain/account.h"

#include "base/pool.h"
#include "domain/device.h"

struct account *account_get(struct accounts *accounts, struct str apikey)
{
    struct account *account = map_find(accounts->by_apikey, apikey);

    if (account != NULL)
        return account;
    account = pool_take(accounts->pool, sizeof *account);
    str_copy(apikey, account->apikey, sizeof account->apikey);
    account->accounts = accounts;
    link_init(&account->sessions);
    link_init(&account->devices);
    map_put(accounts->by_apikey, account);
    return account;
}

void account_free_empty(struct account *account)
{
    if (account->session_count > 0 || account->ended_count > 0 || !link_is_alone(&account->devices))
        return;
    map_remove(account->accounts->by_apikey, str_of(account->apikey));
    pool_give_back(account);
}

void account_release(struct account *account)
{
    struct link *next;

    if (account->session_count > 0)
        return;
    for (struct link *at = account->devices.next; at != &account->devices; at = next) {
        next = at->next;
        device_forget(CONTAINER_OF(at, struct device, in_account));
    }
    account_free_empty(account);
}
