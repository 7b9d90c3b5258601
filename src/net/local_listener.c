#include "net/local_listener.h"

#include "base/alloc.h"
#include "net/local_address.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 32, ACCEPT_AGAIN_MS = 100 };

struct local_listener {
    struct loop *loop;
    struct loop_watch watch;
    struct timer again; /* started while no descriptor was left for another client */
    struct local_listener_config config;
    struct sockaddr_un address;
};

/* Whether somebody answers at the address: asked before its file is taken away. */
static bool is_live(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_dead = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
                   errno == ECONNREFUSED;

    if (fd >= 0)
        close(fd);
    return !is_dead;
}

/* Removes a socket file that a killed server left behind. */
static enum err make_way(const struct sockaddr_un *address, struct problem *problem)
{
    const char *path = address->sun_path;
    struct stat found;

    if (lstat(path, &found) != 0)
        return ERR_NONE;
    if (!S_ISSOCK(found.st_mode))
        return problem_set(problem, ERR_EXISTS, 0,
                           "%s exists and is no socket: move it away or choose another path", path);
    if (is_live(address))
        return problem_set(problem, ERR_EXISTS, 0,
                           "another server listens on %s: stop it or choose another path", path);
    if (unlink(path) != 0)
        return problem_set(problem, ERR_IO, 0, "can't replace the stale socket %s: %s", path,
                           strerror(errno));
    return ERR_NONE;
}

/* The mode is set before the bind, so that the file never exists with a wider one (Linux). */
static enum err listen_at(int fd, const struct sockaddr_un *address, struct problem *problem)
{
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(fd, (const struct sockaddr *)address, sizeof *address) != 0)
        return problem_set(problem, ERR_IO, 0, "can't make the socket %s: %s", address->sun_path,
                           strerror(errno));
    if (listen(fd, BACKLOG) == 0)
        return ERR_NONE;
    unlink(address->sun_path);
    return problem_set(problem, ERR_IO, 0, "can't listen on %s: %s", address->sun_path,
                       strerror(errno));
}

static void on_again(struct timer *timer)
{
    struct local_listener *listener = CONTAINER_OF(timer, struct local_listener, again);

    loop_watch_change(&listener->watch, LOOP_READABLE);
}

static void on_ready(struct loop_watch *watch, unsigned events)
{
    struct local_listener *listener = CONTAINER_OF(watch, struct local_listener, watch);
    int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (fd >= 0) {
        listener->config.on_accept(listener->config.ctx, fd);
        return;
    }
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
        return;
    /* No descriptor is free: the client waits in the backlog instead of spinning the loop. */
    loop_watch_change(watch, 0);
    loop_timer_start(listener->loop, &listener->again, ACCEPT_AGAIN_MS, on_again);
}

enum err local_listener_open(struct loop *loop, const struct local_listener_config *config,
                             struct problem *problem, struct local_listener **out)
{
    struct local_listener *listener;
    struct sockaddr_un address;
    enum err err;
    int fd;

    assert(config->on_accept != NULL);
    if (local_address_from(config->path, &address))
        return problem_set(problem, ERR_INVALID, 0,
                           "'%.60s...' can't be a socket's path: give one of 1 to %zu bytes",
                           config->path, sizeof address.sun_path - 1);
    if ((err = make_way(&address, problem)))
        return err;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return problem_set(problem, ERR_IO, 0, "can't make a Unix socket: %s", strerror(errno));
    if ((err = listen_at(fd, &address, problem))) {
        close(fd);
        return err;
    }
    listener = alloc_zero(sizeof *listener);
    listener->loop = loop;
    listener->config = *config;
    listener->config.path = NULL;
    listener->address = address;
    listener->watch.on_ready = on_ready;
    if (loop_watch_start(loop, &listener->watch, fd, LOOP_READABLE)) {
        listener->watch.fd = fd;
        local_listener_close(listener);
        return problem_set(problem, ERR_IO, 0, "can't watch the socket %s", address.sun_path);
    }
    *out = listener;
    return ERR_NONE;
}

void local_listener_close(struct local_listener *listener)
{
    if (listener == NULL)
        return;
    timer_stop(&listener->again);
    loop_watch_stop(&listener->watch);
    unlink(listener->address.sun_path);
    close(listener->watch.fd);
    free(listener);
}
