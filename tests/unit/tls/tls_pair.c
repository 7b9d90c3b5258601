#include "tls_pair.h"

#include "base/alloc.h"
#include "tls/tls_make.h"
#include "tls/tls_transport.h"

#include <assert.h>
#include <dirent.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_SLACK = 32 * 1024 };

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static void side_init(struct tls_side *side, struct transport *transport)
{
    *side = (struct tls_side){.transport = transport};
    transport_settle(transport, &side->thread);
    transport->ops->start(transport, &side->to_peer);
}

static void side_fini(struct tls_side *side)
{
    side->transport->ops->free(side->transport);
    transport_thread_close(&side->thread);
    buf_free(&side->to_peer);
    buf_free(&side->plain);
}

void tls_pair_init(struct tls_pair *pair, struct transport *client, struct transport *server)
{
    side_init(&pair->client, client);
    side_init(&pair->server, server);
}

void tls_pair_fini(struct tls_pair *pair)
{
    side_fini(&pair->client);
    side_fini(&pair->server);
}

void tls_pair_feed(struct tls_side *side, struct str wire)
{
    size_t cap = wire.len + TRANSPORT_READ_MIN;
    struct transport_read out = {.ptr = alloc_zero(cap), .cap = cap};

    side->status = side->transport->ops->read(side->transport, wire, &out, &side->to_peer);
    side->established = out.established;
    buf_append(&side->plain, (struct str){out.ptr, out.len});
    free(out.ptr);
}

/* Copied first: a transport must keep no view of what it was handed. */
static void hand_over(struct tls_side *from, struct tls_side *to, size_t chunk)
{
    struct buf wire = from->to_peer;
    size_t step;

    from->to_peer = BUF_EMPTY;
    for (size_t at = 0; at < wire.len; at += step) {
        struct str part = str_sub(buf_str(&wire), at, chunk == 0 ? wire.len : chunk);
        char *copy = alloc_text(part.ptr, part.len);

        step = part.len;
        tls_pair_feed(to, (struct str){copy, part.len});
        memset(copy, 0xdd, part.len);
        free(copy);
    }
    buf_free(&wire);
}

void tls_pair_pump(struct tls_pair *pair, size_t chunk)
{
    while (pair->client.to_peer.len > 0 || pair->server.to_peer.len > 0) {
        hand_over(&pair->client, &pair->server, chunk);
        hand_over(&pair->server, &pair->client, chunk);
    }
}

void tls_pair_write(struct tls_side *side, struct str plain)
{
    side->status = side->transport->ops->write(side->transport, plain, &side->to_peer);
}

void tls_pair_close(struct tls_side *side)
{
    side->transport->ops->close(side->transport, &side->to_peer);
}

bool tls_pair_is_open(const struct tls_pair *pair)
{
    return pair->client.established && pair->server.established &&
           pair->client.status == TRANSPORT_OK && pair->server.status == TRANSPORT_OK;
}

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls_peer *peer = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    SSL_SESSION_free(peer->session);
    peer->session = session;
    peer->tickets++;
    return 1;
}

