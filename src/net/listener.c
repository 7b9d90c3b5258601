#include "net/listener.h"

#include "base/alloc.h"
#include "net/address_socket.h"
#include "net/conn_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ACCEPTS_PER_TURN = 16,   /* then the connections there are get their turn */
    ACCEPTS_WHEN_BEHIND = 1, /* handshakes wait already: more would only wait with them */
    BACKLOG = 4096,          /* the kernel cuts it to net.core.somaxconn */
    RETRY_MS = 100,          /* without descriptors or memory: wait for some to be given back */
};

struct listener {
    struct loop *loop;
    struct listener_config config;
    struct address address; /* with the real port */
    struct conn_quota *quota;
    struct loop_watch watch;
    struct timer retry;
    int fd;
};

static const char *advice_for(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "the port is in use; stop the other program or configure another port";
    case EACCES:
    case EPERM:
        return "not permitted; ports below 1024 need root or CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
        return "this machine has no such address";
    case EAFNOSUPPORT:
        return "this machine does not speak that version of IP";
    default:
        return strerror(error);
    }
}

static enum err fail(const struct address *address, struct problem *problem, int error)
{
    char text[ADDRESS_TEXT_CAP];

    return problem_set(problem, ERR_IO, 0, "cannot listen on %s: %s", address_format(address, text),
                       advice_for(error));
}

/* A bound and listening socket, or -1 with errno set. */
static int listen_on(const struct address *address, bool shares_port)
{
    struct sockaddr_storage storage;
    socklen_t len = address_socket_from(address, &storage);
    const int on = 1;
    const int only_v6 = !address_is_dual(address);
    int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return -1;
    if (storage.ss_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6) != 0)
        goto failed;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        goto failed;
    if (shares_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        goto failed;
    if (bind(fd, (const struct sockaddr *)&storage, len) != 0 || listen(fd, BACKLOG) != 0)
        goto failed;
    return fd;
failed:
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* As listen_on(); "*" means IPv4 only where there is no IPv6. */
static int listen_somehow(const struct address *address, bool shares_port)
{
    static const uint8_t any_ipv4[4];
    const struct address any = address_from_ipv4(any_ipv4, address->port);
    int fd = listen_on(address, shares_port);

    if (fd < 0 && address_is_dual(address) && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
        fd = listen_on(&any, shares_port);
    return fd;
}

enum err listener_check(const struct address *address, struct problem *problem)
{
    int fd = listen_somehow(address, false);

    if (fd < 0)
        return fail(address, problem, errno);
    close(fd);
    return ERR_NONE;
}

static void on_retry(struct timer *timer)
{
    struct listener *listener = CONTAINER_OF(timer, struct listener, retry);

    loop_watch_change(&listener->watch, LOOP_READABLE);
}

/* Those who wait to be accepted stay in the kernel's queue meanwhile. */
static void pause_accepting(struct listener *listener, int error)
{
    char text[ADDRESS_TEXT_CAP];

    log_warn(listener->config.conn->log, "listener.accept_failed",
             "address=%s problem=\"%s\" retry_ms=%d", address_format(&listener->address, text),
             strerror(error), RETRY_MS);
    loop_watch_change(&listener->watch, 0);
    loop_timer_start(listener->loop, &listener->retry, RETRY_MS, on_retry);
}

static struct transport *make_transport(const struct listener *listener)
{
    const struct transport_maker *maker = listener->config.transports;

    return maker != NULL ? maker->make(maker->ctx, listener->config.conn->metrics)
                         : transport_plain_new();
}

static void welcome(struct listener *listener, int fd)
{
    const struct listener_config *config = &listener->config;
    struct metric_set *metrics = config->conn->metrics;
    struct conn *conn;

    if (!conn_quota_take(listener->quota, config->max_conns)) {
        metric_add(metrics, METRIC_CONN_REFUSED, 1);
        log_warn(config->conn->log, "listener.full", "max_conns=%zu", config->max_conns);
        close(fd);
        return;
    }
    metric_add(metrics, METRIC_CONN_ACCEPTED, 1);
    conn = conn_new(listener->loop, fd, make_transport(listener), config->conn);
    conn_set_quota(conn, listener->quota);
    if (config->proxy_protocol)
        conn_expect_proxy(conn);
    config->on_conn(config->ctx, conn);
}

/* False when there is nobody left to accept, or no means to. */
static bool accept_one(struct listener *listener)
{
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        welcome(listener, fd);
        return true;
    }
    switch (errno) {
    case EAGAIN:
        return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        pause_accepting(listener, errno);
        return false;
    default: /* that one connection has failed (ECONNABORTED and the like), or EINTR */
        return true;
    }
}

static void on_ready(struct loop_watch *watch, unsigned events)
{
    struct listener *listener = CONTAINER_OF(watch, struct listener, watch);

    int most = loop_is_behind(listener->loop) ? ACCEPTS_WHEN_BEHIND : ACCEPTS_PER_TURN;

    (void)events;
    for (int i = 0; i < most; i++)
        if (!accept_one(listener))
            return;
}

enum err listener_open(struct loop *loop, const struct listener_config *config,
                       struct problem *problem, struct listener **out)
{
    struct listener *listener;
    int fd = listen_somehow(&config->address, true);

    if (fd < 0)
        return fail(&config->address, problem, errno);
    listener = alloc_zero(sizeof *listener);
    listener->loop = loop;
    listener->config = *config;
    listener->fd = fd;
    listener->address = config->address;
    listener->address.port = address_socket_local(fd).port;
    listener->watch.on_ready = on_ready;
    if (loop_watch_start(loop, &listener->watch, fd, LOOP_READABLE)) {
        int error = errno;

        close(fd);
        free(listener);
        return fail(&config->address, problem, error);
    }
    listener->quota = conn_quota_new();
    *out = listener;
    return ERR_NONE;
}

void listener_close(struct listener *listener)
{
    if (listener == NULL)
        return;
    loop_watch_stop(&listener->watch);
    timer_stop(&listener->retry);
    close(listener->fd);
    conn_quota_unref(listener->quota);
    free(listener);
}

const struct address *listener_address(const struct listener *listener)
{
    return &listener->address;
}
