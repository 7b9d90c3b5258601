#include "tls/tls_client.h"

#include "base/alloc.h"
#include "base/pool.h"
#include "tls/tls_record.h"
#include "tls/tls_schedule.h"
#include "tls/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAVED_MAX = 4, /* a client speaks to a dispatcher and a gateway, each by name or by IP */
    NAME_BYTES_MAX = 255,
};

struct saved {
    char *name;
    SSL_SESSION *session;
};

struct tls_client_session {
    SSL_SESSION *session;
    char *name;
};

struct tls_client {
    SSL_CTX *ssl_ctx;
    BIO_METHOD *wire;
    struct saved saved[SAVED_MAX];
    size_t next;                   /* the slot that a new name takes */
    struct tls_schedule *schedule; /* where records are our own, as the pool; else NULL */
    struct pool *pool;
    const char *version; /* these two of the last handshake, in OpenSSL's own memory */
    const char *cipher;
};

/* Whom one transport speaks to; the app data of its SSL object. */
struct peer {
    struct tls_client *client;
    char *name;
};

static struct saved *find_saved(struct tls_client *client, const char *name)
{
    for (struct saved *saved = client->saved; saved < client->saved + SAVED_MAX; saved++) {
        if (saved->name != NULL && strcmp(saved->name, name) == 0)
            return saved;
    }
    return NULL;
}

static void saved_fini(struct saved *saved)
{
    SSL_SESSION_free(saved->session);
    free(saved->name);
    *saved = (struct saved){NULL, NULL};
}

/* A ticket has come. Returning 1 takes the reference. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
    const struct peer *peer = SSL_get_app_data(ssl);
    struct tls_client *client = peer->client;
    struct saved *saved = find_saved(client, peer->name);

    if (saved == NULL) {
        saved = &client->saved[client->next];
        client->next = (client->next + 1) % SAVED_MAX;
    }
    saved_fini(saved);
    saved->name = alloc_text(peer->name, strlen(peer->name));
    saved->session = session;
    return 1;
}

static void on_info(const SSL *ssl, int where, int result)
{
    struct tls_client *client = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    (void)result;
    if ((where & SSL_CB_HANDSHAKE_DONE) == 0)
        return;
    client->version = SSL_get_version(ssl);
    client->cipher = SSL_get_cipher_name(ssl);
}

static SSL_CTX *ssl_ctx_new(const struct tls_schedule *schedule, bool verify)
{
    static const unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX *ssl_ctx = schedule == NULL
                           ? SSL_CTX_new(TLS_client_method())
                           : SSL_CTX_new_ex(tls_schedule_context(schedule), TLS_SCHEDULE_PROPERTIES,
                                            TLS_client_method());
    bool ok;

    assert(ssl_ctx != NULL);
    tls_transport_prepare(ssl_ctx);
    ok = SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_2_VERSION) &&
         SSL_CTX_set_alpn_protos(ssl_ctx, protocols, sizeof protocols - 1) == 0;
    assert(ok);
    SSL_CTX_set_verify(ssl_ctx, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(ssl_ctx,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(ssl_ctx, on_session);
    SSL_CTX_set_info_callback(ssl_ctx, on_info);
    return ssl_ctx;
}

enum err tls_client_open(const char *ca_file, bool verify, struct problem *problem,
                         struct tls_client **out)
{
    struct tls_client *client;
    SSL_CTX *ssl_ctx;

    if (verify && ca_file == NULL)
        return problem_set(problem, ERR_INVALID, 0,
                           "a server can't be verified without a file of roots (ca.pem)");
    ERR_clear_error();
    ssl_ctx = ssl_ctx_new(NULL, verify);
    if (ca_file != NULL && SSL_CTX_load_verify_file(ssl_ctx, ca_file) != 1) {
        SSL_CTX_free(ssl_ctx);
        ERR_clear_error();
        return problem_set(problem, ERR_IO, 0,
                           "can't read the roots %s; it must be a PEM file of CA certificates",
                           ca_file);
    }
    client = alloc_zero(sizeof *client);
    client->ssl_ctx = ssl_ctx;
    SSL_CTX_set_app_data(ssl_ctx, client);
    client->wire = tls_transport_wire_new();
    *out = client;
    return ERR_NONE;
}

struct tls_client *tls_client_new_own(void)
{
    struct tls_client *client = alloc_zero(sizeof *client);

    client->schedule = tls_schedule_new();
    client->pool = pool_new();
    client->ssl_ctx = ssl_ctx_new(client->schedule, false);
    client->wire = tls_transport_wire_new();
    SSL_CTX_set_app_data(client->ssl_ctx, client);
    SSL_CTX_set_session_cache_mode(client->ssl_ctx, SSL_SESS_CACHE_OFF);
    return client;
}

void tls_client_close(struct tls_client *client)
{
    if (client == NULL)
        return;
    for (size_t i = 0; i < SAVED_MAX; i++)
        saved_fini(&client->saved[i]);
    SSL_CTX_free(client->ssl_ctx);
    BIO_meth_free(client->wire);
    pool_free(client->pool);
    tls_schedule_unref(client->schedule);
    free(client);
}

void tls_client_limit_to_12(struct tls_client *client)
{
    bool ok = SSL_CTX_set_max_proto_version(client->ssl_ctx, TLS1_2_VERSION) == 1;

    assert(ok);
}

void tls_client_insist_on_13(struct tls_client *client)
{
    bool ok = SSL_CTX_set_min_proto_version(client->ssl_ctx, TLS1_3_VERSION) == 1;

    assert(ok);
}

/* SNI is for host names only (RFC 6066 section 3). */
static bool ask_for(SSL *ssl, char *name)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1)
        return true;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static void on_free(void *ctx)
{
    struct peer *peer = ctx;

    free(peer->name);
    free(peer);
}