void tls_peer_init(struct tls_peer *peer)
{
    *peer = (struct tls_peer){
        .ssl_ctx = SSL_CTX_new(TLS_client_method()),
        .wire = tls_transport_wire_new(),
    };
    assert(peer->ssl_ctx != NULL);
    tls_transport_prepare(peer->ssl_ctx);
    SSL_CTX_set_app_data(peer->ssl_ctx, peer);
    SSL_CTX_set_session_cache_mode(peer->ssl_ctx,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(peer->ssl_ctx, on_session);
}

void tls_peer_fini(struct tls_peer *peer)
{
    SSL_SESSION_free(peer->session);
    SSL_CTX_free(peer->ssl_ctx);
    BIO_meth_free(peer->wire);
}

struct transport *tls_peer_transport(struct tls_peer *peer)
{
    SSL *ssl = SSL_new(peer->ssl_ctx);

    assert(ssl != NULL);
    if (peer->sni[0] != '\0')
        SSL_set_tlsext_host_name(ssl, peer->sni);
    if (peer->session != NULL)
        SSL_set_session(ssl, peer->session);
    SSL_set_connect_state(ssl);
    return tls_transport_new(&(struct tls_transport_config){.ssl = ssl, .wire = peer->wire});
}

static void set_path(const struct tls_files *files, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", files->directory, name);
}

void tls_files_make(struct tls_files *files, const struct str *names, size_t name_count)
{
    static const char *const file_names[] = {"server-ecdsa.pem", "server-ecdsa.key",
                                             "server-rsa.pem", "server-rsa.key"};
    struct tls_make_config config = {files->directory, names, name_count, 30};
    struct problem problem;

    *files = (struct tls_files){.directory = "/tmp/tls_files_XXXXXX"};
    if (mkdtemp(files->directory) == NULL || tls_make(&config, &problem) != ERR_NONE)
        abort();
    set_path(files, "ca.pem", files->ca);
    for (size_t i = 0; i < 4; i++)
        set_path(files, file_names[i], files->paths[i]);
    for (size_t i = 0; i < 2; i++)
        files->both[i] =
            (struct tls_certificate_files){files->paths[2 * i], files->paths[2 * i + 1]};
}

void tls_files_remove(struct tls_files *files)
{
    DIR *directory = opendir(files->directory);
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL)
        unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory != NULL)
        closedir(directory);
    rmdir(files->directory);
}

int tls_files_set_up(void **state)
{
    static const struct str names[] = {{"localhost", 9}, {"127.0.0.1", 9}};
    struct tls_files *files = alloc_zero(sizeof *files);

    tls_files_make(files, names, 2);
    *state = files;
    return 0;
}

int tls_files_tear_down(void **state)
{
    tls_files_remove(*state);
    free(*state);
    return 0;
}

struct tls_server_config tls_files_config(const struct tls_files *files)
{
    return (struct tls_server_config){
        .certificates = files->both,
        .certificate_count = 2,
        .ticket_rotate_ms = 3600 * 1000,
    };
}

bool tls_peer_shake_hands(struct tls_server *server, struct tls_peer *peer, struct tls_pair *pair)
{
    tls_pair_init(pair, tls_peer_transport(peer), tls_server_transport(server, NULL));
    tls_pair_pump(pair, 0);
    return tls_pair_is_open(pair);
}

SSL *tls_pair_client_ssl(const struct tls_pair *pair)
{
    return tls_transport_ssl(pair->client.transport);
}

bool tls_peer_can_connect(struct tls_server *server, struct tls_peer *peer)
{
    struct tls_pair pair;
    bool is_open = tls_peer_shake_hands(server, peer, &pair);

    tls_pair_fini(&pair);
    return is_open;
}

bool tls_peer_resumes(struct tls_server *server, struct tls_peer *peer)
{
    struct tls_pair pair;
    bool is_resumed;

    must(tls_peer_shake_hands(server, peer, &pair));
    is_resumed = SSL_session_reused(tls_pair_client_ssl(&pair)) == 1;
    tls_pair_fini(&pair);
    return is_resumed;
}

bool tls_peer_is_shown(struct tls_server *server, struct tls_peer *peer, const char *name)
{
    struct tls_pair pair;
    X509 *shown;
    bool matches;

    must(tls_peer_shake_hands(server, peer, &pair));
    shown = SSL_get0_peer_certificate(tls_pair_client_ssl(&pair));
    matches =
        X509_check_host(shown, name, 0, 0, NULL) == 1 || X509_check_ip_asc(shown, name, 0) == 1;
    tls_pair_fini(&pair);
    return matches;
}

void tls_peer_ask_for(struct tls_peer *peer, const char *name)
{
    must(str_copy(str_of(name), peer->sni, sizeof peer->sni));
}

struct tls_server *tls_files_server(const struct tls_server_config *config)
{
    struct tls_server *server = NULL;
    struct problem problem;

    must(tls_server_open(config, &problem, &server) == ERR_NONE);
    return server;
}
