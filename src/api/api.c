#include "api/api.h"

#include "api/api_call.h"
#include "api/api_private.h"
#include "api/api_resource.h"
#include "base/alloc.h"
#include "http/http_status.h"

#include <assert.h>
#include <stdlib.h>

/* Server dispatch: the hottest, so it is found first. */
static const struct {
    const char *method;
    const char *path;
    http_request_fn on_request;
} dispatch[] = {
    {"GET", "/dispatch/app", api_dispatch_app},
    {"POST", "/dispatch/app", api_dispatch_app},
    {"GET", "/dispatch/device", api_dispatch_device},
    {"POST", "/dispatch/device", api_dispatch_device},
};

enum { DISPATCH_ROUTES = sizeof dispatch / sizeof *dispatch };

static void on_request(void *ctx, struct http_exchange *exchange,
                       const struct http_request *request, struct str body)
{
    const struct api_endpoint *endpoint = ctx;

    api_call_start(endpoint->api, endpoint->route, exchange, request, body);
}

static void add_endpoints(struct api *api, const struct api_resource *resource)
{
    for (size_t i = 0; i < resource->count; i++) {
        assert(api->endpoint_count < API_MAX_ROUTES - DISPATCH_ROUTES);
        api->endpoints[api->endpoint_count++] = (struct api_endpoint){api, &resource->routes[i]};
    }
}

struct api *api_new(const struct api_config *config)
{
    struct api *api = alloc_zero(sizeof *api);

    api->config = *config;
    for (size_t i = 0; i < api_resource_count; i++)
        add_endpoints(api, api_resource_list[i]);
    return api;
}

bool api_is_idle(const struct api *api)
{
    return api->call_count == 0 && api->batch_count == 0;
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    assert(api_is_idle(api));
    buf_free(&api->out);
    free(api);
}

static struct http_route route_of(struct api_endpoint *endpoint)
{
    struct str path = str_of(endpoint->route->path);
    size_t colon = str_find(path, ':');

    return (struct http_route){
        .method = str_of(endpoint->route->method),
        .path = str_sub(path, 0, colon),
        .has_parameter = colon < path.len,
        .on_request = on_request,
        .ctx = endpoint,
    };
}

size_t api_routes(struct api *api, struct http_route *routes, size_t cap)
{
    assert(DISPATCH_ROUTES + api->endpoint_count <= cap);
    for (size_t i = 0; i < DISPATCH_ROUTES; i++)
        routes[i] = (struct http_route){
            .method = str_of(dispatch[i].method),
            .path = str_of(dispatch[i].path),
            .on_request = dispatch[i].on_request,
            .ctx = api,
        };
    for (size_t i = 0; i < api->endpoint_count; i++)
        routes[DISPATCH_ROUTES + i] = route_of(&api->endpoints[i]);
    return DISPATCH_ROUTES + api->endpoint_count;
}

static unsigned refuse(struct buf *out, enum rest_style style, unsigned status, int error)
{
    const char *why = status == 404 || status == 405 ? "no such API" : http_status_text(status);

    rest_answer_refuse(out, style, error, str_of(why));
    return status;
}

unsigned api_format_refusal(struct buf *out, unsigned status, struct str path)
{
    const struct dispatch_answer answer = {.error = (int)status,
                                           .reason = str_of(http_status_text(status))};

    /* This dialect's clients take any other HTTP status for a broken line. */
    if (str_starts(path, STR("/v2/"))) {
        (void)refuse(out, REST_V2, status, 403);
        return 200;
    }
    if (str_starts(path, STR("/api/")))
        return refuse(out, REST_INFO, status, (int)status);
    dispatch_message_format_app(out, &answer);
    return status;
}
