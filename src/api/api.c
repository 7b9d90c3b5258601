#include "api/api.h"

#include "api/api_private.h"
#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>

static const struct {
    const char *method;
    const char *path;
    http_request_fn on_request;
} table[] = {
    {"GET", "/dispatch/app", api_dispatch_app},
    {"POST", "/dispatch/app", api_dispatch_app},
    {"GET", "/dispatch/device", api_dispatch_device},
    {"POST", "/dispatch/device", api_dispatch_device},
};

static_assert(sizeof table / sizeof *table <= API_MAX_ROUTES, "API_MAX_ROUTES is too small");

struct api *api_new(const struct api_config *config)
{
    struct api *api = alloc_zero(sizeof *api);

    api->config = *config;
    return api;
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    buf_free(&api->out);
    free(api);
}

size_t api_routes(struct api *api, struct http_route *routes, size_t cap)
{
    size_t count = sizeof table / sizeof *table;

    assert(count <= cap);
    for (size_t i = 0; i < count; i++)
        routes[i] = (struct http_route){
            .method = str_of(table[i].method),
            .path = str_of(table[i].path),
            .on_request = table[i].on_request,
            .ctx = api,
        };
    return count;
}

void api_format_refusal(struct buf *out, unsigned status, struct str reason)
{
    const struct dispatch_answer answer = {.error = (int)status, .reason = reason};

    dispatch_message_format_app(out, &answer);
}
