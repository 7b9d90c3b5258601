#include "server/worker.h"

#include "api/api.h"
#include "base/alloc.h"
#include "domain/access.h"
#include "domain/handover.h"
#include "domain/inventory.h"
#include "domain/node_registry.h"
#include "domain/webhook_watcher.h"
#include "http/http_server.h"
#include "net/listener.h"
#include "net/loop.h"
#include "server/history_setup.h"
#include "ws/ws_frame.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    NODE_LEASE_MS = 3000,   /* a node that is silent for longer gets no more clients */
    MIN_PASSWORD = 8,       /* bytes of a new one */
    HEARTBEAT_GRACE = 7000, /* clients may add this to the interval (docs/protocol.md) */
};

struct worker {
    struct worker_config config;
    struct loop *loop;
    struct metric_set *metrics;
    struct conn_config conn;
    struct relay_desk *desk;
    struct access *access;
    struct node_registry *nodes;
    struct history_setup history;
    struct device_watchers watchers;
    struct token_office *tokens;
    struct login *login;
    struct verification *verification;
    struct enrolment *enrolment;
    struct webhook_watcher webhook_watcher;
    struct oauth *oauth;
    struct gateway *gateway;
    struct inventory *inventory;
    struct handover *handover;
    struct groupings *groupings;
    struct api *api;
    struct http_route routes[API_MAX_ROUTES + 1];
    struct http_server *http;
    struct listener *listeners[DOORS_MAX];
    size_t listener_count;
    pthread_t thread;
    bool is_running;
};

static void on_event(void *ctx, const struct bus_event *event)
{
    struct worker *worker = ctx;

    access_on_event(worker->access, event);
    gateway_on_event(worker->gateway, event);
    if (event->topic != BUS_NODE_ANNOUNCED)
        return;
    if (node_registry_announce(worker->nodes, &event->node, loop_now_ms(worker->loop)))
        log_warn(worker->config.log, "node.refused", "node=%s reason=\"too many nodes\"",
                 event->node.id);
}

static struct http_limits http_limits_of(const struct config *options)
{
    return (struct http_limits){
        .max_head_bytes = options->limits_head_bytes,
        .max_line_bytes = options->limits_line_bytes,
        .max_body_bytes = options->limits_body_bytes,
    };
}

/* A connection carries requests, or the frames of messages. */
static size_t max_input(const struct config *options)
{
    const struct http_limits limits = http_limits_of(options);
    size_t request = http_server_max_input(&limits);
    size_t message = options->limits_message_bytes + WS_HEADER_MAX;

    return request > message ? request : message;
}

static struct conn_config conn_config_of(const struct worker *worker)
{
    const struct config *options = worker->config.options;

    return (struct conn_config){
        .max_input = max_input(options),
        .max_queued = options->limits_queued_bytes,
        .handshake_ms = options->limits_tls_handshake_time,
        .linger_ms = options->limits_linger_time,
        .metrics = worker->metrics,
        .log = worker->config.log,
    };
}

static struct access *make_access(const struct worker *worker)
{
    const struct config *options = worker->config.options;
    const struct access_config config = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .metrics = worker->metrics,
        .max_cached = options->limits_cached_tokens,
        .cache_ms = options->limits_cache_time,
        .unknown_apps = options->account_unknown_apps,
    };

    return access_new(&config);
}

static struct token_office *make_tokens(const struct worker *worker)
{
    const struct config *options = worker->config.options;
    const struct token_office_config config = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .bus = worker->config.bus,
        .metrics = worker->metrics,
        .log = worker->config.log,
        .access_ms = (int64_t)options->account_access_time,
        .refresh_ms = (int64_t)options->account_refresh_time,
        .policy = (enum token_policy)options->account_sign_ins,
        .max_pairs = (unsigned)options->account_max_tokens,
    };

    return token_office_new(&config);
}

static struct login *make_login(const struct worker *worker)
{
    const struct config *options = worker->config.options;
    const struct login_config config = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .limit = worker->config.logins,
        .office = worker->tokens,
        .metrics = worker->metrics,
        .region = options->node_region,
        .tells_unknown = options->account_tell_unknown,
        .min_length = MIN_PASSWORD,
    };

    return login_new(&config);
}

static void make_history(struct worker *worker)
{
    const struct history_setup_desk desk = {
        .store = worker->config.store,
        .loop = worker->loop,
        .metrics = worker->metrics,
        .watchers = &worker->watchers,
    };

    history_setup_init(&worker->history, worker->config.options, &desk);
}

static struct oauth *make_oauth(const struct worker *worker)
{
    const struct config *options = worker->config.options;
    const struct oauth_config config = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .key = worker->config.page_key,
        .code_ms = (int64_t)options->account_code_time,
        .page_ms = (int64_t)options->account_page_time,
    };

    return oauth_new(&config);
}

