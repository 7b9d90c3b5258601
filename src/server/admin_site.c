#include "server/admin_site.h"

#include "base/alloc.h"
#include "http/http_server.h"
#include "net/listener.h"

#include <stdlib.h>

enum {
    LISTENERS_MAX = 4,
    CONNECTIONS_MAX = 64, /* operators and their collectors, not clients */
    HEAD_BYTES = 8 * 1024,
    BODY_BYTES = 1024,
    QUEUED_BYTES = 1024 * 1024, /* the metrics of all threads, several times */
};

struct admin_site {
    struct admin_site_config config;
    struct conn_config conn;
    struct http_server *http;
    struct listener *listeners[LISTENERS_MAX];
    size_t listener_count;
};

static const struct http_limits limits = {
    .max_head_bytes = HEAD_BYTES,
    .max_line_bytes = HEAD_BYTES,
    .max_body_bytes = BODY_BYTES,
};

static struct http_server *make_http(const struct admin_site *site)
{
    const struct config *options = site->config.options;
    struct http_server_config config = {
        .limits = limits,
        .request_ms = options->limits_request_time,
        .keep_alive_ms = options->limits_keep_alive_time,
        .answer_ms = options->limits_answer_time,
        .format_refusal = admin_format_refusal,
        .log = site->config.log,
    };

    config.routes = admin_routes(site->config.admin, &config.route_count);
    return http_server_new(site->config.loop, &config);
}

static void on_conn(void *ctx, struct conn *conn)
{
    struct admin_site *site = ctx;

    http_server_accept(site->http, conn);
}

static enum err listen_at(struct admin_site *site, const struct address *address,
                          struct doors *doors, struct problem *problem)
{
    const struct listener_config config = {
        .address = *address,
        .conn = &site->conn,
        .max_conns = CONNECTIONS_MAX,
        .on_conn = on_conn,
        .ctx = site,
    };
    struct listener *listener;
    enum err err = listener_check(address, problem);

    if (err)
        return err;
    if ((err = listener_open(site->config.loop, &config, problem, &listener)))
        return err;
    site->listeners[site->listener_count++] = listener;
    doors->items[doors->count++] =
        (struct door){.kind = DOOR_ADMIN, .address = *listener_address(listener)};
    return ERR_NONE;
}

enum err admin_site_open(const struct admin_site_config *config, struct doors *doors,
                         struct problem *problem, struct admin_site **out)
{
    const struct address_list *addresses = &config->options->admin_listen;
    struct admin_site *site = alloc_zero(sizeof *site);

    site->config = *config;
    site->conn = (struct conn_config){
        .max_input = http_server_max_input(&limits),
        .max_queued = QUEUED_BYTES,
        .handshake_ms = config->options->limits_tls_handshake_time,
        .linger_ms = config->options->limits_linger_time,
        .log = config->log,
    };
    site->http = make_http(site);
    for (size_t i = 0; i < addresses->count; i++) {
        enum err err = listen_at(site, &addresses->items[i], doors, problem);

        if (err) {
            admin_site_close(site);
            return err;
        }
    }
    *out = site;
    return ERR_NONE;
}

void admin_site_stop(struct admin_site *site)
{
    while (site->listener_count > 0)
        listener_close(site->listeners[--site->listener_count]);
    http_server_close_all(site->http);
}

bool admin_site_is_idle(const struct admin_site *site)
{
    return http_server_count(site->http) == 0;
}

void admin_site_close(struct admin_site *site)
{
    if (site == NULL)
        return;
    admin_site_stop(site);
    http_server_free(site->http);
    free(site);
}
