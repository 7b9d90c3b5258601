#include "domain/remote.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/pack.h"
#include "domain/account.h"
#include "domain/device.h"
#include "domain/params.h"
#include "domain/remote_letter.h"
#include "store/store_device.h"

#include <stdlib.h>

/* The home answers within the command's own time; only what is lost on the way takes longer. */
enum { GRACE_MS = 1000 };

struct remote_call {
    struct accounts *accounts;
    struct relay_call *letter; /* while the home is asked */
    uint64_t epoch;            /* of the device, while its owner is looked up */
    bool is_finding;           /* the store owes the owner; it frees a call that was cancelled */
    enum command_kind kind;
    uint64_t asker_conn;
    enum device_source source;
    struct str asker; /* these look into text[] */
    struct command_request request;
    void (*on_result)(void *ctx, const struct command_result *result); /* NULL: cancelled */
    remote_presence_fn on_presence;
    void *ctx;
    char text[];
};

static struct remote_call *command_call_new(struct accounts *accounts,
                                            const struct remote_command *command)
{
    const struct command_request *request = &command->request;
    struct remote_call *call =
        alloc_zero(sizeof *call + command->asker.len + request->deviceid.len + request->apikey.len +
                   request->sequence.len + request->params.raw.len);
    char *at = call->text;

    call->accounts = accounts;
    call->kind = command->kind;
    call->asker_conn = command->asker_conn;
    call->source = command->source;
    call->asker = str_place(&at, command->asker);
    call->request.deviceid = str_place(&at, request->deviceid);
    call->request.apikey = str_place(&at, request->apikey);
    call->request.sequence = str_place(&at, request->sequence);
    call->request.params = request->params;
    call->request.params.raw = str_place(&at, request->params.raw);
    call->on_result = command->on_result;
    call->ctx = command->ctx;
    return call;
}

static void give_result(struct remote_call *call, struct command_result *result)
{
    result->deviceid = call->request.deviceid;
    result->apikey = call->request.apikey;
    result->sequence = call->request.sequence;
    result->names = call->request.params;
    if (call->on_result != NULL)
        call->on_result(call->ctx, result);
    free(call);
}

static void give_outcome(struct remote_call *call, enum command_outcome outcome)
{
    struct command_result result = {.outcome = outcome};

    give_result(call, &result);
}

static void on_result(void *ctx, enum err err, struct str body)
{
    struct remote_call *call = ctx;
    struct command_result result;

    if (err != ERR_NONE) {
        give_outcome(call, COMMAND_TIMEOUT);
    } else if (!remote_letter_read_result(body, &result)) {
        give_outcome(call, COMMAND_FAILED);
    } else {
        if (result.outcome == COMMAND_FORBIDDEN) /* maybe because it has another owner by now */
            owners_drop(&call->accounts->owners, call->request.deviceid);
        give_result(call, &result);
    }
}

static enum err ask_home(struct remote_call *call, struct str owner)
{
    const struct accounts_config *config = &call->accounts->config;
    struct buf body = BUF_EMPTY;
    const struct remote_request request = {
        .kind = call->kind,
        .asker = call->asker,
        .asker_conn = call->asker_conn,
        .source = call->source,
        .deviceid = call->request.deviceid,
        .sequence = call->request.sequence,
        .params = call->request.params,
    };
    struct relay_question question = {
        .letter = {.account = owner, .kind = REMOTE_COMMAND},
        .deadline_ms = config->command_ms + GRACE_MS,
        .on_answer = on_result,
        .ctx = call,
    };
    enum err err;

    remote_letter_write_request(&body, &request);
    question.letter.body = buf_str(&body);
    err = relay_ask(config->desk, &question, &call->letter);
    buf_free(&body);
    return err;
}

static enum command_outcome outcome_of(enum err err)
{
    if (err == ERR_NOT_FOUND)
        return COMMAND_FORBIDDEN;
    return err == ERR_FULL ? COMMAND_BUSY : COMMAND_FAILED;
}

/* Remembers the owner, unless the row may have changed since it was asked for. */
static void note_owner(struct remote_call *call, struct str owner)
{
    struct accounts *accounts = call->accounts;
    const struct accounts_host *host = &accounts->config.host;

    if (device_epochs_get(accounts->config.epochs, call->request.deviceid) == call->epoch)
        owners_note(&accounts->owners, call->request.deviceid, owner, host->now_ms(host->ctx));
}

