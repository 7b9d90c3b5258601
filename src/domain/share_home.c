#include "domain/share_home.h"

#include "base/alloc.h"
#include "domain/account.h"
#include "domain/device.h"
#include "domain/lru.h"
#include "domain/remote_letter.h"
#include "domain/share.h"
#include "domain/share_letter.h"
#include "store/store_share.h"

#include <stdlib.h>

enum { GRACE_MS = 1000, PAIR_CAP = STORE_DEVICE_ID_CAP + STORE_APIKEY_CAP };

/* One request under way; it owns a copy of its letter. */
struct flow {
    struct link link; /* in accounts->share_flows */
    struct accounts *accounts;
    struct relay_ticket ticket;
    struct share_request request; /* looks into text[] */
    struct share_record share;
    struct relay_call *offer;
    char text[];
};

/* A sharee who did not answer, and the device that he was offered. */
struct silence {
    struct lru_item item;
    char pair[PAIR_CAP];
};

static struct str silence_key(const void *item)
{
    const struct silence *silence = item;

    return str_of(silence->pair);
}

void share_home_init(struct accounts *accounts)
{
    link_init(&accounts->share_flows);
    lru_init(&accounts->silences, silence_key, accounts->config.max_owners);
}

void share_home_fini(struct accounts *accounts)
{
    lru_fini(&accounts->silences);
}

static uint64_t now_ms(const struct accounts *accounts)
{
    return accounts->config.host.now_ms(accounts->config.host.ctx);
}

static struct str pair_of(const struct share_record *share, char out[PAIR_CAP])
{
    struct str id = str_of(share->deviceid);
    struct str sharee = str_of(share->sharee);
    char *at = out;

    str_place(&at, id);
    *at++ = ' ';
    str_place(&at, sharee);
    return (struct str){out, id.len + 1 + sharee.len};
}

static bool is_silent(struct flow *flow)
{
    char pair[PAIR_CAP];

    return lru_find(&flow->accounts->silences, pair_of(&flow->share, pair),
                    now_ms(flow->accounts)) != NULL;
}

static void note_silence(struct flow *flow)
{
    struct silence *silence = alloc_zero(sizeof *silence);

    pair_of(&flow->share, silence->pair); /* NUL-terminated by the zero behind it */
    silence->item.fresh_until_ms = now_ms(flow->accounts) + flow->accounts->config.shares.retry_ms;
    lru_put(&flow->accounts->silences, silence);
}

static enum metric outcome_metric(enum share_outcome outcome)
{
    switch (outcome) {
    case SHARE_DONE:
        return METRIC_SHARE_DONE;
    case SHARE_REFUSED:
        return METRIC_SHARE_REFUSED;
    case SHARE_UNANSWERED:
        return METRIC_SHARE_UNANSWERED;
    case SHARE_EXISTS:
    case SHARE_MISSING:
    case SHARE_UNKNOWN:
    case SHARE_FORBIDDEN:
    case SHARE_SELF:
    case SHARE_FULL:
        return METRIC_SHARE_INVALID;
    case SHARE_BUSY:
    case SHARE_FAILED:
        break;
    }
    return METRIC_SHARE_FAILED;
}

static void answer(struct accounts *accounts, struct relay_ticket ticket,
                   enum share_outcome outcome)
{
    struct buf body = BUF_EMPTY;

    metric_add(accounts->config.metrics, outcome_metric(outcome), 1);
    share_letter_write_outcome(&body, outcome);
    relay_answer(accounts->config.desk, ticket, buf_str(&body));
    buf_free(&body);
}

static void finish(struct flow *flow, enum share_outcome outcome)
{
    answer(flow->accounts, flow->ticket, outcome);
    link_remove(&flow->link);
    free(flow);
}

