#include "server/server.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "net/file_limit.h"
#include "net/listener.h"
#include "server/config_check.h"
#include "server/file.h"
#include "server/host_name.h"
#include "server/notify.h"
#include "server/server_private.h"
#include "server/version.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    FEW_CONNECTIONS = 4096, /* fewer than the default says is worth a warning */
    QUOTED_CAP = 320,
    LINGER_MS = 2000,   /* for what is being sent to other servers when we stop */
    CLOSING_ROUNDS = 3, /* a worker's last questions, the others' answers, what those lead to */
};

static enum err load_options(struct server *server, struct problem *problem)
{
    return config_load(&server->config.inputs, problem, &server->options);
}

static void warn_of_unknown_variables(struct server *server)
{
    struct buf text = BUF_EMPTY;
    char quoted[QUOTED_CAP];

    config_check_environment(server->config.inputs.environment, &text);

    struct str rest = buf_str(&text);
    struct str line;

    while (str_split(&rest, '\n', &line))
        log_warn(server->log, "config.unknown", "reason=%s", log_quote(line, quoted, QUOTED_CAP));
    buf_free(&text);
}

static enum err open_log(struct server *server, struct problem *problem)
{
    const struct config *options = server->options;

    (void)problem;
    server->log = log_new(server->config.log_fd, (enum log_level)options->log_level,
                          (enum log_form)options->log_form, (unsigned)options->log_rate);
    log_info(server->log, "server.start", "version=%s data=%s", version_text(), options->data);
    warn_of_unknown_variables(server);
    return ERR_NONE;
}

static enum err open_data(struct server *server, struct problem *problem)
{
    const struct config *options = server->options;
    enum err err = data_directory_open(options->data, problem, &server->data);

    if (err)
        return err;
    config_path(options, options->admin_control, "control.sock", server->control_path);
    config_path(options, "", "ports.json", server->ports_path);
    unlink(server->ports_path); /* a killed server's: nobody may take it for this one's */
    return ERR_NONE;
}

static enum err open_loop(struct server *server, struct problem *problem)
{
    server->loop = loop_new();
    if (signals_open(server->loop, server_on_signal, server, &server->signals))
        return problem_set(problem, ERR_IO, 0, "signals can't be received");
    return ERR_NONE;
}

static enum err open_store(struct server *server, struct problem *problem)
{
    const struct config *options = server->options;
    char path[CONFIG_PATH_CAP];
    const struct store_config config = {
        .path = config_path(options, options->store_path, "switchyard.db", path),
        .commit_ms = (unsigned)options->store_commit,
        .journal_bytes = options->store_journal,
        .max_waiting = options->store_max_waiting,
        .max_waiting_bytes = options->store_max_waiting_bytes,
        .metrics = server->store_metrics = metric_set_new(),
        .log = server->log,
    };

    return store_open(&config, problem, &server->store);
}

static enum err open_outbox(struct server *server, struct problem *problem)
{
    const struct config *options = server->options;
    const struct outbox_config config = {
        .ca_file = options->outbox_ca,
        .proxy = options->outbox_proxy,
        .connect_ms = options->outbox_connect_time,
        .total_ms = options->outbox_time,
        .max_connections = options->outbox_connections,
        .max_waiting = options->outbox_waiting,
        .metrics = server->outbox_metrics = metric_set_new(),
        .log = server->log,
    };

    return outbox_open(&config, problem, &server->outbox);
}

static enum err open_webhooks(struct server *server, struct problem *problem)
{
    const struct config *options = server->options;
    const struct webhooks_config config = {
        .store = server->store,
        .outbox = server->outbox,
        .metrics = server->outbox_metrics,
        .log = server->log,
        .retry_ms = options->webhook_retry,
        .max_retry_ms = options->webhook_max_retry,
        .max_age_ms = options->webhook_age,
        .max_waiting = options->webhook_waiting,
    };
    enum err err = webhooks_open(&config, &server->webhooks);

    if (err)
        return problem_set(problem, err, 0, "the webhooks can't be read: see the log");
    webhook_watcher_start(&server->webhook_watcher, server->webhooks, &server->watchers);
    return ERR_NONE;
}

static enum err open_codes(struct server *server, struct problem *problem)
{
    return code_setup_open(server->options, server->outbox, server->log, problem, &server->codes);
}

static enum err open_tls(struct server *server, struct problem *problem)
{
    doors_from_config(server->options, &server->doors);
    return tls_setup_open(server->options, &server->doors, server->log, problem, &server->tls);
}

static size_t workers_wanted(const struct config *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (options->workers > 0)
        return options->workers;
    if (processors < 1)
        return 1;
    return processors < SERVER_WORKERS_MAX ? (size_t)processors : SERVER_WORKERS_MAX;
}