static void on_device(void *ctx, enum err err, const struct device_record *record)
{
    struct remote_call *call = ctx;

    call->accounts->store_waits--;
    call->is_finding = false;
    if (call->on_result == NULL) {
        free(call);
        return;
    }
    if (err == ERR_NONE && record->owner[0] == '\0')
        err = ERR_NOT_FOUND;
    if (err == ERR_NONE) {
        note_owner(call, str_of(record->owner));
        err = ask_home(call, str_of(record->owner));
    }
    if (err != ERR_NONE)
        give_outcome(call, outcome_of(err));
}

static enum err find_owner(struct remote_call *call)
{
    struct accounts *accounts = call->accounts;
    enum err err;

    call->epoch = device_epochs_get(accounts->config.epochs, call->request.deviceid);
    err = store_device_find(accounts->config.store, accounts->config.mailbox,
                            call->request.deviceid, on_device, call);
    if (err != ERR_NONE)
        return err;
    call->is_finding = true;
    accounts->store_waits++;
    return ERR_NONE;
}

/* As far as this worker knows it without asking. */
static struct str known_owner(struct accounts *accounts, const struct remote_command *command)
{
    const struct accounts_host *host = &accounts->config.host;
    const struct device *device;

    if (command->owner.len > 0)
        return command->owner;
    device = map_find(accounts->devices, command->request.deviceid);
    if (device != NULL && device->account != NULL)
        return str_of(device->account->apikey);
    return owners_find(&accounts->owners, command->request.deviceid, host->now_ms(host->ctx));
}

static bool is_sound_kind(enum command_kind kind, struct json_value params)
{
    switch (kind) {
    case COMMAND_UPDATE:
        return params_is_change(params);
    case COMMAND_UPGRADE:
    case COMMAND_REDIRECT:
        return params.kind == JSON_OBJECT;
    case COMMAND_RESTART:
    case COMMAND_NOTIFY:
        return params.kind == JSON_NONE;
    case COMMAND_QUERY:
        return true;
    }
    return false;
}

static bool is_sound(const struct remote_command *command)
{
    const struct command_request *request = &command->request;

    return request->deviceid.len > 0 && request->deviceid.len < STORE_DEVICE_ID_CAP &&
           command->asker.len > 0 && command->asker.len < STORE_APIKEY_CAP &&
           is_sound_kind(command->kind, request->params);
}

enum err remote_command(struct accounts *accounts, const struct remote_command *command,
                        struct remote_call **out)
{
    struct remote_call *call;
    struct str owner;
    enum err err;

    if (!is_sound(command))
        return ERR_INVALID;
    call = command_call_new(accounts, command);
    owner = known_owner(accounts, command);
    err = owner.len > 0 ? ask_home(call, owner) : find_owner(call);
    if (err != ERR_NONE) {
        free(call);
        return err;
    }
    *out = call;
    return ERR_NONE;
}

static void on_presence(void *ctx, enum err err, struct str body)
{
    struct remote_call *call = ctx;
    struct pack_reader reader = {.rest = body};
    struct str online = STR("");

    if (err == ERR_NONE) {
        online = pack_read_text(&reader);
        if (!pack_is_whole(&reader))
            err = ERR_INTERNAL;
    }
    call->on_presence(call->ctx, err, online);
    free(call);
}

enum err remote_presence(struct accounts *accounts, const struct remote_presence *presence,
                         struct remote_call **out)
{
    struct remote_call *call;
    struct buf body = BUF_EMPTY;
    struct relay_question question = {
        .letter = {.account = presence->owner, .kind = REMOTE_PRESENCE},
        .deadline_ms = GRACE_MS,
        .on_answer = on_presence,
    };
    enum err err;

    if (presence->count > REMOTE_PRESENCE_MAX)
        return ERR_INVALID;
    call = alloc_zero(sizeof *call);
    call->accounts = accounts;
    call->on_presence = presence->on_presence;
    call->ctx = presence->ctx;
    for (size_t i = 0; i < presence->count; i++)
        pack_text(&body, presence->ids[i]);
    question.letter.body = buf_str(&body);
    question.ctx = call;
    err = relay_ask(accounts->config.desk, &question, &call->letter);
    buf_free(&body);
    if (err != ERR_NONE) {
        free(call);
        return err;
    }
    *out = call;
    return ERR_NONE;
}

void remote_cancel(struct remote_call *call)
{
    if (call->is_finding) {
        call->on_result = NULL;
        return;
    }
    relay_cancel(call->letter);
    free(call);
}