static void make_enrolment(struct worker *worker)
{
    const struct code_setup_desk desk = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .metrics = worker->metrics,
        .login = worker->login,
    };

    worker->verification = code_setup_verification(worker->config.codes, &desk);
    worker->enrolment = code_setup_enrolment(worker->config.codes, &desk, worker->verification);
}

static struct gateway *make_gateway(const struct worker *worker)
{
    const struct config *options = worker->config.options;
    const struct gateway_config config = {
        .loop = worker->loop,
        .store = worker->config.store,
        .epochs = worker->config.epochs,
        .desk = worker->desk,
        .access = worker->access,
        .conn = &worker->conn,
        .quarantine = worker->config.quarantine,
        .watchers = &worker->watchers,
        .metrics = worker->metrics,
        .log = worker->config.log,
        .hb_interval_s = (unsigned)(options->heartbeat_interval / 1000),
        .idle_ms = options->heartbeat_interval + HEARTBEAT_GRACE + options->heartbeat_slack,
        .handshake_ms = options->limits_link_handshake_time,
        .reject_ms = options->limits_reject_time,
        .command_ms = options->command_timeout,
        .max_pending = options->limits_pending_commands,
        .max_sessions = options->limits_account_sessions,
        .sessions = (enum session_policy)options->sessions_policy,
        .firmware =
            {
                .old_frame_bytes = options->devices_old_frame_bytes,
                .small_frame_bytes = options->devices_small_frame_bytes,
                .commands_at_once = (uint16_t)options->devices_commands_at_once,
                .old_commands_at_once = (uint16_t)options->devices_old_commands_at_once,
                .requires_chipid = options->devices_require_chipid,
            },
        .shares =
            {
                .auto_accept = options->shares_auto_accept,
                .answer_ms = options->shares_answer_time,
                .retry_ms = options->shares_retry_time,
                .max_shares = (unsigned)options->limits_device_shares,
            },
        .max_owners = options->limits_cached_tokens,
        .owner_ms = options->limits_cache_time,
        .max_message_bytes = options->limits_message_bytes,
        .max_frames_per_s = (uint32_t)options->limits_messages_per_second,
    };

    return gateway_new(&config);
}

static struct inventory *make_inventory(const struct worker *worker)
{
    const struct inventory_config config = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .accounts = gateway_accounts(worker->gateway),
        .bus = worker->config.bus,
        .max_bytes = worker->config.options->limits_answer_bytes,
    };

    return inventory_new(&config);
}

static int64_t wall_ms(void *ctx)
{
    return loop_wall_ms(ctx);
}

static struct handover *make_handover(const struct worker *worker)
{
    const struct handover_config config = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .bus = worker->config.bus,
        .watchers = &worker->watchers,
        .wall_ms = wall_ms,
        .ctx = worker->loop,
    };

    return handover_new(&config);
}

static struct groupings *make_groupings(const struct worker *worker)
{
    const struct groupings_config config = {
        .store = worker->config.store,
        .mailbox = loop_mailbox(worker->loop),
        .wall_ms = wall_ms,
        .ctx = worker->loop,
        .max = (unsigned)worker->config.options->limits_account_groups,
    };

    return groupings_new(&config);
}

static struct api *make_api(const struct worker *worker)
{
    const struct config *options = worker->config.options;
    const struct api_config config = {
        .loop = worker->loop,
        .access = worker->access,
        .nodes = worker->nodes,
        .accounts = gateway_accounts(worker->gateway),
        .inventory = worker->inventory,
        .tokens = worker->tokens,
        .login = worker->login,
        .handover = worker->handover,
        .groupings = worker->groupings,
        .history = worker->history.history,
        .quarantine = worker->config.quarantine,
        .desk = worker->desk,
        .oauth = worker->oauth,
        .verification = worker->verification,
        .enrolment = worker->enrolment,
        .metrics = worker->metrics,
        .log = worker->config.log,
        .anonymous = options->dispatch_anonymous,
        .max_calls = options->limits_api_calls,
        .unknown_apps = options->account_unknown_apps,
        .region = options->node_region,
        .countries = (const char *const *)options->account_countries.items,
        .country_count = options->account_countries.count,
        .device_port = (uint16_t)options->advertise_device_port,
    };

    return api_new(&config);
}

static struct http_server *make_http(struct worker *worker)
{
    const struct config *options = worker->config.options;
    size_t count = api_routes(worker->api, worker->routes + 1, API_MAX_ROUTES) + 1;

    worker->routes[0] = (struct http_route){
        .method = STR("GET"),
        .path = STR("/api/ws"),
        .on_request = gateway_on_upgrade,
        .ctx = worker->gateway,
    };