static void tell_of_files(const struct server *server, size_t files, size_t connections)
{
    const struct config *options = server->options;
    size_t wanted = options->limits_connections;
    size_t index = option_index(option_find(STR("limits.connections")));

    if (options->sources[index].origin == CONFIG_DEFAULT && connections >= FEW_CONNECTIONS)
        log_info(server->log, "limits.files", "files=%zu connections=%zu wanted=%zu", files,
                 connections, wanted);
    else
        log_warn(server->log, "limits.files",
                 "files=%zu connections=%zu wanted=%zu hint=\"raise LimitNOFILE, or lower "
                 "limits.connections\"",
                 files, connections, wanted);
}

/* Of each worker at each door: its share, rounded up, of what is configured or, when that is less,
 * of what the process may open. Past that the store and the operators could open nothing. */
static size_t max_conns(const struct server *server, size_t workers)
{
    size_t share = (server->options->limits_connections + workers - 1) / workers;
    size_t files = file_limit_raise();
    size_t fitting = file_limit_conns(files, server->doors.count, workers);

    if (share <= fitting)
        return share;
    tell_of_files(server, files, fitting * workers);
    return fitting;
}

static void add_worker(struct server *server, const struct worker_config *config)
{
    size_t index = server->worker_count++;
    struct worker *worker = worker_new(config);

    server->workers[index] = worker;
    server->gateways[index] = worker_gateway(worker);
    server->sets[server->set_count++] = worker_metrics(worker);
    server->roll_call.mailboxes[index] = worker_mailbox(worker);
    server->roll_call.accounts[index] = gateway_accounts(worker_gateway(worker));
    server->roll_call.count = server->worker_count;
}

static struct login_limit *make_login_limit(const struct config *options)
{
    const struct login_limit_config config = {
        .max_account = (unsigned)options->account_login_failures,
        .max_peer = (unsigned)options->account_login_failures_peer,
        .window_ms = options->account_login_window,
        .max_keys = options->account_login_keys,
    };

    return login_limit_new(&config);
}

static enum err open_workers(struct server *server, struct problem *problem)
{
    size_t count = workers_wanted(server->options);

    (void)problem;
    server->bus = bus_local_new(server->options->limits_bus_waiting);
    server->epochs = device_epochs_new();
    server->quarantine = quarantine_new(server->options->devices_quarantine);
    server->relay = relay_new(&(struct relay_config){
        .max_waiting = server->options->limits_bus_waiting,
        .max_waiting_bytes = server->options->limits_bus_bytes,
    });
    server->logins = make_login_limit(server->options);
    crypto_random(server->page_key, sizeof server->page_key);

    const struct worker_config config = {
        .options = server->options,
        .max_conns = server->max_conns = max_conns(server, count),
        .store = server->store,
        .bus = server->bus,
        .epochs = server->epochs,
        .codes = server->codes,
        .quarantine = server->quarantine,
        .webhooks = server->webhooks,
        .relay = server->relay,
        .logins = server->logins,
        .page_key = server->page_key,
        .tls = server->tls,
        .log = server->log,
    };

    for (size_t i = 0; i < count; i++)
        add_worker(server, &config);
    for (size_t i = 0; i < count; i++)
        gateway_set_peers(server->gateways[i], server->gateways, count);
    server->own_metrics = metric_set_new();
    server->desk = relay_desk_new(server->relay, server->loop, server->own_metrics, false);
    server->sets[server->set_count++] = server->store_metrics;
    server->sets[server->set_count++] = server->outbox_metrics;
    server->sets[server->set_count++] = server->own_metrics;
    return ERR_NONE;
}

/* Links that it can have, when nobody has said how many it should. */
static size_t capacity_of(const struct server *server)
{
    size_t fitting = server->max_conns * server->worker_count;
    size_t wanted = server->options->limits_connections;

    if (server->options->node_capacity > 0)
        return server->options->node_capacity;
    return fitting < wanted ? fitting : wanted;
}

static struct bus_node node_of(const struct server *server)
{
    const struct config *options = server->options;
    char host[HOST_NAME_CAP];
    struct bus_node node = {
        .port = (uint16_t)options->advertise_port,
        .weight = (uint32_t)options->node_weight,
        .capacity = (uint32_t)capacity_of(server),
    };
    const char *id = options->node_id;

    if (id[0] == '\0')
        id = host_name_read(host) ? host : "node";
    str_copy(str_sub(str_of(id), 0, sizeof node.id - 1), node.id, sizeof node.id);
    str_copy(str_of(options->advertise_ip), node.ip, sizeof node.ip);
    str_copy(str_of(options->advertise_domain), node.domain, sizeof node.domain);
    str_copy(str_of(options->node_region), node.region, sizeof node.region);
    return node;
}

static enum err open_admin(struct server *server, struct problem *problem)
{
    server->node = node_of(server);

    const struct admin_config config = {
        .loop = server->loop,
        .store = server->store,
        .bus = server->bus,
        .desk = server->desk,
        .workers = &server->roll_call,
        .watchers = &server->watchers,
        .quarantine = server->quarantine,
        .outbox = server->outbox,
        .webhooks = server->webhooks,
        .log = server->log,
        .metrics = server->sets,
        .metric_count = server->set_count,
        .own_metrics = server->own_metrics,
        .hooks = &server_admin_hooks,
        .hooks_ctx = server,
        .socket_path = server->control_path,
        .version = version_text(),
        .node_id = server->node.id,
        .region = server->node.region,
    };

