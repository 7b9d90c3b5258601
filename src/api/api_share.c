#include "api/api_share.h"

#include "api/api_holding.h"
#include "api/api_private.h"
#include "base/alloc.h"
#include "domain/permit.h"
#include "domain/share.h"
#include "proto/rest_share_args.h"

enum {
    ANSWER_MS = 4000, /* for the home: nobody else is asked */
    NO_SUCH_ACCOUNT = 30008,
};

/* A call that shares several devices, one after the other. */
struct offering {
    size_t at;
    bool is_change; /* this one is shared already */
};

static int outcome_error(enum share_outcome outcome)
{
    switch (outcome) {
    case SHARE_DONE:
        return 0;
    case SHARE_UNKNOWN:
        return NO_SUCH_ACCOUNT;
    case SHARE_FORBIDDEN:
        return 406;
    case SHARE_MISSING:
        return 405;
    case SHARE_SELF:
    case SHARE_EXISTS:
        return 400;
    case SHARE_FULL:
        return 412;
    case SHARE_REFUSED:
    case SHARE_UNANSWERED:
    case SHARE_BUSY:
    case SHARE_FAILED:
        return 500;
    }
    return 500;
}

static void ask(struct api_call *call, const struct share_request *request, share_fn on_outcome)
{
    const struct share_question question = {
        .request = *request, .answer_ms = ANSWER_MS, .on_outcome = on_outcome, .ctx = call};
    struct share_call *under_way;
    enum err err = share_ask(call->api->config.desk, &question, &under_way);

    if (err != ERR_NONE)
        api_call_refuse(call, err == ERR_INVALID ? 400 : 500);
}

static void put_thing(struct api_call *call, struct json_out *json, const char *name,
                      const struct holding *holding)
{
    char family[API_FAMILY_CAP];
    struct rest_device device;

    api_holding_family(call->grant.apikey, family);
    api_holding_view(call, holding, family, &device);
    rest_device_put_thing(json, name, &device);
}

static void on_shared(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct json_out json;

    if (err != ERR_NONE) {
        api_call_refuse(call, 500);
        return;
    }
    json = api_call_begin(call);
    rest_share_args_begin_list(&json);
    for (size_t i = 0; i < found->count; i++)
        put_thing(call, &json, NULL, &found->items[i]);
    rest_share_args_end_list(&json);
    api_call_send(call, &json);
}

static void offer_next(struct api_call *call);

static void on_offered(void *ctx, enum share_outcome outcome)
{
    struct api_call *call = ctx;
    struct offering *offering = call->own;

    if (outcome == SHARE_EXISTS && !offering->is_change) {
        offering->is_change = true;
    } else if (outcome == SHARE_DONE) {
        offering->is_change = false;
        offering->at++;
    } else {
        api_call_refuse(call, outcome_error(outcome));
        return;
    }
    offer_next(call);
}

static void offer_next(struct api_call *call)
{
    const struct offering *offering = call->own;
    struct rest_share_offer offer;
    struct share_request request = {.owner = str_of(call->grant.apikey), .is_forced = true};

    if (!rest_share_args_read_offer(&call->args, &offer) || offer.permit < 0 ||
        offer.permit > PERMIT_ALL) {
        api_call_refuse(call, 400);
        return;
    }
    if (offering->at == offer.count) {
        api_holding_find(call, offer.ids, offer.count, on_shared);
        return;
    }
    request.verb = offering->is_change ? SHARE_CHANGE : SHARE_OFFER;
    request.deviceid = offer.ids[offering->at];
    request.account = offer.account;
    request.note = offer.comment;
    request.permit = offer.permit;
    ask(call, &request, on_offered);
}

static void on_share(struct api_call *call)
{
    call->own = alloc_zero(sizeof(struct offering));
    offer_next(call);
}

static void on_updated(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct json_out json;

    if (err != ERR_NONE || found->count == 0) {
        api_call_refuse(call, 500);
        return;
    }
    json = api_call_begin(call);
    put_thing(call, &json, "updatedThing", &found->items[0]);
    api_call_send(call, &json);
}

static void on_done(void *ctx, enum share_outcome outcome)
{
    struct api_call *call = ctx;
    struct rest_share_change change;

    if (outcome != SHARE_DONE)
        api_call_refuse(call, outcome_error(outcome));
    else if (rest_share_args_read_change(&call->args, &change)) /* as when it began */
        api_holding_find(call, &change.deviceid, 1, on_updated);
}

static const struct share_record *share_with(const struct holding *holding, struct str apikey)
{
    for (size_t i = 0; i < holding->share_count; i++)
        if (str_eq(str_of(holding->shares[i].sharee), apikey))
            return &holding->shares[i];
    return NULL;
}

/* The sharee is named by his apikey: whose address is that? */
static void on_sharee(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct rest_share_change change;
    const struct share_record *share;
    struct share_request request = {.owner = str_of(call->grant.apikey)};

    if (err != ERR_NONE || !rest_share_args_read_change(&call->args, &change)) {
        api_call_refuse(call, api_holding_error(err));
        return;
    }
    if (found->count == 0 || found->items[0].share != NULL) {
        api_call_refuse(call, 406);
        return;
    }
    share = share_with(&found->items[0], change.apikey);
    if (share == NULL) {
        api_call_refuse(call, 405);
        return;
    }
    request.verb = change.permit < 0 ? SHARE_END : SHARE_CHANGE;
    request.deviceid = change.deviceid;
    request.account = str_of(share->sharee_account);
    request.permit = change.permit;
    ask(call, &request, on_done);
}

static void find_sharee(struct api_call *call, bool has_permit)
{
    struct rest_share_change change;

    if (!rest_share_args_read_change(&call->args, &change) || (change.permit >= 0) != has_permit ||
        change.permit > PERMIT_ALL)
        api_call_refuse(call, 400);
    else
        api_holding_find(call, &change.deviceid, 1, on_sharee);
}

static void on_permit(struct api_call *call)
{
    find_sharee(call, true);
}

static void on_cancel(struct api_call *call)
{
    find_sharee(call, false);
}

static void on_left(void *ctx, enum share_outcome outcome)
{
    struct api_call *call = ctx;

    if (outcome != SHARE_DONE)
        api_call_refuse(call, outcome_error(outcome));
    else
        api_call_succeed(call);
}

void api_share_leave(struct api_call *call, const struct share_record *share)
{
    const struct share_request request = {
        .verb = SHARE_END,
        .owner = str_of(share->owner),
        .deviceid = str_of(share->deviceid),
        .account = str_of(share->sharee_account),
        .permit = -1,
    };

    ask(call, &request, on_left);
}

static const struct api_route routes[] = {
    {"POST", "/v2/device/share", API_BEARER, REST_V2, 0, on_share},
    {"DELETE", "/v2/device/share", API_BEARER, REST_V2, 0, on_cancel},
    {"POST", "/v2/device/share/permit", API_BEARER, REST_V2, 0, on_permit},
};

const struct api_resource api_share = {routes, sizeof routes / sizeof *routes};
