#include "gateway/gateway_action.h"

#include "domain/session_share.h"
#include "proto/message_share.h"

/* Of a reply's "result"; the documents of share and updateShare number them differently. */
enum { RESULT_NOT_THE_SHARER = 0, RESULT_NO_ACCOUNT = 1, RESULT_DONE = 2 };
enum { RESULT_REFUSED = 3, RESULT_EXISTS = 4, RESULT_NOT_CHANGED = 3 };

static enum share_verb verb_of(const struct message *message)
{
    if (message->action == MESSAGE_UPDATE_SHARE)
        return SHARE_CHANGE;
    return message->action == MESSAGE_CANCEL_SHARE ? SHARE_END : SHARE_OFFER;
}

void gateway_share(struct gateway_link *link, const struct message *message)
{
    const struct session_share_keys keys = {message->deviceid, message->apikey, message->sequence};
    struct message_share params;

    if (message->deviceid.len == 0 || message_share_parse(message->params, &params) != ERR_NONE) {
        gateway_error_reply(link, message, 400);
        return;
    }

    const struct share_request request = {
        .verb = verb_of(message),
        .deviceid = message->deviceid,
        .account = str_of(params.account),
        .name = str_of(params.name),
        .user_name = str_of(params.user_name),
        .note = str_of(params.note),
        .permit = params.permit,
        .share_time = params.share_time,
    };

    session_share_ask(link->session, &request, &keys);
}

void gateway_share_answer(struct gateway_link *link, const struct message *message)
{
    bool is_accepted =
        message->error == 0 && message_share_is_accepted(message->members, message->member_count);

    session_share_answer(link->session, message->sequence, is_accepted);
}

static void put_result(struct message_reply *reply, int result)
{
    reply->has_result = true;
    reply->result = result;
}

static void put_error(struct message_reply *reply, int error)
{
    reply->error = error;
    reply->reason = gateway_error_reason(error);
}

static void fill_offer(struct message_reply *reply, enum share_outcome outcome)
{
    switch (outcome) {
    case SHARE_DONE:
        put_result(reply, RESULT_DONE);
        break;
    case SHARE_REFUSED:
        put_result(reply, RESULT_REFUSED);
        break;
    case SHARE_EXISTS:
        put_result(reply, RESULT_EXISTS);
        break;
    case SHARE_UNKNOWN:
        put_result(reply, RESULT_NO_ACCOUNT);
        break;
    case SHARE_UNANSWERED:
        put_error(reply, 504);
        break;
    case SHARE_SELF:
        put_error(reply, 400);
        break;
    case SHARE_FULL:
        put_error(reply, 403);
        reply->reason = STR("Too Many Shares");
        break;
    case SHARE_FORBIDDEN:
    case SHARE_MISSING:
        put_error(reply, 403);
        break;
    case SHARE_BUSY:
    case SHARE_FAILED:
        put_error(reply, 500);
        break;
    }
}

static void fill_change(struct message_reply *reply, enum share_outcome outcome)
{
    if (outcome == SHARE_BUSY || outcome == SHARE_FAILED)
        put_error(reply, 500);
    else if (outcome == SHARE_DONE)
        put_result(reply, RESULT_DONE);
    else if (outcome == SHARE_FORBIDDEN)
        put_result(reply, RESULT_NOT_THE_SHARER);
    else if (outcome == SHARE_UNKNOWN)
        put_result(reply, RESULT_NO_ACCOUNT);
    else
        put_result(reply, RESULT_NOT_CHANGED);
}

void gateway_share_on_outcome(void *ctx, enum share_verb verb, enum share_outcome outcome,
                              const struct session_share_keys *keys)
{
    struct message_reply reply = {
        .deviceid = keys->deviceid,
        .apikey = keys->apikey,
        .sequence = keys->sequence,
    };

    switch (verb) {
    case SHARE_OFFER:
        fill_offer(&reply, outcome);
        break;
    case SHARE_CHANGE:
        fill_change(&reply, outcome);
        break;
    case SHARE_END: /* documented to succeed always: whatever was asked, there is no share now */
        if (outcome == SHARE_BUSY || outcome == SHARE_FAILED)
            put_error(&reply, 500);
        break;
    }
    gateway_link_reply(ctx, &reply);
}

void gateway_share_on_offer(void *ctx, const struct share_request *request, struct str sequence)
{
    struct gateway_link *link = ctx;
    const struct message_share_offer offer = {
        .deviceid = request->deviceid,
        .apikey = request->owner,
        .sequence = sequence,
        .account = request->account,
        .name = request->name,
        .user_name = request->user_name,
        .note = request->note,
        .permit = request->permit,
        .share_time = request->share_time,
    };

    buf_clear(&link->gateway->out);
    message_share_format(&link->gateway->out, &offer);
    gateway_link_send(link);
}