static enum share_outcome outcome_of(const struct flow *flow, enum err err)
{
    if (err == ERR_NONE)
        return SHARE_DONE;
    if (err == ERR_EXISTS)
        return SHARE_EXISTS;
    if (err == ERR_FULL)
        return SHARE_FULL;
    if (err != ERR_NOT_FOUND)
        return SHARE_FAILED;
    /* Meanwhile the device has changed hands, or the share has ended. */
    return flow->request.verb == SHARE_OFFER ? SHARE_FORBIDDEN : SHARE_MISSING;
}

static void tell_watchers(const struct flow *flow, enum device_event_kind kind)
{
    const struct accounts_config *config = &flow->accounts->config;
    const struct device_event event = {
        .kind = kind,
        .at_ms = config->host.wall_ms(config->host.ctx),
        .deviceid = str_of(flow->share.deviceid),
        .owner = str_of(flow->share.owner),
        .account = str_of(flow->share.sharee),
    };

    if (device_event_is_watched(config->watchers, kind))
        device_event_tell(config->watchers, &event);
}

/* What is in memory becomes what the store has; what is being read now may be older than that. */
static void apply(const struct flow *flow)
{
    struct accounts *accounts = flow->accounts;
    struct device *device = map_find(accounts->devices, str_of(flow->share.deviceid));

    device_epochs_advance(accounts->config.epochs, str_of(flow->share.deviceid));
    if (device == NULL)
        return;
    if (device->state == DEVICE_LOADING)
        device->must_reload = true;
    if (flow->request.verb == SHARE_END)
        device_unshare(device, str_of(flow->share.sharee));
    else
        device_share(device, str_of(flow->share.sharee), flow->share.permit);
}

static void on_committed(void *ctx, enum err err)
{
    struct flow *flow = ctx;

    flow->accounts->store_waits--;
    if (err == ERR_NONE)
        apply(flow);
    finish(flow, outcome_of(flow, err));
}

/* Watchers are told ahead of it, so that what they write down is committed with it. */
static enum err write_share(struct flow *flow)
{
    struct store *store = flow->accounts->config.store;
    struct mailbox *mailbox = flow->accounts->config.mailbox;

    switch (flow->request.verb) {
    case SHARE_OFFER:
        tell_watchers(flow, DEVICE_SHARED);
        return store_share_create(store, mailbox, &flow->share,
                                  flow->accounts->config.shares.max_shares, on_committed, flow);
    case SHARE_CHANGE:
        return store_share_update(store, mailbox, &flow->share, on_committed, flow);
    case SHARE_END:
        tell_watchers(flow, DEVICE_UNSHARED);
        return store_share_delete(store, mailbox, &flow->share, on_committed, flow);
    }
    return ERR_INVALID;
}

static void commit(struct flow *flow)
{
    if (write_share(flow) == ERR_NONE)
        flow->accounts->store_waits++;
    else
        finish(flow, SHARE_BUSY);
}

static void on_reply(void *ctx, enum err err, struct str body)
{
    struct flow *flow = ctx;
    enum share_outcome outcome = SHARE_UNANSWERED;

    flow->offer = NULL;
    if (err == ERR_NONE && !share_letter_read_outcome(body, &outcome))
        outcome = SHARE_FAILED;
    if (outcome == SHARE_DONE) {
        commit(flow);
        return;
    }
    if (outcome == SHARE_UNANSWERED)
        note_silence(flow);
    finish(flow, outcome);
}

static void ask_sharee(struct flow *flow)
{
    struct accounts *accounts = flow->accounts;
    struct buf body = BUF_EMPTY;
    struct relay_question question = {
        .letter = {.account = str_of(flow->share.sharee), .kind = REMOTE_OFFER},
        .deadline_ms = accounts->config.shares.answer_ms + GRACE_MS,
        .on_answer = on_reply,
        .ctx = flow,
    };
    enum err err;

    share_letter_write_request(&body, &flow->request);
    question.letter.body = buf_str(&body);
    err = relay_ask(accounts->config.desk, &question, &flow->offer);
    buf_free(&body);
    if (err != ERR_NONE)
        finish(flow, SHARE_BUSY);
}

