#include "domain/session.h"

#include "base/pool.h"
#include "domain/account.h"
#include "domain/command.h"
#include "domain/device.h"
#include "domain/params.h"
#include "domain/session_share.h"
#include "domain/share_offer.h"
#include "store/store_record.h"

#include <string.h>

/* FNV-1a, to tell the apps of one account apart. */
static uint32_t tag_of(struct str appid)
{
    uint32_t hash = 0x811c9dc5U;

    for (size_t i = 0; i < appid.len; i++)
        hash = (hash ^ (uint8_t)appid.ptr[i]) * 0x01000193U;
    return hash;
}

/* The newest session stays, where others may not stand beside it. */
static void end_older(const struct session *newest)
{
    struct account *account = newest->account;
    enum session_policy policy = account->accounts->config.sessions;
    struct link *next;

    if (policy == SESSIONS_MANY)
        return;
    for (struct link *at = account->sessions.next; at != &newest->link; at = next) {
        struct session *session = CONTAINER_OF(at, struct session, link);

        next = at->next;
        if (policy == SESSIONS_ONE || session->app_tag == newest->app_tag)
            session_end(session, END_NEWER);
    }
}

struct session *session_open(struct accounts *accounts, const struct session_config *config)
{
    struct session *session = pool_take(accounts->pool, sizeof *session);
    struct account *account = account_get(accounts, config->apikey);

    session->account = account;
    session->events = config->events;
    session->ctx = config->ctx;
    memcpy(&session->token_tag, config->token_hash, sizeof session->token_tag);
    session->app_tag = tag_of(config->appid);
    link_init(&session->commands);
    link_init(&session->link);
    link_insert(&account->sessions, &session->link);
    account->session_count++;
    end_older(session);
    if (account->session_count > accounts->config.max_sessions)
        session_end(CONTAINER_OF(account->sessions.next, struct session, link), END_LIMIT);
    return session;
}

/* Out of its account; nobody waits for its commands any more. */
static void leave(struct session *session)
{
    struct account *account = session->account;

    while (!link_is_alone(&session->commands))
        command_forget_session(CONTAINER_OF(session->commands.next, struct command, in_session));
    session_share_forget(session);
    link_remove(&session->link);
    if (--account->session_count == 0)
        share_offer_abandon(account);
    account_release(account);
}

void session_end(struct session *session, enum session_end end)
{
    session->is_ended = true;
    session->account->ended_count++;
    leave(session);
    session->events->on_end(session->ctx, end);
}

struct app_sessions {
    uint32_t tag;
    struct buf sessions; /* pointers: an account may leave the map with its last one */
};

static void gather(void *ctx, void *item)
{
    struct app_sessions *found = ctx;
    struct account *account = item;

    for (struct link *at = account->sessions.next; at != &account->sessions; at = at->next) {
        struct session *session = CONTAINER_OF(at, struct session, link);

        if (session->app_tag == found->tag)
            buf_append(&found->sessions,
                       (struct str){(const char *)&session, sizeof(struct session *)});
    }
}

void session_end_app(struct accounts *accounts, struct str appid)
{
    struct app_sessions found = {.tag = tag_of(appid), .sessions = BUF_EMPTY};

    map_each(accounts->by_apikey, gather, &found);
    for (size_t at = 0; at < found.sessions.len; at += sizeof(struct session *)) {
        struct session *session;

        memcpy(&session, found.sessions.ptr + at, sizeof(struct session *));
        session_end(session, END_REVOKED);
    }
    buf_free(&found.sessions);
}

void session_close(struct session *session)
{
    struct account *account = session->account;

    if (session->is_ended) {
        account->ended_count--;
        account_free_empty(account);
    } else {
        leave(session);
    }
    pool_give_back(session);
}

struct str session_apikey(const struct session *session)
{
    return str_of(session->account->apikey);
}

/* Answers a request that does not become a command. */
static void refuse(struct session *session, enum command_kind kind,
                   const struct command_request *request, enum command_outcome outcome)
{
    const struct command_result result = {
        .outcome = outcome,
        .deviceid = request->deviceid,
        .apikey = request->apikey,
        .sequence = request->sequence,
    };

    if (session->is_ended)
        return;
    if (kind != COMMAND_QUERY)
        command_count(session->account->accounts, outcome);
    session->events->on_result(session->ctx, &result);
}

static void run(struct session *session, enum command_kind kind,
                const struct command_request *request)
{
    const struct accounts *accounts;

    if (session->is_ended)
        return;
    accounts = session->account->accounts;
    if (session->command_count >= accounts->config.max_pending) {
        refuse(session, kind, request, COMMAND_BUSY);
        return;
    }
    if (request->deviceid.len >= STORE_DEVICE_ID_CAP) {
        refuse(session, kind, request, COMMAND_FORBIDDEN);
        return;
    }
    command_start(command_new(session, kind, request));
}

void session_update(struct session *session, const struct command_request *request)
{
    if (request->deviceid.len == 0 || !params_is_change(request->params))
        refuse(session, COMMAND_UPDATE, request, COMMAND_INVALID);
    else
        run(session, COMMAND_UPDATE, request);
}

void session_upgrade(struct session *session, const struct command_request *request)
{
    if (request->deviceid.len == 0 || request->params.kind != JSON_OBJECT)
        refuse(session, COMMAND_UPGRADE, request, COMMAND_INVALID);
    else
        run(session, COMMAND_UPGRADE, request);
}

void session_query(struct session *session, const struct command_request *request)
{
    if (request->deviceid.len == 0)
        refuse(session, COMMAND_QUERY, request, COMMAND_INVALID);
    else
        run(session, COMMAND_QUERY, request);
}
