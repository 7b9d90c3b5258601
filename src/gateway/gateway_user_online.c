#include "domain/sharer.h"
#include "gateway/gateway_action.h"

#include <inttypes.h>

/* The protocol's answer to a userOnline that is refused; the names of its keys are
 * docs/protocol.md, "userOnline". */
static void refuse(struct gateway_link *link, const struct gateway_handshake *handshake, int error)
{
    const struct message_reply reply = {
        .error = error,
        .reason = gateway_error_reason(error),
        .apikey = handshake->apikey,
        .sequence = handshake->sequence,
        .action_name = STR("userOnline"),
    };

    metric_add(link->gateway->config.metrics, METRIC_HANDSHAKE_APP_REFUSED, 1);
    gateway_link_reply(link, &reply);
    gateway_link_reject(link);
}

/* Opens the session, then answers. */
static void welcome(struct gateway_link *link)
{
    const struct conn *conn = ws_link_conn(link->ws);
    char peer[ADDRESS_TEXT_CAP];
    struct gateway_handshake *handshake = link->handshake;
    struct gateway *gateway = link->gateway;
    const struct session_config config = {
        .apikey = str_of(handshake->grant.apikey),
        .appid = str_of(handshake->grant.appid),
        .token_hash = handshake->grant.token_hash,
        .events = &gateway_session_events,
        .ctx = link,
    };
    const struct message_reply reply = {
        .apikey = config.apikey,
        .hb_interval_s = gateway->config.hb_interval_s,
        .sequence = handshake->sequence,
    };

    gateway_handshake_end(handshake);
    link->since_ms = loop_wall_ms(gateway->config.loop);
    gateway_link_set_state(link, GATEWAY_APP);
    gateway_link_reply(link, &reply);
    link->session = session_open(gateway->accounts, &config);
    metric_add(gateway->config.metrics, METRIC_HANDSHAKE_APP_OK, 1);
    log_info(gateway->config.log, "app.online", "conn=%" PRIu64 " peer=%s account=%s",
             conn_id(conn), address_format(conn_peer(conn), peer), gateway_link_account(link));
    gateway_handshake_free(handshake);
}

static void judge(struct gateway_link *link);

static void on_grant(void *ctx, const struct access_grant *grant)
{
    struct gateway_handshake *handshake = ctx;

    if (handshake->link == NULL) {
        gateway_handshake_free(handshake);
        return;
    }
    handshake->grant = *grant;
    judge(handshake->link);
}

/* At home. If this worker has heard of a revocation that the other had not, it asks once more. */
static void on_arrived(struct gateway_link *link)
{
    struct gateway_handshake *handshake = link->handshake;
    struct access *access = link->gateway->config.access;
    struct loop *loop = link->gateway->config.loop;
    const struct access_question question = {
        .token_hash = handshake->grant.token_hash,
        .time = {loop_wall_ms(loop), loop_now_ms(loop)},
        .on_grant = on_grant,
        .ctx = handshake,
    };
    struct access_grant grant;

    if (access_is_current(access, &handshake->grant)) {
        welcome(link);
    } else if (access_check(access, &question, &grant)) {
        handshake->grant = grant;
        judge(link);
    }
}

static void give_up(struct gateway_link *link, int error)
{
    struct gateway_handshake *handshake = link->handshake;

    gateway_handshake_end(handshake);
    refuse(link, handshake, error);
    gateway_handshake_free(handshake);
}

/* The apikey, where one is given, must be the token's own, or that of somebody who shares a device
 * with its account: so does one client name itself that works on a shared device. */
static bool is_own(const struct gateway_handshake *handshake)
{
    return handshake->is_of_sharer || handshake->apikey.len == 0 ||
           str_eq(handshake->apikey, str_of(handshake->grant.apikey));
}

static void on_sharer(void *ctx, enum err err)
{
    struct gateway_handshake *handshake = ctx;

    if (handshake->link == NULL) {
        gateway_handshake_free(handshake);
    } else if (err == ERR_NONE) {
        handshake->is_of_sharer = true;
        judge(handshake->link);
    } else {
        give_up(handshake->link, err == ERR_NOT_FOUND ? 406 : 500);
    }
}

static void check_sharer(struct gateway_link *link)
{
    struct gateway_handshake *handshake = link->handshake;
    enum err err = sharer_check(link->gateway->accounts, handshake->apikey,
                                str_of(handshake->grant.apikey), on_sharer, handshake);

    if (err != ERR_NONE)
        give_up(link, err == ERR_INVALID ? 406 : 500);
}

static void judge(struct gateway_link *link)
{
    struct gateway_handshake *handshake = link->handshake;
    enum access_verdict verdict = handshake->grant.verdict;

    if (verdict != ACCESS_GRANTED)
        give_up(link, verdict == ACCESS_FAILED ? 500 : 406);
    else if (is_own(handshake))
        gateway_handshake_go_home(link, str_of(handshake->grant.apikey), on_arrived);
    else
        check_sharer(link);
}

void gateway_user_online(struct gateway_link *link, const struct message *message)
{
    struct gateway_handshake *handshake = gateway_handshake_begin(link, message);
    struct gateway *gateway = link->gateway;
    const struct access_question question = {
        .token = message->at.ptr == NULL ? STR("") : message->at,
        .appid = message->appid,
        .time = {loop_wall_ms(gateway->config.loop), loop_now_ms(gateway->config.loop)},
        .on_grant = on_grant,
        .ctx = handshake,
    };

    if (access_check(gateway->config.access, &question, &handshake->grant))
        judge(link);
}
