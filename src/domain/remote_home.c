#include "domain/remote_home.h"

#include "base/pack.h"
#include "domain/account.h"
#include "domain/audience.h"
#include "domain/command.h"
#include "domain/device.h"
#include "domain/remote_letter.h"
#include "domain/share_home.h"
#include "domain/share_offer.h"

void remote_home_answer(struct accounts *accounts, struct relay_ticket ticket,
                        const struct command_result *result)
{
    struct buf body = BUF_EMPTY;

    remote_letter_write_result(&body, result);
    relay_answer(accounts->config.desk, ticket, buf_str(&body));
    buf_free(&body);
}

static void on_command(struct accounts *accounts, struct str body, struct relay_ticket ticket)
{
    static const struct command_result failed = {.outcome = COMMAND_FAILED};
    struct remote_request request;
    struct command_letter letter = {.ticket = ticket};

    if (!remote_letter_read_request(body, &request)) {
        remote_home_answer(accounts, ticket, &failed);
        return;
    }
    letter.asker = request.asker;
    letter.asker_conn = request.asker_conn;
    letter.source = request.source;

    const struct command_request wanted = {
        .deviceid = request.deviceid,
        .sequence = request.sequence,
        .params = request.params,
    };

    command_start(command_new_by_letter(accounts, &letter, request.kind, &wanted));
}

static bool is_online(const struct accounts *accounts, struct str owner, struct str id)
{
    const struct device *device = map_find(accounts->devices, id);

    return device != NULL && device->link != NULL && device->account != NULL &&
           str_eq(str_of(device->account->apikey), owner);
}

static void on_presence(struct accounts *accounts, const struct relay_letter *letter,
                        struct relay_ticket ticket)
{
    struct pack_reader reader = {.rest = letter->body};
    struct buf online = BUF_EMPTY;
    struct buf body = BUF_EMPTY;

    while (reader.rest.len > 0 && !reader.has_failed)
        buf_append_byte(&online,
                        is_online(accounts, letter->account, pack_read_text(&reader)) ? '1' : '0');
    pack_text(&body, buf_str(&online));
    relay_answer(accounts->config.desk, ticket, buf_str(&body));
    buf_free(&body);
    buf_free(&online);
}

static void on_question(void *ctx, const struct relay_letter *letter, struct relay_ticket ticket)
{
    struct accounts *accounts = ctx;

    switch ((enum remote_kind)letter->kind) {
    case REMOTE_COMMAND:
        on_command(accounts, letter->body, ticket);
        break;
    case REMOTE_PRESENCE:
        on_presence(accounts, letter, ticket);
        break;
    case REMOTE_SHARE:
        share_home_ask(accounts, letter, ticket);
        break;
    case REMOTE_OFFER:
        share_offer_hear(accounts, letter, ticket);
        break;
    }
}

static void on_notice(void *ctx, const struct relay_letter *letter)
{
    audience_hear(ctx, letter);
}

const struct relay_service remote_home_service = {
    .on_question = on_question,
    .on_notice = on_notice,
};
