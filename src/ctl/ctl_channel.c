#include "ctl/ctl_channel.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "net/local_socket.h"

#include <assert.h>
#include <stdlib.h>

enum { MAX_BYTES = 8 * 1024 * 1024 };

struct ctl_channel {
    struct loop *loop;
    struct local_socket *socket; /* NULL once closed */
    ctl_row_fn on_row;
    void *ctx;
    bool is_answered;
    enum err err;
    struct buf final;
    enum control_answer_kind kind;
};

static void on_line(void *ctx, struct local_socket *socket, struct str line)
{
    struct ctl_channel *channel = ctx;
    struct control_answer answer;

    (void)socket;
    if (channel->is_answered || channel->err)
        return;
    channel->err = control_answer_parse(line, &answer);
    if (channel->err)
        return;
    if (answer.kind == CONTROL_ROW) {
        if (channel->on_row != NULL)
            channel->on_row(channel->ctx, answer.body);
        return;
    }
    channel->kind = answer.kind;
    buf_append(&channel->final, answer.body);
    channel->is_answered = true;
}

static void on_close(void *ctx, struct local_socket *socket, enum err why)
{
    struct ctl_channel *channel = ctx;

    (void)socket;
    (void)why;
    channel->socket = NULL;
}

static const struct local_socket_handler HANDLER = {.on_line = on_line, .on_close = on_close};

static enum err try_path(struct ctl_channel *channel, const char *path)
{
    const struct local_socket_config config = {
        .max_line = MAX_BYTES, .max_queued = MAX_BYTES, .handler = &HANDLER, .ctx = channel};

    return local_socket_connect(channel->loop, path, &config, &channel->socket);
}

static void complain(FILE *file, const char *path, enum err err)
{
    if (err == ERR_DENIED)
        fprintf(file, "switchyard ctl: no permission to open %s: run as the server's user\n", path);
    else if (err == ERR_INVALID)
        fprintf(file, "switchyard ctl: '%s' is too long for a socket's path\n", path);
    else if (err == ERR_NOT_FOUND || err == ERR_CLOSED)
        fprintf(file,
                "switchyard ctl: no server listens on %s\n"
                "Start one with `switchyard serve`, or name its control socket with --socket.\n",
                path);
    else
        fprintf(file, "switchyard ctl: can't connect to %s: %s\n", path, err_text(err));
}

/* A default place without a live server is passed over; the last one is complained of. */
static enum err try_defaults(struct ctl_channel *channel, FILE *complaints)
{
    static const char *const places[] = {"/run/switchyard/control.sock", "data/control.sock"};
    enum { COUNT = sizeof places / sizeof *places };
    enum err err = ERR_NOT_FOUND;

    for (size_t i = 0; i < COUNT; i++) {
        err = try_path(channel, places[i]);
        if (err != ERR_NOT_FOUND && err != ERR_CLOSED) {
            if (err)
                complain(complaints, places[i], err);
            return err;
        }
    }
    complain(complaints, "/run/switchyard/control.sock or data/control.sock", err);
    return err;
}

enum err ctl_channel_open(const char *socket, FILE *complaints, struct ctl_channel **out)
{
    struct ctl_channel *channel = alloc_zero(sizeof *channel);
    enum err err;

    channel->loop = loop_new();
    err = socket == NULL ? try_defaults(channel, complaints) : try_path(channel, socket);
    if (err && socket != NULL)
        complain(complaints, socket, err);
    if (err) {
        ctl_channel_close(channel);
        return err;
    }
    *out = channel;
    return ERR_NONE;
}

void ctl_channel_close(struct ctl_channel *channel)
{
    if (channel == NULL)
        return;
    if (channel->socket != NULL)
        local_socket_close(channel->socket);
    loop_free(channel->loop); /* runs what is put off: the socket's end */
    assert(channel->socket == NULL);
    buf_free(&channel->final);
    free(channel);
}

enum err ctl_channel_ask(struct ctl_channel *channel, struct str request, ctl_row_fn on_row,
                         void *ctx, struct control_answer *out)
{
    channel->on_row = on_row;
    channel->ctx = ctx;
    channel->is_answered = false;
    channel->err = ERR_NONE;
    buf_clear(&channel->final);
    if (channel->socket != NULL)
        (void)local_socket_send(channel->socket, request);
    while (!channel->is_answered && !channel->err && channel->socket != NULL)
        loop_turn(channel->loop, -1);
    if (channel->err)
        return channel->err;
    if (!channel->is_answered)
        return ERR_CLOSED;
    *out = (struct control_answer){channel->kind, buf_str(&channel->final)};
    return ERR_NONE;
}
