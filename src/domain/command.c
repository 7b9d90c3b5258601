#include "domain/command.h"

#include "base/alloc.h"
#include "domain/audience.h"
#include "domain/permit.h"
#include "domain/remote.h"
#include "domain/remote_home.h"

#include <assert.h>
#include <stdlib.h>

/* How long an answer that comes after the time-out still counts. */
enum { LATE_MS = 60 * 1000 };

/* Nearly all commands fit into a block of the stash. */
enum { SMALL_BYTES = 576 };

static struct command *allocate(struct accounts *accounts, size_t text_bytes)
{
    struct command *command;

    if (text_bytes > SMALL_BYTES - sizeof *command)
        return alloc_zero(sizeof *command + text_bytes);
    command = stash_take(&accounts->commands, SMALL_BYTES);
    *command = (struct command){.is_small = true};
    return command;
}

/* With room for a text of asker_bytes behind its own. */
static struct command *make(struct accounts *accounts, enum command_kind kind,
                            const struct command_request *request, size_t asker_bytes, char **rest)
{
    size_t bytes = request->deviceid.len + request->apikey.len + request->sequence.len +
                   request->params.raw.len + asker_bytes;
    struct command *command = allocate(accounts, bytes);
    char *at = command->text;

    link_init(&command->link);
    link_init(&command->by_time);
    link_init(&command->in_session);
    command->accounts = accounts;
    command->kind = kind;
    command->began_us = accounts->config.host.clock_us(accounts->config.host.ctx);
    command->deviceid = str_place(&at, request->deviceid);
    command->apikey = str_place(&at, request->apikey);
    command->app_sequence = str_place(&at, request->sequence);
    command->params = request->params;
    command->params.raw = str_place(&at, request->params.raw);
    *rest = at;
    return command;
}

struct command *command_new(struct session *session, enum command_kind kind,
                            const struct command_request *request)
{
    char *rest;
    struct command *command = make(session->account->accounts, kind, request, 0, &rest);

    command->session = session;
    link_insert(&session->commands, &command->in_session);
    session->command_count++;
    return command;
}

struct command *command_new_by_letter(struct accounts *accounts,
                                      const struct command_letter *letter, enum command_kind kind,
                                      const struct command_request *request)
{
    char *rest;
    struct command *command = make(accounts, kind, request, letter->asker.len, &rest);

    command->letter = *letter;
    command->letter.asker = str_place(&rest, letter->asker);
    command->is_by_letter = true;
    return command;
}

void command_set_state(struct command *command, enum command_state state)
{
    struct device *device = command->device;
    struct accounts *accounts = device->accounts;
    bool stays = command->state == COMMAND_QUEUED && state == COMMAND_SENT;

    if (stays) { /* in its place by age and by time */
        command->state = state;
        return;
    }
    if (!link_is_alone(&command->link) && command->state != COMMAND_WAITING)
        device->command_count--;
    link_remove(&command->link);
    link_remove(&command->by_time);
    command->state = state;
    switch (state) {
    case COMMAND_WAITING:
        link_insert(&device->wait->commands, &command->link);
        break;
    case COMMAND_QUEUED:
    case COMMAND_SENT:
        link_insert(&device->commands, &command->link);
        link_insert(&accounts->pending, &command->by_time);
        device->command_count++;
        break;
    case COMMAND_LATE:
        link_insert(&device->commands, &command->link);
        link_insert(&accounts->late, &command->by_time);
        device->command_count++;
        break;
    case COMMAND_COMMITTING:
    case COMMAND_FORWARDED:
        break;
    }
}

static void leave_session(struct command *command)
{
    if (command->session == NULL)
        return;
    link_remove(&command->in_session);
    command->session->command_count--;
    command->session = NULL;
}

static enum device_source source_of(const struct command *command)
{
    return command->letter.ticket.call == 0 ? DEVICE_SOURCE_APP : command->letter.source;
}

/* Watchers hear of commands that had a device to go to. */
static void tell_end(struct command *command, enum command_outcome outcome, int64_t error)
{
    const struct device *device = command->device;
    const struct accounts_config *config;
    struct device_event event = {
        .kind = DEVICE_COMMAND,
        .params = command->params.raw,
        .outcome = outcome,
        .error = error,
    };

    if (command->kind != COMMAND_UPDATE || command->is_told || device == NULL ||
        device->account == NULL || outcome == COMMAND_FORBIDDEN)
        return;
    config = &device->accounts->config;
    if (!device_event_is_watched(config->watchers, DEVICE_COMMAND))
        return;
    command->is_told = true;
    event.at_ms = config->host.wall_ms(config->host.ctx);
    event.latency_us = config->host.clock_us(config->host.ctx) - command->began_us;
    event.deviceid = str_of(device->id);
    event.owner = str_of(device->account->apikey);
    event.source = source_of(command);
    event.account =
        command->session == NULL ? command->letter.asker : session_apikey(command->session);
    device_event_tell(config->watchers, &event);
}

