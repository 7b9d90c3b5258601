#include "link_peer.h"

#include "base/crypto.h"
#include "loopback.h"
#include "net/transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_text(void *ctx, struct ws_link *link, char *text, size_t len)
{
    struct link_peer *peer = ctx;

    assert_int_equal(peer->closed, 0);
    buf_printf(&peer->story, "%.*s ", (int)len, text);
    memset(text, '?', len); /* may be changed in place */
    if (peer->do_on_text != NULL)
        peer->do_on_text(peer, link);
}

static void on_frame(void *ctx, struct ws_link *link, enum ws_opcode opcode)
{
    struct link_peer *peer = ctx;

    (void)link;
    (void)opcode;
    peer->frames++;
}

static void on_close(void *ctx, struct ws_link *link, unsigned code, enum conn_end end)
{
    struct link_peer *peer = ctx;

    assert_ptr_equal(link, peer->link);
    peer->link = NULL;
    peer->closed++;
    peer->code = code;
    peer->end = end;
    peer->has_failed = ws_link_has_failed(link);
}

static const struct ws_handler handler = {
    .on_text = on_text, .on_frame = on_frame, .on_close = on_close};

static struct link_peer *open_as(enum ws_role role)
{
    struct link_peer *peer = calloc(1, sizeof *peer);
    const int on = 1;
    int ours;
    struct conn *conn;

    peer->loop = loop_new();
    peer->config = (struct conn_config){.max_input = MAX_MESSAGE + WS_HEADER_MAX,
                                        .max_queued = MAX_QUEUED,
                                        .handshake_ms = HOUR_MS,
                                        .linger_ms = HOUR_MS};
    loopback_pair(&ours, &peer->fd);
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    conn = conn_new(peer->loop, ours, transport_plain_new(), &peer->config);
    peer->link = ws_link_new(conn, role, MAX_MESSAGE);
    ws_link_set_handler(peer->link, &handler, peer);
    loop_turn(peer->loop, 0);
    return peer;
}

int link_peer_open_server(void **state)
{
    *state = open_as(WS_SERVER);
    return crypto_init() == ERR_NONE ? 0 : -1;
}

int link_peer_open_client(void **state)
{
    *state = open_as(WS_CLIENT);
    return crypto_init() == ERR_NONE ? 0 : -1;
}

int link_peer_close(void **state)
{
    struct link_peer *peer = *state;

    if (peer->fd >= 0)
        close(peer->fd);
    loopback_settle(peer->loop);
    assert_int_equal(peer->closed, 1);
    assert_null(peer->link);
    loop_free(peer->loop);
    buf_free(&peer->story);
    buf_free(&peer->got);
    free(peer);
    return 0;
}

/* Sends the bytes, lets the link work until all is quiet, and gives what came back. */
struct str link_peer_exchange(struct link_peer *peer, struct str bytes)
{
    char got[4096];
    ssize_t len;

    buf_clear(&peer->got);
    loopback_send(peer->fd, bytes.ptr, bytes.len);
    loopback_settle(peer->loop);
    while ((len = recv(peer->fd, got, sizeof got, MSG_DONTWAIT)) > 0)
        buf_append(&peer->got, (struct str){got, (size_t)len});
    return buf_str(&peer->got);
}

bool link_peer_told(const struct link_peer *peer, const char *story)
{
    return str_eq(buf_str(&peer->story), str_of(story));
}

bool link_peer_has_ended(struct link_peer *peer)
{
    char byte;

    loopback_settle(peer->loop);
    return recv(peer->fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* The peer closes its side too, so that the link's last call comes. */
void link_peer_end(struct link_peer *peer)
{
    close(peer->fd);
    peer->fd = -1;
    loopback_settle(peer->loop);
    assert_int_equal(peer->closed, 1);
}
