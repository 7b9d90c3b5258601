/*
 * peer - an HTTP server on a loop and one connection to it whose other end is a bare socket.
 *
 * Routes: GET and POST /echo, POST /only-post, GET /late (waits in `exchange`), GET /custom (426
 * with a header, and a close), GET /upgrade (gives the connection away).
 */
#pragma once

#include "http/http_server.h"

enum { HOUR_MS = 3600 * 1000, MAX_BODY = 64, MAX_HEAD = 1024, MAX_LINE = 128 };

/* A server, one connection to it, and the peer as a bare socket. */
struct peer {
    struct loop *loop;
    struct http_server_config config;
    struct conn_config conn_config;
    struct http_route routes[8];
    struct http_server *server;
    int fd;
    struct buf got;                 /* all the peer received */
    struct http_exchange *exchange; /* the one that waits, of /late */
    struct conn *taken;             /* of /upgrade */
    struct buf taken_data;          /* what that connection received since */
    int taken_ends;
};

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

int peer_set_up(void **state);
int peer_tear_down(void **state);

/* Apart from peer_set_up(), so that a test may change the configuration ahead of the first. */
void peer_connect(struct peer *peer);
/* Lets the server work until all is quiet, and collects what it sent. */
void peer_settle(struct peer *peer);
/* Sends the text and returns all that came back for it, NUL-terminated. */
const char *peer_ask(struct peer *peer, const char *text);
const char *peer_ask_bytes(struct peer *peer, struct str text);
/* The server's end of the connection has come. */
bool peer_is_closed(struct peer *peer);
/* Resets the connection. */
void peer_leave(struct peer *peer);
int64_t peer_metric(struct peer *peer, enum metric metric);

bool peer_has(const char *text, const char *part);
size_t peer_times(const char *text, const char *part);