static void count_update(const struct command *command, enum command_outcome outcome)
{
    const struct accounts_config *config = &command->accounts->config;
    uint64_t now_us = config->host.clock_us(config->host.ctx);

    command_count(command->accounts, outcome);
    metric_observe_us(config->metrics, METRIC_COMMAND_SECONDS, now_us - command->began_us);
}

/* Tells who asked; from here on nobody waits for the answer. */
static void answer(struct command *command, enum command_outcome outcome, int64_t error)
{
    struct session *session = command->session;
    struct command_result result = {
        .outcome = outcome,
        .error = error,
        .deviceid = command->deviceid,
        .apikey = command->apikey,
        .sequence = command->app_sequence,
        .ack = buf_str(&command->ack),
    };

    tell_end(command, outcome, error);
    if (session == NULL && !command->is_by_letter)
        return;
    if (command->kind == COMMAND_QUERY && outcome == COMMAND_OK) {
        result.params = device_params(command->device);
        result.names = command->params;
    }
    leave_session(command);
    if (command->kind != COMMAND_QUERY)
        count_update(command, outcome);
    if (session != NULL)
        session->events->on_result(session->ctx, &result);
    else
        remote_home_answer(command->accounts, command->letter.ticket, &result);
    command->is_by_letter = false;
}

static void command_free(struct command *command)
{
    struct device *device = command->device;

    leave_session(command);
    if (device != NULL)
        command_set_state(command, COMMAND_COMMITTING);
    buf_free(&command->ack);
    if (command->is_small)
        stash_give(&command->accounts->commands, command);
    else
        free(command);
    if (device != NULL)
        device_release(device);
}

void command_finish(struct command *command, enum command_outcome outcome, int64_t error)
{
    answer(command, outcome, error);
    command_free(command);
}

void command_forget_session(struct command *command)
{
    if (command->remote == NULL) {
        leave_session(command);
        return;
    }
    remote_cancel(command->remote);
    command_free(command);
}

/* Too many await the device's answer, and none of them has timed out: such a one gives way. */
static bool is_device_busy(struct device *device)
{
    if (device->command_count < device->accounts->config.max_pending)
        return false;
    for (struct link *at = device->commands.next; at != &device->commands; at = at->next) {
        struct command *command = CONTAINER_OF(at, struct command, link);

        if (command->state != COMMAND_LATE)
            continue;
        command_free(command);
        return false;
    }
    return true;
}

static struct str asker_of(const struct command *command)
{
    if (command->session != NULL)
        return str_of(command->session->account->apikey);
    return command->is_by_letter ? command->letter.asker : STR_EMPTY;
}

/* A sharee uses the device, and its timers as far as his permit goes. */
static bool is_permitted_to_share(const struct command *command, const struct sharee *sharee)
{
    switch (command->kind) {
    case COMMAND_UPDATE:
        return permit_allows(sharee->permit, device_params(command->device), command->params);
    case COMMAND_QUERY:
        return true;
    case COMMAND_UPGRADE:
    case COMMAND_RESTART:
    case COMMAND_REDIRECT:
    case COMMAND_NOTIFY:
        break;
    }
    return false;
}

static bool is_permitted(const struct command *command, const struct device *device)
{
    const struct sharee *sharee;

    if (device->account == NULL)
        return false;
    if (command->session != NULL && command->session->account == device->account)
        return true;
    if (str_eq(asker_of(command), str_of(device->account->apikey)))
        return true;
    sharee = sharees_find(device_sharees(device), asker_of(command));
    return sharee != NULL && is_permitted_to_share(command, sharee);
}

void command_run(struct command *command, struct device *device)
{
    command->device = device;
    if (device->state == DEVICE_LOADING) {
        command_set_state(command, COMMAND_WAITING);
        return;
    }
    if (!is_permitted(command, device))
        command_finish(command, COMMAND_FORBIDDEN, 0);
    else if (command->kind == COMMAND_QUERY)
        command_finish(command, COMMAND_OK, 0);
    else if (device->link == NULL)
        command_finish(command, COMMAND_OFFLINE, 0);
    else if (is_device_busy(device))
        command_finish(command, COMMAND_BUSY, 0);
    else
        command_send(command);
}

static void on_remote_result(void *ctx, const struct command_result *result)
{
    struct command *command = ctx;
    struct session *session = command->session;

    command->remote = NULL;
    leave_session(command);
    session->events->on_result(session->ctx, result);
    command_free(command);
}