/* The same offer, earlier, still waits for its answer. */
static bool is_offered(const struct flow *flow)
{
    struct link *list = &flow->accounts->share_flows;

    for (struct link *at = list->next; at != list; at = at->next) {
        const struct flow *other = CONTAINER_OF(at, struct flow, link);

        if (other != flow && other->offer != NULL &&
            str_eq(str_of(other->share.deviceid), str_of(flow->share.deviceid)) &&
            str_eq(str_of(other->share.sharee), str_of(flow->share.sharee)))
            return true;
    }
    return false;
}

static void offer(struct flow *flow, const struct share_prospect *prospect)
{
    const struct share_rules *rules = &flow->accounts->config.shares;

    if (prospect->is_shared)
        finish(flow, SHARE_EXISTS);
    else if (prospect->count >= rules->max_shares)
        finish(flow, SHARE_FULL);
    else if (flow->request.is_forced || rules->auto_accept)
        commit(flow);
    else if (is_silent(flow))
        finish(flow, SHARE_UNANSWERED);
    else if (is_offered(flow))
        finish(flow, SHARE_BUSY);
    else
        ask_sharee(flow);
}

static void on_prospect(void *ctx, enum err err, const struct share_prospect *prospect)
{
    struct flow *flow = ctx;

    flow->accounts->store_waits--;
    if (err != ERR_NONE) {
        finish(flow, SHARE_FAILED);
    } else if (!prospect->is_owned) {
        finish(flow, SHARE_FORBIDDEN);
    } else if (prospect->sharee[0] == '\0') {
        finish(flow, SHARE_UNKNOWN);
    } else if (str_eq(str_of(prospect->sharee), flow->request.owner)) {
        finish(flow, SHARE_SELF);
    } else {
        str_copy(str_of(prospect->sharee), flow->share.sharee, sizeof flow->share.sharee);
        flow->share.permit =
            flow->request.permit < 0 ? prospect->permit : (unsigned)flow->request.permit;
        if (flow->request.verb == SHARE_OFFER)
            offer(flow, prospect);
        else if (!prospect->is_shared)
            finish(flow, SHARE_MISSING);
        else
            commit(flow);
    }
}

static void look(struct flow *flow)
{
    struct accounts *accounts = flow->accounts;
    struct share_prospect ask = {.permit = 0};

    str_copy(flow->request.deviceid, ask.deviceid, sizeof ask.deviceid);
    str_copy(flow->request.owner, ask.owner, sizeof ask.owner);
    str_copy(flow->request.account, ask.account, sizeof ask.account);
    if (store_share_look(accounts->config.store, accounts->config.mailbox, &ask, on_prospect,
                         flow) == ERR_NONE)
        accounts->store_waits++;
    else
        finish(flow, SHARE_BUSY);
}

static void fill_share(struct flow *flow)
{
    const struct share_request *request = &flow->request;
    const struct accounts_host *host = &flow->accounts->config.host;
    struct share_record *share = &flow->share;

    str_copy(request->deviceid, share->deviceid, sizeof share->deviceid);
    str_copy(request->owner, share->owner, sizeof share->owner);
    str_copy(request->name, share->name, sizeof share->name);
    str_copy(request->note, share->note, sizeof share->note);
    share->created_ms = host->wall_ms(host->ctx);
}

void share_home_ask(struct accounts *accounts, const struct relay_letter *letter,
                    struct relay_ticket ticket)
{
    struct flow *flow = alloc_zero(sizeof *flow + letter->body.len);
    char *at = flow->text;
    struct str body = str_place(&at, letter->body);

    if (!share_letter_read_request(body, &flow->request)) {
        answer(accounts, ticket, SHARE_FAILED);
        free(flow);
        return;
    }
    flow->accounts = accounts;
    flow->ticket = ticket;
    link_init(&flow->link);
    link_insert(&accounts->share_flows, &flow->link);
    fill_share(flow);
    look(flow);
}
