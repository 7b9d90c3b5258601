#include "http/http_route.h"

static bool answers(const struct http_route *route, struct str method)
{
    return str_eq(route->method, method) ||
           (str_eq(route->method, STR("GET")) && str_eq(method, STR("HEAD")));
}

/* How much of the path is the route's; 0 when it does not begin so. Slashes in a row are one. */
static size_t match(struct str route, struct str path)
{
    size_t at = 0;

    for (size_t i = 0; i < route.len; i++) {
        if (at == path.len || path.ptr[at] != route.ptr[i])
            return 0;
        do {
            at++;
        } while (route.ptr[i] == '/' && at < path.len && path.ptr[at] == '/');
    }
    return at;
}

/* What stands behind the path of a route that has a parameter; empty when it is not its path. */
static struct str parameter_of(const struct http_route *route, struct str path)
{
    size_t len = route->has_parameter ? match(route->path, path) : 0;
    struct str parameter = str_sub(path, len, path.len);

    return len > 0 && str_find(parameter, '/') == parameter.len ? parameter : STR_EMPTY;
}

static bool is_exact(const struct http_route *route, struct str path)
{
    return !route->has_parameter && path.len > 0 && match(route->path, path) == path.len;
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
