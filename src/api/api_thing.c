#include "api/api_thing.h"

#include "api/api_holding.h"
#include "proto/rest_device_list.h"

static void put_thing(struct api_call *call, struct json_out *json, const struct holding *holding,
                      const char *family, size_t index)
{
    struct rest_device device;

    api_holding_view(call, holding, family, &device);
    device.index = (int64_t)index;
    rest_device_put_thing(json, NULL, &device);
}

/* A thing's index is its place among all: the first has 0. */
void api_thing_put_page(struct api_call *call, struct json_out *json, const struct holdings *found,
                        const struct rest_page *page)
{
    size_t first = page->begin_index > 0 ? (size_t)page->begin_index : 0;
    size_t left = page->num == 0 ? found->count : (size_t)page->num;
    char family[API_FAMILY_CAP];

    api_holding_family(call->grant.apikey, family);
    rest_device_list_begin_things(json);
    for (size_t i = first; i < found->count && left > 0; i++, left--)
        put_thing(call, json, &found->items[i], family, i);
    rest_device_list_end(json);
    rest_device_list_put_total(json, (int64_t)found->count);
}

static void on_page(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct rest_page page;
    struct json_out json;

    if (err != ERR_NONE) {
        api_call_refuse(call, api_holding_error(err));
        return;
    }
    rest_device_args_read_page(&call->args, &page);
    json = api_call_begin(call);
    api_thing_put_page(call, &json, found, &page);
    api_call_send(call, &json);
}

static void on_list(struct api_call *call)
{
    struct rest_page page;
    char family[API_FAMILY_CAP];

    rest_device_args_read_page(&call->args, &page);
    api_holding_family(call->grant.apikey, family);
    if (page.family.len > 0 && !str_eq(page.family, str_of(family)))
        api_call_refuse(call, 405);
    else
        api_holding_find(call, NULL, 0, on_page);
}

static void on_some(void *ctx, enum err err, const struct holdings *found)
{
    struct api_call *call = ctx;
    struct json_out json;
    char family[API_FAMILY_CAP];

    if (err != ERR_NONE) {
        api_call_refuse(call, api_holding_error(err));
        return;
    }
    api_holding_family(call->grant.apikey, family);
    json = api_call_begin(call);
    rest_device_list_begin_things(&json);
    for (size_t i = 0; i < found->count; i++)
        put_thing(call, &json, &found->items[i], family, i);
    rest_device_list_end(&json);
    api_call_send(call, &json);
}

static void on_named(struct api_call *call)
{
    struct rest_things things;

    if (!rest_device_args_read_things(&call->args, &things))
        api_call_refuse(call, 400);
    else
        api_holding_find(call, things.ids, things.count, on_some);
}

static const struct api_route routes[] = {
    {"GET", "/v2/device/thing", API_BEARER, REST_V2, 0, on_list},
    {"POST", "/v2/device/thing", API_BEARER, REST_V2, 0, on_named},
};

const struct api_resource api_thing = {routes, sizeof routes / sizeof *routes};
