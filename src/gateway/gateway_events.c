/* gateway_events - what the domain tells of a link's session or device, as messages to its client.
 */
#include "gateway/gateway_action.h"

#include "domain/params.h"

static int outcome_error(const struct command_result *result)
{
    switch (result->outcome) {
    case COMMAND_OK:
        return 0;
    case COMMAND_DEVICE_ERROR:
        return (int)result->error;
    case COMMAND_OFFLINE:
        return 503;
    case COMMAND_TIMEOUT:
        return 504;
    case COMMAND_FORBIDDEN:
        return 403;
    case COMMAND_INVALID:
    case COMMAND_TOO_LARGE:
        return 400;
    case COMMAND_BUSY:
    case COMMAND_FAILED:
        return 500;
    }
    return 500;
}

/* The device's own words for its error, else ours. */
static struct str result_reason(const struct command_result *result, const struct message *ack)
{
    struct str reason;

    if (result->outcome == COMMAND_OK)
        return STR_EMPTY;
    if (result->outcome == COMMAND_BUSY)
        return STR("Too Many Commands");
    if (result->outcome == COMMAND_TOO_LARGE)
        return GATEWAY_TOO_LARGE;
    if (result->outcome != COMMAND_DEVICE_ERROR)
        return gateway_error_reason(outcome_error(result));
    if (ack != NULL &&
        json_to_view(json_find(ack->members, ack->member_count, STR("reason")), &reason))
        return reason;
    return STR_EMPTY;
}

static void on_result(void *ctx, const struct command_result *result)
{
    struct gateway_link *link = ctx;
    struct message ack;
    struct buf selected = BUF_EMPTY;
    bool has_ack = result->ack.len > 0 && message_parse(result->ack, &ack) == ERR_NONE;
    struct message_reply reply = {
        .error = outcome_error(result),
        .reason = result_reason(result, has_ack ? &ack : NULL),
        .deviceid = result->deviceid,
        .apikey = result->apikey,
        .extras = has_ack ? &ack : NULL,
        .sequence = result->sequence,
    };

    if (result->params.ptr != NULL) {
        params_select(&selected, result->params, result->names);
        reply.params = (struct json_value){.kind = JSON_OBJECT, .raw = buf_str(&selected)};
    }
    gateway_link_reply(link, &reply);
    buf_free(&selected);
}

static struct message_update update_of(const struct change *change)
{
    return (struct message_update){
        .deviceid = change->deviceid,
        .apikey = change->owner,
        .sequence = change->sequence,
        .params = change->params,
        .d_seq = {.kind = change->d_seq.len > 0 ? JSON_NUMBER : JSON_NONE, .raw = change->d_seq},
        .seq = {.kind = change->seq.len > 0 ? JSON_NUMBER : JSON_NONE, .raw = change->seq},
    };
}

static void on_app_change(void *ctx, const struct change *change)
{
    struct gateway_link *link = ctx;
    const struct message_update update = update_of(change);

    buf_clear(&link->gateway->out);
    message_format_app_push(&link->gateway->out, &update);
    gateway_link_send(link);
}

static void on_report(void *ctx, const struct change *change)
{
    struct gateway_link *link = ctx;
    const struct message_update update = update_of(change);

    buf_clear(&link->gateway->out);
    message_format_device_push(&link->gateway->out, &update);
    gateway_link_send(link);
}

static void on_presence(void *ctx, struct str deviceid, struct str owner, bool online)
{
    struct gateway_link *link = ctx;

    buf_clear(&link->gateway->out);
    message_format_presence(&link->gateway->out, deviceid, owner, online);
    gateway_link_send(link);
}

/* Params go as the firmware reads them: without white space, for old firmware as numbers. */
static void format_command(struct gateway_link *link, enum message_action action,
                           struct message_update *update)
{
    struct buf fitted = BUF_EMPTY;
    const struct json_value params = {
        .kind = update->params.ptr[0] == '[' ? JSON_ARRAY : JSON_OBJECT,
        .raw = update->params,
    };

    if (link->dialect == GATEWAY_OLD) {
        params_normalize(&fitted, params);
        update->params = buf_str(&fitted);
    } else if (params_compact(&fitted, params)) {
        update->params = buf_str(&fitted);
    }
    message_format_command(&link->gateway->out, action, update);
    buf_free(&fitted);
}

static enum err on_command(void *ctx, enum command_kind kind, const struct change *command)
{
    struct gateway_link *link = ctx;
    struct buf *out = &link->gateway->out;
    struct message_update update = update_of(command);

    buf_clear(out);
    switch (kind) {
    case COMMAND_UPDATE:
        format_command(link, MESSAGE_UPDATE, &update);
        break;
    case COMMAND_UPGRADE:
        format_command(link, MESSAGE_UPGRADE, &update);
        break;
    case COMMAND_RESTART:
        message_format_order(out, MESSAGE_RESTART, &update);
        break;
    case COMMAND_REDIRECT:
        message_format_order(out, MESSAGE_REDIRECT, &update);
        break;
    case COMMAND_NOTIFY:
        message_format_notify(out, &update, link->gateway->config.hb_interval_s);
        break;
    case COMMAND_QUERY: /* is answered from what is stored */
        return ERR_INTERNAL;
    }
    if (!gateway_link_fits(link))
        return ERR_TOO_LARGE;
    gateway_link_send(link);
    return ERR_NONE;
}

static void on_report_done(void *ctx, enum err err, const struct change *report)
{
    struct gateway_link *link = ctx;
    const struct message_update update = update_of(report);
    const struct message_reply reply = {
        .error = err == ERR_NONE ? 0 : 500,
        .reason = err == ERR_NONE ? STR_EMPTY : gateway_error_reason(500),
        .deviceid = report->deviceid,
        .apikey = report->owner,
        .d_seq = update.d_seq,
    };

    gateway_link_reply(link, &reply);
}

static void on_end(void *ctx, enum session_end end)
{
    gateway_link_end(ctx, end);
}

const struct session_events gateway_session_events = {
    .conn_id = gateway_link_conn_id,
    .tell_origin = gateway_link_tell_origin,
    .on_result = on_result,
    .on_app_change = on_app_change,
    .on_report = on_report,
    .on_presence = on_presence,
    .on_share = gateway_share_on_outcome,
    .on_share_offer = gateway_share_on_offer,
    .on_end = on_end,
};

const struct device_events gateway_device_events = {
    .conn_id = gateway_link_conn_id,
    .tell_origin = gateway_link_tell_origin,
    .on_open = gateway_register_on_open,
    .on_command = on_command,
    .on_report_done = on_report_done,
    .on_end = on_end,
};
