/*
 * echo - the yardstick: what this machine asks for carrying WebSocket messages over TLS.
 *
 * One thread, epoll, one OpenSSL SSL object for each connection, tuned as far as its options go:
 * buffers released when idle, read-ahead so that a record costs one recv, no session cache. It
 * upgrades anything and returns every text message as it is; no protocol, no timers, no limits but
 * a message's length. Not for use on a network: it exists for `./dev bench`.
 *
 *     switchyard-echo CHAIN.pem KEY.pem        prints its port, serves until it is killed
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "ws/ws_frame.h"
#include "ws/ws_handshake.h"

#include <openssl/ssl.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS = 256,
    BACKLOG = 1024,
    SCRATCH_BYTES = 64 * 1024,
    PENDING_MAX_BYTES = 64 * 1024, /* of a message that has come in part */
};

struct link {
    SSL *ssl;
    int fd;
    bool is_upgraded;
    struct buf pending; /* what has come in part; empty when idle */
};

struct server {
    int epoll_fd;
    int listen_fd;
    SSL_CTX *ssl_ctx;
    struct buf out; /* the answer that is being made */
    char scratch[SCRATCH_BYTES];
};

static SSL_CTX *ssl_ctx_new(const char *chain, const char *key)
{
    SSL_CTX *ssl_ctx = SSL_CTX_new(TLS_server_method());

    if (ssl_ctx == NULL || SSL_CTX_use_certificate_chain_file(ssl_ctx, chain) != 1 ||
        SSL_CTX_use_PrivateKey_file(ssl_ctx, key, SSL_FILETYPE_PEM) != 1)
        return NULL;
    SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(ssl_ctx, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set1_groups_list(ssl_ctx, "X25519");
    SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(ssl_ctx, 1);
    SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ssl_ctx, 1);
    return ssl_ctx;
}

static int listen_on_loopback(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, BACKLOG) != 0 || getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return fd;
}

static void link_free(struct link *link)
{
    SSL_free(link->ssl);
    close(link->fd);
    buf_free(&link->pending);
    free(link);
}

static bool watch(struct server *server, int fd, void *ptr)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = ptr};

    return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void accept_one(struct server *server, int fd)
{
    struct link *link = alloc_zero(sizeof *link);
    const int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    link->fd = fd;
    link->ssl = SSL_new(server->ssl_ctx);
    if (link->ssl == NULL || SSL_set_fd(link->ssl, fd) != 1)
        abort();
    SSL_set_accept_state(link->ssl);
    if (!watch(server, fd, link))
        link_free(link);
}

static void accept_all(struct server *server)
{
    int fd;

    while ((fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        accept_one(server, fd);
}

/* The key of an upgrade request whose head is complete; false until it is. */
static bool find_key(struct str bytes, struct str *key, size_t *head_bytes)
{
    const char *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);
    struct str line;
    struct str name;

    if (end == NULL)
        return false;
    *head_bytes = (size_t)(end - bytes.ptr) + 4;
    bytes.len = *head_bytes;
    *key = STR_EMPTY;
    while (str_split(&bytes, '\n', &line)) {
        if (str_split(&line, ':', &name) && str_eq_nocase(name, STR("Sec-WebSocket-Key")))
            *key = str_trim(line);
    }
    return true;
}

/* Returns the messages that are complete in data, and how many bytes they took; -1: a bad frame. */
static ssize_t echo_frames(struct server *server, char *data, size_t len)
{
    size_t taken = 0;
    struct ws_frame frame;
    char header[WS_HEADER_MAX];

    for (;;) {
        enum ws_parse parsed = ws_frame_parse((struct str){data + taken, len - taken}, &frame);

        if (parsed == WS_PARSE_BAD || (parsed == WS_PARSE_DONE && frame.opcode != WS_TEXT))
            return -1;
        if (parsed == WS_PARSE_MORE || len - taken - frame.header_bytes < frame.payload_bytes)
            return (ssize_t)taken;

        char *payload = data + taken + frame.header_bytes;
        size_t payload_bytes = (size_t)frame.payload_bytes;

        taken += frame.header_bytes + payload_bytes;
        ws_frame_mask(payload, payload_bytes, frame.mask, 0);
        frame.masked = false;
        buf_append(&server->out, (struct str){header, ws_frame_format(&frame, header)});
        buf_append(&server->out, (struct str){payload, payload_bytes});
    }
}

static ssize_t answer(struct server *server, struct link *link, char *data, size_t len)
{
    struct str key;
    size_t head_bytes;

    if (link->is_upgraded)
        return echo_frames(server, data, len);
    if (!find_key((struct str){data, len}, &key, &head_bytes))
        return 0;
    if (key.len == 0)
        return -1;
    ws_handshake_response(&server->out, key);
    link->is_upgraded = true;
    return (ssize_t)head_bytes;
}

/* The peers of the bench always read, so what the socket does not take at once ends the link. */
static bool send_out(struct server *server, struct link *link)
{
    size_t sent;
    bool is_sent = server->out.len == 0 ||
                   SSL_write_ex(link->ssl, server->out.ptr, server->out.len, &sent) == 1;

    buf_clear(&server->out);
    return is_sent;
}

static bool on_bytes(struct server *server, struct link *link, char *data, size_t len)
{
    ssize_t taken;

    if (link->pending.len > 0) {
        buf_append(&link->pending, (struct str){data, len});
        data = link->pending.ptr;
        len = link->pending.len;
    }
    taken = answer(server, link, data, len);
    if (taken < 0 || len - (size_t)taken > PENDING_MAX_BYTES || !send_out(server, link))
        return false;
    if (link->pending.len > 0)
        buf_consume(&link->pending, (size_t)taken);
    else
        buf_append(&link->pending, (struct str){data + taken, len - (size_t)taken});
    if (link->pending.len == 0)
        buf_free(&link->pending);
    return true;
}

/* False when the link is over. */
static bool on_readable(struct server *server, struct link *link)
{
    size_t len;

    if (!SSL_is_init_finished(link->ssl)) {
        int result = SSL_do_handshake(link->ssl);

        if (result != 1)
            return SSL_get_error(link->ssl, result) == SSL_ERROR_WANT_READ;
        if (!SSL_has_pending(link->ssl))
            return true;
    }
    do {
        if (SSL_read_ex(link->ssl, server->scratch, sizeof server->scratch, &len) != 1)
            return SSL_get_error(link->ssl, 0) == SSL_ERROR_WANT_READ;
        if (!on_bytes(server, link, server->scratch, len))
            return false;
    } while (SSL_has_pending(link->ssl));
    return true;
}

static void serve(struct server *server)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int count = epoll_wait(server->epoll_fd, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            struct link *link = events[i].data.ptr;

            if (link == NULL)
                accept_all(server);
            else if (!on_readable(server, link))
                link_free(link);
        }
    }
}

static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    static struct server server;
    unsigned port = 0;

    if (argc != 3) {
        fprintf(stderr, "usage: switchyard-echo CHAIN.pem KEY.pem\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    server.ssl_ctx = ssl_ctx_new(argv[1], argv[2]);
    server.listen_fd = listen_on_loopback(&port);
    server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server.ssl_ctx == NULL || server.listen_fd < 0 || server.epoll_fd < 0 ||
        !watch(&server, server.listen_fd, NULL)) {
        fprintf(stderr, "switchyard-echo: can't read the certificate or open a port\n");
        return 1;
    }
    printf("%u\n", port);
    fflush(stdout);
    serve(&server);
}
