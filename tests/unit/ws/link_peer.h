/*
 * link_peer - a WebSocket link on a loop whose other end is a bare socket, for tests.
 */
#pragma once

#include "base/buf.h"
#include "ws/ws_link.h"

enum { HOUR_MS = 3600 * 1000, MAX_MESSAGE = 1000, MAX_QUEUED = 64 * 1024 };

/* A link on a loop, its peer as a bare socket, and what the handler saw. */
struct link_peer {
    struct loop *loop;
    struct conn_config config;
    struct ws_link *link;
    int fd;
    struct buf story; /* "text " of each message */
    struct buf got;   /* all the peer received */
    int frames;
    int arrived;
    int closed;
    unsigned code;
    enum conn_end end;
    bool has_failed;
    void (*do_on_text)(struct link_peer *peer, struct ws_link *link);
};

int link_peer_open_server(void **state);
int link_peer_open_client(void **state);
int link_peer_close(void **state);

/* Sends the bytes, lets the link work until all is quiet, and gives what came back. */
struct str link_peer_exchange(struct link_peer *peer, struct str bytes);
/* The handler was given these messages: "text " of each. */
bool link_peer_told(const struct link_peer *peer, const char *story);
/* The link's end of the connection has come. */
bool link_peer_has_ended(struct link_peer *peer);
/* The peer closes its side too, so that the link's last call comes. */
void link_peer_end(struct link_peer *peer);

/* In a test with a `peer`. ZERO is the mask that leaves a payload as it is. */
#define ANSWERS(bytes, expected)                                                                   \
    assert_true(str_eq(link_peer_exchange(peer, STR(bytes)), STR(expected)))
#define ZERO "\0\0\0\0"
