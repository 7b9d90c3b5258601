/*
 * tls_pair - a client's and a server's transport joined in memory, and a client with rules of
 * its own, for the tests of TLS. A directory of certificates made once a test program.
 */
#pragma once

#include "base/buf.h"
#include "net/transport.h"
#include "tls/tls_server.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct tls_side {
    struct transport *transport;
    struct transport_thread thread; /* as if each side had one of its own */
    struct buf to_peer;             /* wire bytes on their way */
    struct buf plain;               /* all that has been opened */
    enum transport_status status;
    bool established;
};

struct tls_pair {
    struct tls_side client;
    struct tls_side server;
};

/* Takes both and lets the client begin. */
void tls_pair_init(struct tls_pair *pair, struct transport *client, struct transport *server);
void tls_pair_fini(struct tls_pair *pair);

/* Hands over what is on its way, `chunk` bytes a call (0: all at once), until nothing is left. */
void tls_pair_pump(struct tls_pair *pair, size_t chunk);
/* Hands `wire` to one side; what it answers stays on its way. */
void tls_pair_feed(struct tls_side *side, struct str wire);
void tls_pair_write(struct tls_side *side, struct str plain);
void tls_pair_close(struct tls_side *side);
bool tls_pair_is_open(const struct tls_pair *pair);

/* A client whose SSL_CTX the test may bend; it takes any certificate. */
struct tls_peer {
    SSL_CTX *ssl_ctx;
    BIO_METHOD *wire;
    char sni[64];         /* asked for when not empty */
    SSL_SESSION *session; /* owned; offered when not NULL; replaced by each new ticket */
    size_t tickets;       /* that have come */
};

void tls_peer_init(struct tls_peer *peer);
void tls_peer_fini(struct tls_peer *peer);
struct transport *tls_peer_transport(struct tls_peer *peer);

void tls_peer_ask_for(struct tls_peer *peer, const char *name);

/* One whole handshake; true when both sides came through. */
bool tls_peer_shake_hands(struct tls_server *server, struct tls_peer *peer, struct tls_pair *pair);
SSL *tls_pair_client_ssl(const struct tls_pair *pair);
/* The same, and cut at once: whether it came through; did so by resumption; what was shown. */
bool tls_peer_can_connect(struct tls_server *server, struct tls_peer *peer);
bool tls_peer_resumes(struct tls_server *server, struct tls_peer *peer);
bool tls_peer_is_shown(struct tls_server *server, struct tls_peer *peer, const char *name);

/* A directory of its own with what tls_make() makes for localhost and 127.0.0.1. */
struct tls_files {
    char directory[64];
    char ca[128];
    struct tls_certificate_files both[2]; /* ECDSA, RSA */
    char paths[4][128];
};

void tls_files_make(struct tls_files *files, const struct str *names, size_t name_count);
void tls_files_remove(struct tls_files *files);
/* For cmocka's groups: *state is a struct tls_files for localhost and 127.0.0.1. */
int tls_files_set_up(void **state);
int tls_files_tear_down(void **state);
struct tls_server_config tls_files_config(const struct tls_files *files);
struct tls_server *tls_files_server(const struct tls_server_config *config);
