#include "domain/session_share.h"

#include "base/alloc.h"
#include "domain/account.h"
#include "domain/share_offer.h"

#include <stdlib.h>

/* A request under way; owns what its answer gives back. */
struct errand {
    struct link link; /* in accounts->share_errands */
    struct session *session;
    struct share_call *call;
    enum share_verb verb;
    struct session_share_keys keys; /* look into text[] */
    char text[];
};

static size_t count_of(const struct session *session)
{
    const struct link *list = &session->account->accounts->share_errands;
    size_t count = 0;

    for (struct link *at = list->next; at != list; at = at->next)
        count += CONTAINER_OF(at, struct errand, link)->session == session;
    return count;
}

static void errand_free(struct errand *errand)
{
    link_remove(&errand->link);
    free(errand);
}

static void on_outcome(void *ctx, enum share_outcome outcome)
{
    struct errand *errand = ctx;
    struct session *session = errand->session;

    link_remove(&errand->link); /* the session may end, and must not free it */
    session->events->on_share(session->ctx, errand->verb, outcome, &errand->keys);
    free(errand);
}

static struct errand *errand_new(struct session *session, enum share_verb verb,
                                 const struct session_share_keys *keys)
{
    struct errand *errand =
        alloc_zero(sizeof *errand + keys->deviceid.len + keys->apikey.len + keys->sequence.len);
    char *at = errand->text;

    errand->session = session;
    errand->verb = verb;
    errand->keys.deviceid = str_place(&at, keys->deviceid);
    errand->keys.apikey = str_place(&at, keys->apikey);
    errand->keys.sequence = str_place(&at, keys->sequence);
    link_init(&errand->link);
    link_insert(&session->account->accounts->share_errands, &errand->link);
    return errand;
}

/* Answers at once. */
static void refuse(struct session *session, const struct share_request *request,
                   const struct session_share_keys *keys, enum share_outcome outcome)
{
    session->events->on_share(session->ctx, request->verb, outcome, keys);
}

void session_share_ask(struct session *session, const struct share_request *request,
                       const struct session_share_keys *keys)
{
    const struct accounts_config *config;
    struct share_question question = {.request = *request, .on_outcome = on_outcome};
    struct errand *errand;
    enum err err;

    if (session->is_ended)
        return;
    config = &session->account->accounts->config;
    if (count_of(session) >= config->max_pending) {
        refuse(session, request, keys, SHARE_BUSY);
        return;
    }
    errand = errand_new(session, request->verb, keys);
    question.request.owner = str_of(session->account->apikey);
    question.answer_ms = config->shares.answer_ms;
    question.ctx = errand;
    err = share_ask(config->desk, &question, &errand->call);
    if (err == ERR_NONE)
        return;
    errand_free(errand);
    /* ERR_INVALID: no device has such an id, or no account such a name. */
    refuse(session, request, keys, err == ERR_INVALID ? SHARE_FORBIDDEN : SHARE_BUSY);
}

void session_share_answer(struct session *session, struct str sequence, bool is_accepted)
{
    if (!session->is_ended)
        (void)share_offer_answer(session->account, sequence, is_accepted);
}

void session_share_forget(struct session *session)
{
    struct link *list = &session->account->accounts->share_errands;
    struct link *next;

    for (struct link *at = list->next; at != list; at = next) {
        struct errand *errand = CONTAINER_OF(at, struct errand, link);

        next = at->next;
        if (errand->session != session)
            continue;
        share_cancel(errand->call);
        errand_free(errand);
    }
}
