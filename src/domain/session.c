#include "domain/session.h"

#include "base/pool.h"
#include "domain/account.h"
#include "domain/command.h"
#include "domain/device.h"
#include "domain/params.h"
#include "store/store_record.h"

#include <string.h>

struct session *session_open(struct accounts *accounts, const struct session_config *config)
{
    struct session *session = pool_take(accounts->pool, sizeof *session);
    struct account *account = account_get(accounts, config->apikey);

    session->account = account;
    session->events = config->events;
    session->ctx = config->ctx;
    memcpy(&session->token_tag, config->token_hash, sizeof session->token_tag);
    link_init(&session->commands);
    link_init(&session->link);
    link_insert(&account->sessions, &session->link);
    if (++account->session_count > accounts->config.max_sessions)
        session_end(CONTAINER_OF(account->sessions.next, struct session, link), END_LIMIT);
    return session;
}

/* Out of its account; nobody waits for its commands any more. */
static void leave(struct session *session)
{
    struct account *account = session->account;

    while (!link_is_alone(&session->commands))
        command_forget_session(CONTAINER_OF(session->commands.next, struct command, in_session));
    link_remove(&session->link);
    account->session_count--;
    account_release(account);
}

void session_end(struct session *session, enum session_end end)
{
    session->is_ended = true;
    session->account->ended_count++;
    leave(session);
    session->events->on_end(session->ctx, end);
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
