#include "domain/share_offer.h"

#include "base/pool.h"
#include "domain/account.h"
#include "domain/share_letter.h"

#include <string.h>

/* Of one account's offers no more are told than commands may wait. */
struct offer {
    struct link link; /* in accounts->offers, by due_ms: all wait equally long */
    char sharee[STORE_APIKEY_CAP];
    uint64_t sequence;
    uint64_t due_ms;
    struct relay_ticket ticket;
};

static void reply(struct accounts *accounts, struct relay_ticket ticket, enum share_outcome outcome)
{
    struct buf body = BUF_EMPTY;

    share_letter_write_outcome(&body, outcome);
    relay_answer(accounts->config.desk, ticket, buf_str(&body));
    buf_free(&body);
}

static void end(struct accounts *accounts, struct offer *offer, enum share_outcome outcome)
{
    reply(accounts, offer->ticket, outcome);
    link_remove(&offer->link);
    pool_give_back(offer);
}

static size_t count_of(const struct account *account)
{
    const struct link *list = &account->accounts->offers;
    size_t count = 0;

    for (struct link *at = list->next; at != list; at = at->next)
        count += strcmp(CONTAINER_OF(at, struct offer, link)->sharee, account->apikey) == 0;
    return count;
}

static struct offer *offer_new(struct account *account, struct relay_ticket ticket)
{
    struct accounts *accounts = account->accounts;
    const struct accounts_host *host = &accounts->config.host;
    struct offer *offer = pool_take(accounts->pool, sizeof *offer);

    link_init(&offer->link);
    str_copy(str_of(account->apikey), offer->sharee, sizeof offer->sharee);
    offer->sequence = accounts_next_sequence(accounts);
    offer->due_ms = host->now_ms(host->ctx) + accounts->config.shares.answer_ms;
    offer->ticket = ticket;
    link_insert(&accounts->offers, &offer->link);
    host->wake_at(host->ctx, offer->due_ms);
    return offer;
}

/* A session may end when it is told, and with the last one the offer. */
static void tell_sessions(struct account *account, const struct share_request *request,
                          struct str sequence)
{
    struct link *next;
    size_t left = account->session_count;

    for (struct link *at = account->sessions.next; left > 0; at = next, left--) {
        struct session *session = CONTAINER_OF(at, struct session, link);

        next = at->next;
        session->events->on_share_offer(session->ctx, request, sequence);
    }
}

void share_offer_hear(struct accounts *accounts, const struct relay_letter *letter,
                      struct relay_ticket ticket)
{
    struct account *account = map_find(accounts->by_apikey, letter->account);
    struct share_request request;
    char sequence[STR_U64_CAP];

    if (account == NULL || account->session_count == 0 ||
        count_of(account) >= accounts->config.max_pending ||
        !share_letter_read_request(letter->body, &request))
        reply(accounts, ticket, SHARE_UNANSWERED);
    else
        tell_sessions(account, &request,
                      str_from_u64(offer_new(account, ticket)->sequence, sequence));
}

bool share_offer_answer(struct account *account, struct str sequence, bool is_accepted)
{
    struct accounts *accounts = account->accounts;
    uint64_t number;

    if (!str_to_u64(sequence, &number))
        return false;
    for (struct link *at = accounts->offers.next; at != &accounts->offers; at = at->next) {
        struct offer *offer = CONTAINER_OF(at, struct offer, link);

        if (offer->sequence != number || strcmp(offer->sharee, account->apikey) != 0)
            continue;
        end(accounts, offer, is_accepted ? SHARE_DONE : SHARE_REFUSED);
        return true;
    }
    return false;
}

void share_offer_abandon(struct account *account)
{
    struct accounts *accounts = account->accounts;
    struct link *next;

    for (struct link *at = accounts->offers.next; at != &accounts->offers; at = next) {
        struct offer *offer = CONTAINER_OF(at, struct offer, link);

        next = at->next;
        if (strcmp(offer->sharee, account->apikey) == 0)
            end(accounts, offer, SHARE_UNANSWERED);
    }
}

uint64_t share_offer_expire(struct accounts *accounts, uint64_t now_ms)
{
    while (!link_is_alone(&accounts->offers)) {
        struct offer *offer = CONTAINER_OF(accounts->offers.next, struct offer, link);

        if (offer->due_ms > now_ms)
            return offer->due_ms;
        end(accounts, offer, SHARE_UNANSWERED);
    }
    return UINT64_MAX;
}
