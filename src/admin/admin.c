#include "admin/admin.h"

#include "admin/admin_http.h"
#include "admin/control.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "http/http_status.h"

#include <assert.h>
#include <stdlib.h>

struct admin {
    struct admin_config config;
    struct control *control; /* NULL: none, or stopped and gone */
    bool is_stopped;
    struct http_route routes[ADMIN_HTTP_ROUTES];
};

enum err admin_open(const struct admin_config *config, struct problem *problem, struct admin **out)
{
    struct admin *admin = alloc_zero(sizeof *admin);
    enum err err = ERR_NONE;

    admin->config = *config;
    if (admin->config.started_ms == 0)
        admin->config.started_ms = loop_wall_ms(config->loop);
    admin_http_routes(&admin->config, admin->routes);
    if (config->socket_path != NULL)
        err = control_open(&admin->config, problem, &admin->control);
    if (err) {
        free(admin);
        return err;
    }
    *out = admin;
    return ERR_NONE;
}

void admin_stop(struct admin *admin)
{
    if (admin->is_stopped)
        return;
    admin->is_stopped = true;
    if (admin->control != NULL)
        control_stop(admin->control);
}

bool admin_is_idle(const struct admin *admin)
{
    return admin->control == NULL || control_is_idle(admin->control);
}

void admin_close(struct admin *admin)
{
    if (admin == NULL)
        return;
    admin_stop(admin);
    assert(admin_is_idle(admin));
    control_close(admin->control);
    free(admin);
}

const struct http_route *admin_routes(const struct admin *admin, size_t *count)
{
    *count = ADMIN_HTTP_ROUTES;
    return admin->routes;
}

unsigned admin_format_refusal(struct buf *out, unsigned status, struct str path)
{
    struct json_out json = json_out_to(out);

    (void)path;
    json_out_object(&json, NULL);
    json_out_int(&json, "error", status);
    json_out_str(&json, "reason", str_of(http_status_text(status)));
    json_out_end_object(&json);
    return status;
}