    return admin_open(&config, problem, &server->admin);
}

static enum err open_doors(struct server *server, struct problem *problem)
{
    const struct admin_site_config site = {.loop = server->loop,
                                           .options = server->options,
                                           .admin = server->admin,
                                           .log = server->log};
    enum err err;

    for (size_t i = 0; i < server->doors.count; i++)
        if ((err = listener_check(&server->doors.items[i].address, problem)))
            return err;
    for (size_t i = 0; i < server->worker_count; i++)
        if ((err = worker_listen(server->workers[i], &server->doors, problem)))
            return err;
    return admin_site_open(&site, &server->doors, problem, &server->site);
}

static enum err start_workers(struct server *server, struct problem *problem)
{
    const struct announcer_config announcer = {
        .loop = server->loop,
        .bus = server->bus,
        .log = server->log,
        .metrics = server->sets,
        .metric_count = server->set_count,
        .own_metrics = server->own_metrics,
        .node = server->node,
    };

    if (outbox_start(server->outbox))
        return problem_set(problem, ERR_UNAVAILABLE, 0, "no thread for the outbox");
    server->announcer = announcer_new(&announcer); /* the first thing that a worker hears */
    for (size_t i = 0; i < server->worker_count; i++)
        if (worker_start(server->workers[i])) {
            server->end = SERVER_UNFINISHED; /* the first ones may have clients already */
            return problem_set(problem, ERR_UNAVAILABLE, 0, "no thread for worker %zu", i);
        }
    server_start_timers(server);
    return ERR_NONE;
}

/* Ahead of the workers: clients that come already wait in the listeners' queues. */
static enum err write_ports(struct server *server, struct problem *problem)
{
    struct buf ports = BUF_EMPTY;
    enum err err;

    doors_format(&server->doors, server->control_path, &ports);
    err = file_replace(server->ports_path, buf_str(&ports), problem);
    buf_free(&ports);
    return err;
}

static enum err tell_ready(struct server *server, struct problem *problem)
{
    (void)problem;
    doors_log(&server->doors, server->log);
    server->state = SERVER_RUNNING;
    log_info(server->log, "server.ready", "node=%s workers=%zu control=%s", server->node.id,
             server->worker_count, server->control_path);
    notify_ready();
    return ERR_NONE;
}

enum err server_open(const struct server_config *config, struct problem *problem,
                     struct server **out)
{
    static enum err (*const steps[])(struct server * server, struct problem * problem) = {
        load_options, open_log,    open_data,     open_loop,     open_tls,
        open_store,   open_outbox, open_webhooks, open_codes,    open_workers,
        open_admin,   open_doors,  write_ports,   start_workers, tell_ready,
    };
    struct server *server = alloc_zero(sizeof *server);

    server->config = *config;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum err err = steps[i](server, problem);

        if (err) {
            server_close(server);
            return err;
        }
    }
    *out = server;
    return ERR_NONE;
}

static void stop_timers(struct server *server)
{
    timer_stop(&server->rotate);
    timer_stop(&server->trim);
    timer_stop(&server->alive);
    timer_stop(&server->poll);
    timer_stop(&server->deadline);
    announcer_free(server->announcer);
}

/* Bottom last: each is freed before what it borrows. */
static void free_all(struct server *server)
{
    admin_site_close(server->site);
    admin_close(server->admin);
    for (size_t i = 0; i < server->worker_count; i++)
        worker_free(server->workers[i]);
    webhooks_close(server->webhooks);
    code_setup_close(server->codes);
    webhook_watcher_fini(&server->webhook_watcher);
    outbox_close(server->outbox);
    bus_free(server->bus);
    relay_desk_free(server->desk);
    relay_free(server->relay);
    device_epochs_free(server->epochs);
    quarantine_free(server->quarantine);
    login_limit_free(server->logins);
    crypto_wipe(server->page_key, sizeof server->page_key);
    tls_setup_close(server->tls);
    signals_close(server->signals);
    loop_free(server->loop);
    metric_set_free(server->store_metrics);
    metric_set_free(server->outbox_metrics);
    metric_set_free(server->own_metrics);
    log_free(server->log);
    config_free(server->options);
    free(server);
}

void server_close(struct server *server)
{
    struct data_directory *data = server->data;

    if (data != NULL)
        unlink(server->ports_path);
    stop_timers(server);
    for (size_t round = 0; round < CLOSING_ROUNDS; round++)
        for (size_t i = 0; i < server->worker_count; i++)
            worker_end(server->workers[i]);
    if (server->loop != NULL)
        loop_turn(server->loop, 0); /* what the workers had sent */
    outbox_end(server->outbox, LINGER_MS);
    store_close(server->store);
    log_info(server->log, "server.end", "finished=%s",
             server->end == SERVER_UNFINISHED ? "no" : "yes");
    if (server->end != SERVER_UNFINISHED)
        free_all(server);
    data_directory_close(data);
}
