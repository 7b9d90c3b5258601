#include "net/local_socket.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "net/local_address.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_MAX = 64 * 1024 };

/*
 *   reading --- the peer ends its direction ---> has_ended: what came is still delivered
 *      |                                            |
 *      +---- local_socket_close(), a failure -------+---> is_closing: one last flush, on_close,
 * free
 */
struct local_socket {
    struct loop *loop;
    struct loop_watch watch;
    struct loop_task task; /* delivers, flushes and frees at the end of the turn */
    struct local_socket_config config;
    struct buf in;  /* what has come and no line was made of yet */
    struct buf out; /* what the peer's buffer did not take yet */
    bool is_paused;
    bool has_ended;
    bool is_closing;
    bool was_queued; /* output was there since the last on_drained */
    enum err why;
};

static void fail(struct local_socket *socket, enum err why)
{
    if (socket->is_closing)
        return;
    socket->is_closing = true;
    socket->why = why;
    loop_watch_stop(&socket->watch);
    loop_task_queue(socket->loop, &socket->task);
}

/* A hang-up is reported whatever is asked for, so a socket that waits must not stay watched. */
static void on_ready(struct loop_watch *watch, unsigned events)
{
    struct local_socket *socket = CONTAINER_OF(watch, struct local_socket, watch);
    bool reads = (watch->events & LOOP_READABLE) != 0;
    ssize_t got;

    if ((events & LOOP_HANGUP) && !reads) {
        fail(socket, ERR_CLOSED);
        return;
    }
    loop_task_queue(socket->loop, &socket->task);
    if (!reads || !(events & (LOOP_READABLE | LOOP_HANGUP)))
        return;
    got = recv(watch->fd, buf_reserve(&socket->in, READ_MAX), READ_MAX, 0);
    if (got > 0)
        socket->in.len += (size_t)got;
    else if (got == 0)
        socket->has_ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        fail(socket, errno == ECONNRESET ? ERR_CLOSED : ERR_IO);
}

/* The peer reads no more, but what it said before it left is still to be read. */
static void stop_sending(struct local_socket *socket)
{
    buf_clear(&socket->out);
    if (socket->is_paused || socket->has_ended)
        fail(socket, ERR_CLOSED);
}

static void flush(struct local_socket *socket)
{
    while (socket->out.len > 0) {
        ssize_t sent = send(socket->watch.fd, socket->out.ptr, socket->out.len, MSG_NOSIGNAL);

        if (sent > 0) {
            buf_consume(&socket->out, (size_t)sent);
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            stop_sending(socket);
        return;
    }
}

static void refuse_long_line(struct local_socket *socket)
{
    if (socket->config.handler->on_too_long != NULL)
        socket->config.handler->on_too_long(socket->config.ctx, socket);
    fail(socket, ERR_TOO_LARGE);
}

/* Nothing is received inside a callback, so the views stay where they are. */
static void deliver(struct local_socket *socket)
{
    struct str rest = buf_str(&socket->in);
    bool is_too_long = false;

    while (rest.len > 0 && !socket->is_paused && !socket->is_closing && !is_too_long) {
        size_t end = str_find(rest, '\n');

        is_too_long = end > socket->config.max_line;
        if (end == rest.len || is_too_long)
            break;
        socket->config.handler->on_line(socket->config.ctx, socket, str_sub(rest, 0, end));
        rest = str_sub(rest, end + 1, rest.len);
    }
    buf_consume(&socket->in, socket->in.len - rest.len);
    if (is_too_long)
        refuse_long_line(socket);
}

static bool is_through(const struct local_socket *socket)
{
    return socket->has_ended && !socket->is_paused && socket->out.len == 0;
}

static void watch_again(struct local_socket *socket)
{
    unsigned events = 0;

    if (!socket->is_paused && !socket->has_ended)
        events |= LOOP_READABLE;
    if (socket->out.len > 0)
        events |= LOOP_WRITABLE;
    if (socket->in.len == 0)
        buf_free(&socket->in);
    loop_watch_change(&socket->watch, events);
}

static void finish(struct local_socket *socket)
{
    loop_watch_stop(&socket->watch);
    loop_task_cancel(&socket->task);
    close(socket->watch.fd);
    buf_free(&socket->in);
    buf_free(&socket->out);
    socket->config.handler->on_close(socket->config.ctx, socket, socket->why);
    free(socket);
}

static void run(struct loop_task *task)
{
    struct local_socket *socket = CONTAINER_OF(task, struct local_socket, task);
    const struct local_socket_handler *handler = socket->config.handler;

    deliver(socket);
    flush(socket);
    if (!socket->is_closing && socket->was_queued && socket->out.len == 0) {
        socket->was_queued = false;
        if (handler->on_drained != NULL)
            handler->on_drained(socket->config.ctx, socket);
        flush(socket);
    }
    if (!socket->is_closing && is_through(socket))
        fail(socket, ERR_CLOSED);
    if (socket->is_closing)
        finish(socket);
    else
        watch_again(socket);
}

struct local_socket *local_socket_new(struct loop *loop, int fd,
                                      const struct local_socket_config *config)
{
    struct local_socket *made = alloc_zero(sizeof *made);

    assert(config->handler->on_line != NULL && config->handler->on_close != NULL);
    made->loop = loop;
    made->config = *config;
    made->task.run = run;
    made->watch.on_ready = on_ready;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (loop_watch_start(loop, &made->watch, fd, LOOP_READABLE)) {
        made->watch.fd = fd;
        fail(made, ERR_IO);
    }
    return made;
}

enum err local_socket_connect(struct loop *loop, const char *path,
                              const struct local_socket_config *config, struct local_socket **out)
{
    struct sockaddr_un address;
    enum err err = ERR_NONE;
    int fd;

    if ((err = local_address_from(path, &address)))
        return err;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ERR_IO;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        *out = local_socket_new(loop, fd, config);
        return ERR_NONE;
    }
    if (errno == ENOENT || errno == ENOTDIR)
        err = ERR_NOT_FOUND;
    else if (errno == ECONNREFUSED)
        err = ERR_CLOSED;
    else
        err = errno == EACCES || errno == EPERM ? ERR_DENIED : ERR_IO;
    close(fd);
    return err;
}

bool local_socket_send(struct local_socket *socket, struct str line)
{
    if (socket->is_closing)
        return false;
    if (line.len >= socket->config.max_queued ||
        socket->out.len > socket->config.max_queued - line.len - 1) {
        fail(socket, ERR_FULL);
        return false;
    }
    buf_append(&socket->out, line);
    buf_append_byte(&socket->out, '\n');
    socket->was_queued = true;
    loop_task_queue(socket->loop, &socket->task);
    return true;
}

size_t local_socket_queued(const struct local_socket *socket)
{
    return socket->out.len;
}

void local_socket_pause(struct local_socket *socket)
{
    socket->is_paused = true;
    loop_task_queue(socket->loop, &socket->task);
}

void local_socket_resume(struct local_socket *socket)
{
    socket->is_paused = false;
    loop_task_queue(socket->loop, &socket->task);
}

void local_socket_close(struct local_socket *socket)
{
    fail(socket, ERR_NONE);
}

int64_t local_socket_peer_uid(const struct local_socket *socket)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    if (getsockopt(socket->watch.fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return -1;
    return (int64_t)peer.uid;
}
