#include "admin/control.h"

#include "admin/admin_call.h"
#include "base/alloc.h"
#include "net/local_listener.h"
#include "net/local_socket.h"
#include "proto/control_answer.h"

#include <assert.h>
#include <stdlib.h>

struct control {
    const struct admin_config *config;
    struct local_listener *listener;
    struct admin_calls calls;
    struct link clients;
    size_t client_count;
};

struct client {
    struct link link;
    struct control *control;
    struct local_socket *socket;
    struct admin_call *call; /* the socket is paused while there is one */
    struct timer idle;
};

static void on_idle(struct timer *timer)
{
    local_socket_close(CONTAINER_OF(timer, struct client, idle)->socket);
}

static void await_request(struct client *client)
{
    loop_timer_start(client->control->config->loop, &client->idle, CONTROL_IDLE_MS, on_idle);
}

static void on_answer(void *ctx, struct str line)
{
    struct client *client = ctx;

    /* A client that does not read is closed by the socket: on_close abandons the call. */
    (void)local_socket_send(client->socket, line);
}

static size_t on_queued(void *ctx)
{
    const struct client *client = ctx;

    return local_socket_queued(client->socket);
}

static void on_call_end(void *ctx)
{
    struct client *client = ctx;

    client->call = NULL;
    local_socket_resume(client->socket);
    await_request(client);
}

static void on_line(void *ctx, struct local_socket *socket, struct str line)
{
    struct client *client = ctx;
    const struct admin_call_peer peer = {on_answer, on_queued, on_call_end, client};

    assert(client->call == NULL);
    await_request(client);
    if (str_trim(line).len == 0)
        return;
    client->call = admin_call_new(&client->control->calls, &peer, line);
    if (client->call == NULL)
        return;
    log_info(client->control->config->log, "control.request", "verb=\"%s\" uid=%lld",
             control_verb_row(admin_call_verb(client->call))->words,
             (long long)local_socket_peer_uid(socket));
    timer_stop(&client->idle);
    local_socket_pause(socket);
    admin_call_run(client->call);
}

static void on_drained(void *ctx, struct local_socket *socket)
{
    struct client *client = ctx;

    (void)socket;
    if (client->call != NULL)
        admin_call_on_drained(client->call);
}

static void refuse(struct client *client, enum err err, const char *hint, const char *text)
{
    struct control_refusal refusal;
    struct buf buf = BUF_EMPTY;
    struct json_out out = control_answer_begin(&buf, CONTROL_REFUSED);

    control_refusal_set(&refusal, err, hint, "%s", text);
    control_answer_refusal(&out, &refusal);
    control_answer_end(&out);
    on_answer(client, buf_str(&buf));
    buf_free(&buf);
}

static void on_too_long(void *ctx, struct local_socket *socket)
{
    (void)socket;
    refuse(ctx, ERR_TOO_LARGE, "send less at once", "a request must be one line of at most 1 MiB");
}

static void on_close(void *ctx, struct local_socket *socket, enum err why)
{
    struct client *client = ctx;

    (void)socket;
    if (why != ERR_NONE && why != ERR_CLOSED)
        log_warn(client->control->config->log, "control.closed", "why=\"%s\"", err_text(why));
    timer_stop(&client->idle);
    link_remove(&client->link);
    client->control->client_count--;
    if (client->call != NULL)
        admin_call_abandon(client->call);
    free(client);
}

static const struct local_socket_handler HANDLER = {
    .on_line = on_line,
    .on_close = on_close,
    .on_drained = on_drained,
    .on_too_long = on_too_long,
};

static void on_accept(void *ctx, int fd)
{
    struct control *control = ctx;
    struct client *client = alloc_zero(sizeof *client);
    const struct local_socket_config config = {
        .max_line = CONTROL_MAX_LINE,
        .max_queued = CONTROL_MAX_QUEUED,
        .handler = &HANDLER,
        .ctx = client,
    };

    client->control = control;
    link_init(&client->link);
    link_insert(&control->clients, &client->link);
    control->client_count++;
    client->socket = local_socket_new(control->config->loop, fd, &config);
    await_request(client);
    if (control->client_count <= CONTROL_MAX_CLIENTS)
        return;
    refuse(client, ERR_BUSY, "try again when another command has ended",
           "too many clients of the control socket");
    local_socket_close(client->socket);
}

enum err control_open(const struct admin_config *config, struct problem *problem,
                      struct control **out)
{
    struct control *control = alloc_zero(sizeof *control);
    const struct local_listener_config listener = {config->socket_path, on_accept, control};
    enum err err;

    control->config = config;
    control->calls.config = config;
    link_init(&control->calls.list);
    link_init(&control->clients);
    err = local_listener_open(config->loop, &listener, problem, &control->listener);
    if (err) {
        free(control);
        return err;
    }
    *out = control;
    return ERR_NONE;
}

void control_stop(struct control *control)
{
    local_listener_close(control->listener);
    control->listener = NULL;
    for (struct link *at = control->clients.next; at != &control->clients; at = at->next)
        local_socket_close(CONTAINER_OF(at, struct client, link)->socket);
}

bool control_is_idle(const struct control *control)
{
    return link_is_alone(&control->calls.list) && link_is_alone(&control->clients);
}

void control_close(struct control *control)
{
    if (control == NULL)
        return;
    assert(control->listener == NULL && control_is_idle(control));
    free(control);
}
