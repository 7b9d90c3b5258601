#include "http/http_route.h"

static bool answers(const struct http_route *route, struct str method)
{
    return str_eq(route->method, method) ||
           (str_eq(route->method, STR("GET")) && str_eq(method, STR("HEAD")));
}

/* What stands behind the path of a route that has a parameter; empty when it is not its path. */
static struct str parameter_of(const struct http_route *route, struct str path)
{
    struct str parameter;

    if (!route->has_parameter || !str_starts(path, route->path))
        return STR_EMPTY;
    parameter = str_sub(path, route->path.len, path.len);
    return str_find(parameter, '/') == parameter.len ? parameter : STR_EMPTY;
}

static bool is_exact(const struct http_route *route, struct str path)
{
    return str_eq(route->path, path) && !route->has_parameter;
}

const struct http_route *http_route_find(const struct http_route_table *table, struct str method,
                                         struct str path, struct str *parameter)
{
    const struct http_route *found = NULL;

    for (size_t i = 0; i < table->count; i++) {
        const struct http_route *route = &table->routes[i];
        struct str tail;

        if (is_exact(route, path) && answers(route, method))
            return route;
        tail = found == NULL ? parameter_of(route, path) : STR_EMPTY;
        if (tail.len > 0 && answers(route, method)) {
            found = route;
            *parameter = tail;
        }
    }
    return found;
}

bool http_route_allow(const struct http_route_table *table, struct str path, struct buf *out)
{
    bool found = false;

    for (size_t i = 0; i < table->count; i++) {
        const struct http_route *route = &table->routes[i];

        if (!is_exact(route, path) && parameter_of(route, path).len == 0)
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
