#include "http/http_route.h"

static bool answers(const struct http_route *route, struct str method)
{
    return str_eq(route->method, method) ||
           (str_eq(route->method, STR("GET")) && str_eq(method, STR("HEAD")));
}

const struct http_route *http_route_find(const struct http_route_table *table, struct str method,
                                         struct str path)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct http_route *route = &table->routes[i];

        if (str_eq(route->path, path) && answers(route, method))
            return route;
    }
    return NULL;
}

bool http_route_allow(const struct http_route_table *table, struct str path, struct buf *out)
{
    bool found = false;

    for (size_t i = 0; i < table->count; i++) {
        const struct http_route *route = &table->routes[i];

        if (!str_eq(route->path, path))
            continue;
        buf_append(out, found ? STR(", ") : STR("Allow: "));
        buf_append(out, route->method);
        if (str_eq(route->method, STR("GET")))
            buf_append(out, STR(", HEAD"));
        found = true;
    }
    if (found)
        buf_append(out, STR("\r\n"));
    return found;
}
