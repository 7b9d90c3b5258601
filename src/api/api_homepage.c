#include "api/api_homepage.h"

#include "api/api_family.h"
#include "api/api_holding.h"
#include "api/api_thing.h"
#include "proto/rest_homepage.h"

/* found: the things, where they are asked for. */
static void answer(struct api_call *call, const struct rest_homepage *asked,
                   const struct holdings *found)
{
    struct json_out json = api_call_begin(call);

    if (asked->user) {
        rest_homepage_begin_user(&json);
        rest_homepage_put_apikey(&json, str_of(call->grant.apikey));
        rest_homepage_end(&json);
    }
    if (asked->family) {
        rest_homepage_begin_family(&json);
        api_family_put(call, &json);
        rest_homepage_end(&json);
    }
    if (found != NULL) {
        rest_homepage_begin_things(&json);
        api_thing_put_page(call, &json, found, &asked->page);
        rest_homepage_end(&json);
    }
    if (asked->scenes)
        rest_homepage_put_scenes(&json);
    if (asked->messages)
        rest_homepage_put_messages(&json);
    api_call_send(call, &json);
}

static void on_things(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct rest_homepage asked;

    if (err != ERR_NONE) {
        api_call_refuse(call, api_holding_error(err));
        return;
    }
    rest_homepage_read(&call->args, &asked);
    answer(call, &asked, found);
}

static void on_homepage(struct api_call *call)
{
    struct rest_homepage asked;

    rest_homepage_read(&call->args, &asked);
    if (asked.things)
        api_holding_find(call, NULL, 0, on_things);
    else
        answer(call, &asked, NULL);
}

static const struct api_route routes[] = {
    {"POST", "/v2/homepage", API_BEARER, REST_V2, 0, on_homepage},
};

const struct api_resource api_homepage = {routes, sizeof routes / sizeof *routes};
