#include "api/api_family.h"

#include "api/api_holding.h"
#include "proto/rest_family.h"

void api_family_put(const struct api_call *call, struct json_out *json)
{
    struct rest_family family = {.owner = str_of(call->grant.apikey), .name = STR("Home")};
    char id[API_FAMILY_CAP];

    api_holding_family(call->grant.apikey, id);
    family.id = str_of(id);
    rest_family_put_list(json, &family);
}

static void on_list(struct api_call *call)
{
    struct json_out json = api_call_begin(call);

    api_family_put(call, &json);
    api_call_send(call, &json);
}

static const struct api_route routes[] = {
    {"GET", "/v2/family", API_BEARER, REST_V2, 0, on_list},
};

const struct api_resource api_family = {routes, sizeof routes / sizeof *routes};