static struct peer *peer_new(struct tls_client *client, const char *name)
{
    struct peer *peer = alloc_zero(sizeof *peer);

    peer->client = client;
    peer->name = alloc_text(name, strlen(name));
    return peer;
}

struct transport *tls_client_transport(struct tls_client *client, const char *name, bool resume)
{
    struct saved *saved = resume ? find_saved(client, name) : NULL;
    struct tls_transport_config config;
    size_t len = strlen(name);
    struct peer *peer;
    SSL *ssl;
    bool ok;

    if (len == 0 || len > NAME_BYTES_MAX)
        return NULL;
    ssl = SSL_new(client->ssl_ctx);
    assert(ssl != NULL);
    peer = peer_new(client, name);
    ok = ask_for(ssl, peer->name) && (saved == NULL || SSL_set_session(ssl, saved->session) == 1);
    assert(ok);
    ERR_clear_error();
    SSL_set_app_data(ssl, peer);
    SSL_set_connect_state(ssl);
    config = (struct tls_transport_config){
        .ssl = ssl,
        .wire = client->wire,
        .schedule = client->schedule,
        .pool = client->pool,
        .on_free = on_free,
        .ctx = peer,
    };
    return client->schedule != NULL ? tls_record_new(&config) : tls_transport_new(&config);
}

bool tls_client_was_resumed(const struct transport *transport)
{
    return SSL_session_reused(tls_transport_ssl(transport)) == 1;
}

void tls_client_describe(const struct tls_client *client, char *out, size_t cap)
{
    bool has_any = client->version != NULL;

    snprintf(out, cap, "%s%s%s", has_any ? client->version : "", has_any ? " " : "",
             has_any ? client->cipher : "");
}

const char *tls_client_refusal(const struct transport *transport)
{
    long result = SSL_get_verify_result(tls_transport_ssl(transport));

    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

struct tls_client_session *tls_client_session_new(const struct transport *transport)
{
    SSL *ssl = tls_transport_ssl(transport);
    const struct peer *peer = SSL_get_app_data(ssl);
    SSL_SESSION *current = SSL_get0_session(ssl);
    struct tls_client_session *session;

    if (current == NULL || !SSL_is_init_finished(ssl) || !SSL_SESSION_is_resumable(current))
        return NULL;
    session = alloc_zero(sizeof *session);
    session->session = SSL_get1_session(ssl);
    session->name = alloc_text(peer->name, strlen(peer->name));
    return session;
}

void tls_client_session_free(struct tls_client_session *session)
{
    if (session == NULL)
        return;
    SSL_SESSION_free(session->session);
    free(session->name);
    free(session);
}

bool tls_client_session_offer(struct transport *transport, const struct tls_client_session *session)
{
    SSL *ssl = tls_transport_ssl(transport);
    const struct peer *peer = SSL_get_app_data(ssl);
    bool is_same = strcmp(peer->name, session->name) == 0;
    bool ok = SSL_set_session(ssl, is_same ? session->session : NULL) == 1;

    assert(ok);
    return is_same;
}