    const struct http_server_config config = {
        .limits = http_limits_of(options),
        .request_ms = options->limits_request_time,
        .keep_alive_ms = options->limits_keep_alive_time,
        .answer_ms = options->limits_answer_time,
        .routes = worker->routes,
        .route_count = count,
        .format_refusal = api_format_refusal,
        .metrics = worker->metrics,
        .log = worker->config.log,
    };

    return http_server_new(worker->loop, &config);
}

struct worker *worker_new(const struct worker_config *config)
{
    struct worker *worker = alloc_zero(sizeof *worker);

    worker->config = *config;
    worker->loop = loop_new();
    worker->metrics = metric_set_new();
    worker->conn = conn_config_of(worker);
    worker->desk = relay_desk_new(config->relay, worker->loop, worker->metrics, true);
    worker->access = make_access(worker);
    worker->nodes = node_registry_new(NODE_LEASE_MS, config->options->dispatch_reservation);
    worker->tokens = make_tokens(worker);
    worker->login = make_login(worker);
    make_enrolment(worker);
    webhook_watcher_start(&worker->webhook_watcher, config->webhooks, &worker->watchers);
    make_history(worker);
    worker->oauth = make_oauth(worker);
    worker->gateway = make_gateway(worker);
    worker->inventory = make_inventory(worker);
    worker->handover = make_handover(worker);
    worker->groupings = make_groupings(worker);
    worker->api = make_api(worker);
    worker->http = make_http(worker);
    bus_subscribe(config->bus, loop_mailbox(worker->loop), on_event, worker);
    return worker;
}

static void close_listeners(struct worker *worker)
{
    while (worker->listener_count > 0)
        listener_close(worker->listeners[--worker->listener_count]);
}

void worker_free(struct worker *worker)
{
    if (worker == NULL)
        return;
    assert(!worker->is_running);
    close_listeners(worker);
    http_server_free(worker->http);
    api_free(worker->api);
    groupings_free(worker->groupings);
    handover_free(worker->handover);
    inventory_free(worker->inventory);
    gateway_free(worker->gateway);
    history_setup_fini(&worker->history);
    oauth_free(worker->oauth);
    enrolment_free(worker->enrolment);
    verification_free(worker->verification);
    login_free(worker->login);
    token_office_free(worker->tokens);
    webhook_watcher_fini(&worker->webhook_watcher);
    node_registry_free(worker->nodes);
    access_free(worker->access);
    relay_desk_free(worker->desk);
    loop_free(worker->loop);
    metric_set_free(worker->metrics);
    free(worker);
}

struct gateway *worker_gateway(struct worker *worker)
{
    return worker->gateway;
}

struct mailbox *worker_mailbox(struct worker *worker)
{
    return loop_mailbox(worker->loop);
}

struct metric_set *worker_metrics(struct worker *worker)
{
    return worker->metrics;
}

static void on_conn(void *ctx, struct conn *conn)
{
    struct worker *worker = ctx;

    http_server_accept(worker->http, conn);
}

enum err worker_listen(struct worker *worker, struct doors *doors, struct problem *problem)
{
    for (size_t i = 0; i < doors->count; i++) {
        struct door *door = &doors->items[i];
        const struct listener_config config = {
            .address = door->address,
            .transports = tls_setup_transports(worker->config.tls, door->kind),
            .proxy_protocol = door->expects_proxy,
            .conn = &worker->conn,
            .max_conns = worker->config.max_conns,
            .on_conn = on_conn,
            .ctx = worker,
        };
        struct listener *listener;
        enum err err = listener_open(worker->loop, &config, problem, &listener);

        if (err)
            return err;
        worker->listeners[worker->listener_count++] = listener;
        door->address = *listener_address(listener);
    }
    return ERR_NONE;
}

static void *run(void *ctx)
{
    struct worker *worker = ctx;

    loop_run(worker->loop);
    return NULL;
}

enum err worker_start(struct worker *worker)
{
    if (pthread_create(&worker->thread, NULL, run, worker) != 0)
        return ERR_UNAVAILABLE;
    worker->is_running = true;
    pthread_setname_np(worker->thread, "worker");
    return ERR_NONE;
}

void worker_end(struct worker *worker)
{
    if (worker->is_running) {
        loop_stop(worker->loop);
        pthread_join(worker->thread, NULL);
        worker->is_running = false;
    }
    loop_turn(worker->loop, 0);
}

void worker_close(struct worker *worker)
{
    close_listeners(worker);
    gateway_close_all(worker->gateway);
    history_flush(worker->history.history); /* with the end of each link */
    http_server_close_all(worker->http);
}

bool worker_is_idle(const struct worker *worker)
{
    return http_server_count(worker->http) == 0 && gateway_is_idle(worker->gateway) &&
           access_is_idle(worker->access) && api_is_idle(worker->api) &&
           inventory_is_idle(worker->inventory) && handover_is_idle(worker->handover) &&
           groupings_is_idle(worker->groupings) && history_is_idle(worker->history.history);
}