void command_forward(struct command *command, struct str owner)
{
    struct session *session = command->session;
    enum err err;

    if (command->device != NULL)
        command_set_state(command, COMMAND_FORWARDED);
    command->device = NULL;
    command->state = COMMAND_FORWARDED;
    if (session == NULL) { /* a letter goes no further, and nobody waits for the others */
        command_finish(command, COMMAND_FORBIDDEN, 0);
        return;
    }

    const struct remote_command wanted = {
        .kind = command->kind,
        .asker = str_of(session->account->apikey),
        .asker_conn = session->events->conn_id(session->ctx),
        .source = DEVICE_SOURCE_APP,
        .owner = owner,
        .request = {command->deviceid, command->apikey, command->app_sequence, command->params},
        .on_result = on_remote_result,
        .ctx = command,
    };

    err = remote_command(command->accounts, &wanted, &command->remote);
    if (err != ERR_NONE)
        command_finish(command, err == ERR_FULL ? COMMAND_BUSY : COMMAND_FAILED, 0);
}

/* The owner of a device that this worker does not hold, when he is at home elsewhere. */
static struct str owner_elsewhere(const struct command *command)
{
    struct accounts *accounts = command->accounts;
    const struct accounts_host *host = &accounts->config.host;
    struct str owner = owners_find(&accounts->owners, command->deviceid, host->now_ms(host->ctx));

    return owner.len == 0 || relay_is_at_home(accounts->config.desk, owner) ? STR_EMPTY : owner;
}

static void start_with_unknown(struct command *command)
{
    struct str owner = command->session == NULL ? STR_EMPTY : owner_elsewhere(command);
    struct device *device;

    if (owner.len > 0) {
        command_forward(command, owner);
        return;
    }
    device = device_get(command->accounts, command->deviceid);
    if (device == NULL)
        command_finish(command, COMMAND_FAILED, 0);
    else
        command_run(command, device);
}

void command_start(struct command *command)
{
    struct device *device = map_find(command->accounts->devices, command->deviceid);

    if (device == NULL)
        start_with_unknown(command);
    else
        command_run(command, device);
}

/* Everybody else hears of a change that an app has made. */
static void push_change(const struct command *command, const struct audience_author *author)
{
    struct device *device = command->device;
    const struct change change = {
        .deviceid = command->deviceid,
        .owner = str_of(device->account->apikey),
        .params = command->params.raw,
        .sequence = command->app_sequence,
    };

    audience_tell_app_change(device, &change, author);
}

/* Who waits for the answer; nobody when it comes too late. */
static struct audience_author author_of(const struct command *command)
{
    const struct session *session = command->session;
    struct audience_author author = {.session = session};

    if (command->is_by_letter)
        author.conn = command->letter.asker_conn;
    else if (session != NULL && session->account != command->device->account)
        author.conn = session->events->conn_id(session->ctx);
    return author;
}

static void on_commit(struct commit *commit, enum err err)
{
    struct command *command = CONTAINER_OF(commit, struct command, commit);
    struct device *device = command->device;
    struct audience_author author;

    if (err != ERR_NONE || device->account == NULL) {
        command_finish(command, COMMAND_FAILED, 0);
    } else {
        author = author_of(command);
        answer(command, COMMAND_OK, 0);
        push_change(command, &author);
        command_free(command);
    }
}

void command_on_ack(struct command *command, const struct device_ack *ack)
{
    enum err err;

    command_set_state(command, COMMAND_COMMITTING);
    buf_append(&command->ack, ack->text);
    if (ack->error != 0) {
        command_finish(command, COMMAND_DEVICE_ERROR, ack->error);
        return;
    }
    if (command->kind != COMMAND_UPDATE) { /* the device reports by itself what comes of it */
        command_finish(command, COMMAND_OK, 0);
        return;
    }
    command->commit.on_commit = on_commit;
    command->commit.source = source_of(command);
    err = device_commit(command->device, command->params, &command->commit);
    if (err != ERR_NONE)
        command_finish(command, err == ERR_INVALID ? COMMAND_INVALID : COMMAND_FAILED, 0);
}

void command_expire(struct command *command)
{
    struct device *device = command->device;
    struct accounts *accounts = device->accounts;

    if (command->state == COMMAND_LATE) {
        command_free(command);
        return;
    }
    if (command->state == COMMAND_QUEUED) {
        command_finish(command, COMMAND_TIMEOUT, 0);
        return;
    }
    assert(command->state == COMMAND_SENT);
    command->due_ms = accounts->config.host.now_ms(accounts->config.host.ctx) + LATE_MS;
    command_set_state(command, COMMAND_LATE);
    answer(command, COMMAND_TIMEOUT, 0);
    command_send_waiting(device);
}
