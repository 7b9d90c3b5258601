#include "server/server.h"

#include "base/alloc.h"
#include "server/notify.h"
#include "server/reload.h"
#include "server/server_private.h"

#include <signal.h>
#include <string.h>

enum {
    ROTATE_MS = 60 * 1000,
    STOP_POLL_MS = 20,
};

static void on_rotate(struct timer *timer)
{
    struct server *server = CONTAINER_OF(timer, struct server, rotate);

    tls_setup_rotate(server->tls, loop_now_ms(server->loop));
    loop_timer_start(server->loop, timer, ROTATE_MS, on_rotate);
}

/* Their beginnings and their ends: one that takes seconds is seen twice. */
static uint64_t count_handshakes(const struct server *server)
{
    static const enum metric metrics[] = {METRIC_CONN_ACCEPTED, METRIC_TLS_HANDSHAKE_FULL,
                                          METRIC_TLS_HANDSHAKE_RESUMED,
                                          METRIC_TLS_HANDSHAKE_FAILED};
    uint64_t count = 0;

    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        count += (uint64_t)metric_total(server->sets, server->set_count, metrics[i]);
    return count;
}

static void on_trim(struct timer *timer)
{
    struct server *server = CONTAINER_OF(timer, struct server, trim);

    if (idle_trim_is_due(&server->idle_trim, count_handshakes(server)))
        alloc_trim();
    loop_timer_start(server->loop, timer, IDLE_TRIM_INTERVAL_MS, on_trim);
}

/* Asked of a worker, it answers by answering. */
static void ask_nothing(void *ctx, size_t worker, struct accounts *accounts, struct buf *out)
{
    (void)ctx;
    (void)worker;
    (void)accounts;
    (void)out;
}

static void on_alive(struct timer *timer);

/* All workers turn their loops: only then is the service manager told that the server lives. */
static void on_all_alive(void *ctx, const struct buf *answers, size_t count)
{
    struct server *server = ctx;

    (void)answers;
    (void)count;
    notify_alive();
    loop_timer_start(server->loop, &server->alive, notify_alive_ms() / 4, on_alive);
}

static void on_alive(struct timer *timer)
{
    struct server *server = CONTAINER_OF(timer, struct server, alive);

    roll_call_ask(&server->roll_call, loop_mailbox(server->loop), ask_nothing, on_all_alive,
                  server);
}

void server_start_timers(struct server *server)
{
    on_rotate(&server->rotate);
    on_trim(&server->trim);
    if (notify_alive_ms() > 0)
        on_alive(&server->alive);
}

static bool is_draining(void *ctx)
{
    const struct server *server = ctx;

    return server->state != SERVER_RUNNING;
}

static bool is_listening(void *ctx)
{
    const struct server *server = ctx;

    return server->state == SERVER_RUNNING;
}

static int64_t cert_expiry(void *ctx)
{
    const struct server *server = ctx;

    return tls_setup_expiry(server->tls);
}

const struct admin_hooks server_admin_hooks = {
    .is_draining = is_draining,
    .is_listening = is_listening,
    .cert_expiry = cert_expiry,
};

static void leave(struct timer *timer)
{
    struct server *server = CONTAINER_OF(timer, struct server, poll);

    if (admin_is_idle(server->admin) && admin_site_is_idle(server->site)) {
        server->end = SERVER_STOPPED;
        loop_stop(server->loop);
        return;
    }
    loop_timer_start(server->loop, timer, STOP_POLL_MS, leave);
}

/* A worker that is not done says so with a byte. */
static void ask_idle(void *ctx, size_t worker, struct accounts *accounts, struct buf *out)
{
    struct server *server = ctx;

    (void)accounts;
    if (!worker_is_idle(server->workers[worker]))
        buf_append_byte(out, '.');
}

static void on_poll(struct timer *timer);

/*
 * Workers answer one after the other, and an idle one has work again once a letter reaches it. So
 * all are idle only when, beside, no letter was under way as they were asked and none was sent
 * since.
 */
static void on_idle_told(void *ctx, const struct buf *answers, size_t count)
{
    struct server *server = ctx;
    uint64_t sent;
    bool are_idle =
        relay_is_quiet(server->relay, &sent) && server->was_quiet && sent == server->sent;

    for (size_t i = 0; i < count; i++)
        are_idle = are_idle && answers[i].len == 0;
    if (!are_idle) {
        loop_timer_start(server->loop, &server->poll, STOP_POLL_MS, on_poll);
        return;
    }
    server->state = SERVER_LEAVING;
    admin_stop(server->admin);
    admin_site_stop(server->site);
    leave(&server->poll);
}

static void on_poll(struct timer *timer)
{
    struct server *server = CONTAINER_OF(timer, struct server, poll);

    server->was_quiet = relay_is_quiet(server->relay, &server->sent);
    roll_call_ask(&server->roll_call, loop_mailbox(server->loop), ask_idle, on_idle_told, server);
}

static void ask_close(void *ctx, size_t worker, struct accounts *accounts, struct buf *out)
{
    struct server *server = ctx;

    (void)accounts;
    (void)out;
    worker_close(server->workers[worker]);
}

/* Only once all have closed can none be sent a link any more: so are they asked from here on. */
static void on_closed(void *ctx, const struct buf *answers, size_t count)
{
    struct server *server = ctx;

    (void)answers;
    (void)count;
    on_poll(&server->poll);
}

static void on_deadline(struct timer *timer)
{
    struct server *server = CONTAINER_OF(timer, struct server, deadline);

    log_warn(server->log, "server.unfinished", "reason=\"the drain time is over\"");
    server->end = SERVER_UNFINISHED;
    loop_stop(server->loop);
}

static void stop(struct server *server)
{
    notify_stopping();
    server->state = SERVER_CLOSING;
    announcer_drain(server->announcer);
    loop_timer_start(server->loop, &server->deadline, server->options->drain, on_deadline);
    roll_call_ask(&server->roll_call, loop_mailbox(server->loop), ask_close, on_closed, server);
}

static void reload(struct server *server)
{
    const struct reload reload = {.inputs = &server->config.inputs,
                                  .config = server->options,
                                  .tls = server->tls,
                                  .log = server->log};

    notify_reloading();
    reload_run(&reload);
    notify_ready();
}

void server_on_signal(void *ctx, int number)
{
    struct server *server = ctx;

    log_info(server->log, "server.signal", "signal=%s", sigabbrev_np(number));
    if (number == SIGHUP) {
        if (server->state == SERVER_RUNNING)
            reload(server);
    } else if (server->state == SERVER_RUNNING) {
        stop(server);
    } else {
        log_warn(server->log, "server.killed", "reason=\"told a second time\"");
        server->end = SERVER_KILLED;
        loop_stop(server->loop);
    }
}

enum server_end server_run(struct server *server)
{
    loop_run(server->loop);
    return server->end;
}
