#include "tls/tls_context.h"

#include "base/alloc.h"
#include "tls/tls_certificate.h"
#include "tls/tls_record.h"
#include "tls/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

/* AES-128 first: as good as AES-256 in practice, and cheaper. Clients without AES hardware put
 * ChaCha20 first, and then get it (SSL_OP_PRIORITIZE_CHACHA). */
#define CIPHERS_13 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define CIPHERS_12                                                                                 \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                   \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                                   \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
/* Protocol page, section 1.4: what firmware has been seen to need, strongest first. */
#define CIPHERS_OLD                                                                                \
    "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:"                    \
    "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:"                            \
    "AES128-GCM-SHA256:AES256-SHA256:AES128-SHA256:AES256-SHA:AES128-SHA"
/* The ones that clients use; each further one is only work for a flood to ask for. */
#define GROUPS "X25519:P-256:P-384"

enum {
    TICKET_LIFE_MAX_S = 7 * 24 * 3600, /* RFC 8446 section 4.6.1 */
    /* Of clients that know no tickets: BearSSL's, and some of mbedTLS. About 1 KB each. */
    SESSIONS_MAX = 8192,
    KINDS_MAX = 8, /* kinds of keys that OpenSSL can serve with: fewer */
};

/*
 * The certificates for one set of names: its leader and, of each other kind of key, the first that
 * covers all those names. The default group takes the first of any kind it lacks: a client that
 * checks no names (old firmware) is then served rather than refused.
 */
struct group {
    SSL_CTX *ssl_ctx;
    const struct tls_certificate *members[KINDS_MAX]; /* the leader first */
    size_t member_count;
};

struct tls_context {
    atomic_uint refs;
    struct tls_ticket *tickets;
    struct tls_schedule *schedule; /* NULL: OpenSSL's own */
    bool record_layer;
    bool kernel;
    BIO_METHOD *wire;
    struct pool *pool; /* of its links' records */
    struct tls_certificate *certificates;
    size_t certificate_count;
    struct group *groups; /* the first is the default */
    size_t group_count;
};

/* What one building of a context hands from step to step. */
struct build {
    const struct tls_server_config *config;
    struct tls_context *context;
    struct problem *problem;
};

/* NOLINTNEXTLINE(readability-function-size): the form of the parameters is OpenSSL's. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *offered, unsigned offered_len, void *ctx)
{
    static const unsigned char known[] = "\x08http/1.1";
    unsigned char *chosen;

    (void)ssl;
    (void)ctx;
    if (SSL_select_next_proto(&chosen, out_len, known, sizeof known - 1, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK; /* go on without; firmware offers odd things */
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static const struct group *find_group(const struct tls_context *context, struct str name,
                                      bool with_wildcards)
{
    for (size_t i = 0; i < context->group_count; i++) {
        if (tls_certificate_covers(context->groups[i].members[0], name, with_wildcards))
            return &context->groups[i];
    }
    return NULL;
}

static int on_server_name(SSL *ssl, int *alert, void *ctx)
{
    const struct tls_context *context = ctx;
    struct str name = str_of(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    const struct group *group;

    (void)alert;
    if (name.len == 0)
        return SSL_TLSEXT_ERR_NOACK;
    group = find_group(context, name, false);
    if (group == NULL)
        group = find_group(context, name, true);
    if (group == NULL)
        return SSL_TLSEXT_ERR_NOACK; /* the default certificate; firmware sends any name */
    if (group->ssl_ctx != SSL_get_SSL_CTX(ssl))
        SSL_set_SSL_CTX(ssl, group->ssl_ctx);
    return SSL_TLSEXT_ERR_OK;
}

static void set_versions(SSL_CTX *ssl_ctx, bool old_tls)
{
    const char *ciphers =
        old_tls ? CIPHERS_12 ":" CIPHERS_OLD ":@SECLEVEL=0" : CIPHERS_12 ":@SECLEVEL=2";
    bool ok = SSL_CTX_set_min_proto_version(ssl_ctx, old_tls ? TLS1_VERSION : TLS1_2_VERSION) &&
              SSL_CTX_set_max_proto_version(ssl_ctx, TLS1_3_VERSION) &&
              SSL_CTX_set_ciphersuites(ssl_ctx, CIPHERS_13) &&
              SSL_CTX_set_cipher_list(ssl_ctx, ciphers) &&
              SSL_CTX_set1_groups_list(ssl_ctx, GROUPS);

    assert(ok); /* constant texts: only an OpenSSL built without them can refuse */
}

static void set_sessions(SSL_CTX *ssl_ctx, uint64_t rotate_ms)
{
    uint64_t life_s = rotate_ms / 1000 > TICKET_LIFE_MAX_S ? TICKET_LIFE_MAX_S : rotate_ms / 500;

    if (life_s > TICKET_LIFE_MAX_S)
        life_s = TICKET_LIFE_MAX_S;
    /* OpenSSL keeps what can be resumed by id only; who took a ticket keeps it himself. */
    SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(ssl_ctx, SESSIONS_MAX);
    SSL_CTX_set_num_tickets(ssl_ctx, 1);
    SSL_CTX_set_timeout(ssl_ctx, life_s == 0 ? 1 : (long)life_s);
}

/* Without a schedule it is all OpenSSL's, with what openssl.cnf says of providers. */
static SSL_CTX *ssl_ctx_bare(struct tls_schedule *schedule)
{
    if (schedule == NULL)
        return SSL_CTX_new(TLS_server_method());
    return SSL_CTX_new_ex(tls_schedule_context(schedule), TLS_SCHEDULE_PROPERTIES,
                          TLS_server_method());
}

static SSL_CTX *ssl_ctx_new(const struct build *build)
{
    SSL_CTX *ssl_ctx = ssl_ctx_bare(build->context->schedule);

    assert(ssl_ctx != NULL);
    tls_transport_prepare(ssl_ctx);
    SSL_CTX_set_mode(ssl_ctx, SSL_MODE_NO_AUTO_CHAIN); /* the chain file says all */
    SSL_CTX_set_options(ssl_ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    set_versions(ssl_ctx, build->config->old_tls);
    set_sessions(ssl_ctx, build->config->ticket_rotate_ms);
    SSL_CTX_set_alpn_select_cb(ssl_ctx, on_alpn, NULL);
    SSL_CTX_set_tlsext_servername_callback(ssl_ctx, on_server_name);
    SSL_CTX_set_tlsext_servername_arg(ssl_ctx, build->context);
    tls_ticket_attach(build->context->tickets, ssl_ctx);
    return ssl_ctx;
}

static bool is_same_kind(const struct tls_certificate *a, const struct tls_certificate *b)
{
    return EVP_PKEY_get_base_id(a->key) == EVP_PKEY_get_base_id(b->key);
}

static bool has_same_names(const struct tls_certificate *a, const struct tls_certificate *b)
{
    return tls_certificate_covers_all(a, b) && tls_certificate_covers_all(b, a);
}

static enum err add_member(const struct build *build, struct group *group, size_t index)
{
    const struct tls_certificate *certificate = &build->context->certificates[index];
    const char *reason;

    ERR_clear_error();
    if (SSL_CTX_use_cert_and_key(group->ssl_ctx, certificate->leaf, certificate->key,
                                 certificate->chain, 1) == 1) {
        assert(group->member_count < KINDS_MAX);
        group->members[group->member_count++] = certificate;
        return ERR_NONE;
    }
    reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return problem_set(build->problem, ERR_INVALID, 0,
                       "the certificate %s can't be used (%s); make one with an ECDSA P-256 or an "
                       "RSA 2048 key",
                       build->config->certificates[index].chain, reason ? reason : "unknown kind");
}

static bool has_kind(const struct group *group, const struct tls_certificate *certificate)
{
    for (size_t i = 0; i < group->member_count; i++) {
        if (is_same_kind(group->members[i], certificate))
            return true;
    }
    return false;
}

static enum err make_group(const struct build *build, size_t leader)
{
    struct tls_context *context = build->context;
    const struct tls_certificate *all = context->certificates;
    struct group *group = &context->groups[context->group_count++];
    enum err err;

    group->ssl_ctx = ssl_ctx_new(build);
    err = add_member(build, group, leader);
    for (size_t i = 0; i < context->certificate_count && !err; i++) {
        if (has_kind(group, &all[i]))
            continue;
        if (leader == 0 || tls_certificate_covers_all(&all[i], &all[leader]))
            err = add_member(build, group, i);
    }
    return err;
}

/* Of the certificates before `index`, the one for the same names; or its own index. */
static size_t first_of_names(const struct tls_context *context, size_t index, bool of_kind)
{
    const struct tls_certificate *all = context->certificates;

    for (size_t i = 0; i < index; i++) {
        if (has_same_names(&all[i], &all[index]) &&
            (!of_kind || is_same_kind(&all[i], &all[index])))
            return i;
    }
    return index;
}

static enum err make_groups(const struct build *build)
{
    struct tls_context *context = build->context;
    enum err err = ERR_NONE;

    for (size_t i = 0; i < context->certificate_count && !err; i++) {
        size_t twin = first_of_names(context, i, true);

        if (twin != i)
            return problem_set(build->problem, ERR_INVALID, 0,
                               "%s and %s hold certificates for the same names with the same kind "
                               "of key; leave one out",
                               build->config->certificates[twin].chain,
                               build->config->certificates[i].chain);
        if (first_of_names(context, i, false) == i)
            err = make_group(build, i);
    }
    return err;
}

static enum err load(const struct build *build)
{
    struct tls_context *context = build->context;
    size_t count = build->config->certificate_count;

    context->certificates = alloc_zero(count * sizeof *context->certificates);
    context->groups = alloc_zero(count * sizeof *context->groups);
    for (size_t i = 0; i < count; i++) {
        enum err err = tls_certificate_load(&build->config->certificates[i], build->problem,
                                            &context->certificates[i]);

        if (err)
            return err;
        context->certificate_count++;
    }
    return make_groups(build);
}

enum err tls_context_new(const struct tls_server_config *config,
                         const struct tls_context_shared *shared, struct problem *problem,
                         struct tls_context **out)
{
    struct tls_context *context;
    enum err err;

    if (config->certificate_count == 0)
        return problem_set(problem, ERR_INVALID, 0,
                           "no certificate is given; TLS needs at least one");
    if (config->ticket_rotate_ms == 0)
        return problem_set(problem, ERR_INVALID, 0,
                           "session ticket keys can't be replaced every 0 ms; give a time");
    context = alloc_zero(sizeof *context);
    atomic_init(&context->refs, 1);
    context->tickets = tls_ticket_ref(shared->tickets);
    if (config->record_layer)
        context->schedule = tls_schedule_ref(shared->schedule);
    context->record_layer = config->record_layer;
    context->kernel = config->kernel;
    context->wire = tls_transport_wire_new();
    context->pool = pool_new();
    if ((err = load(&(struct build){config, context, problem}))) {
        tls_context_unref(context);
        return err;
    }
    *out = context;
    return ERR_NONE;
}

struct tls_context *tls_context_ref(struct tls_context *context)
{
    atomic_fetch_add(&context->refs, 1);
    return context;
}

void tls_context_unref(struct tls_context *context)
{
    if (context == NULL || atomic_fetch_sub(&context->refs, 1) > 1)
        return;
    for (size_t i = 0; i < context->group_count; i++)
        SSL_CTX_free(context->groups[i].ssl_ctx);
    for (size_t i = 0; i < context->certificate_count; i++)
        tls_certificate_fini(&context->certificates[i]);
    free(context->groups);
    free(context->certificates);
    BIO_meth_free(context->wire);
    pool_free(context->pool);
    tls_ticket_unref(context->tickets);
    tls_schedule_unref(context->schedule);
    free(context);
}

int64_t tls_context_expiry(const struct tls_context *context)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < context->certificate_count; i++) {
        if (context->certificates[i].expires_s < first)
            first = context->certificates[i].expires_s;
    }
    return first;
}

static void on_free(void *ctx)
{
    tls_context_unref(ctx);
}

struct transport *tls_context_transport(struct tls_context *context, struct metric_set *metrics)
{
    SSL *ssl = SSL_new(context->groups[0].ssl_ctx);
    struct tls_transport_config config = {
        .ssl = ssl,
        .wire = context->wire,
        .schedule = context->schedule,
        .pool = context->pool,
        .metrics = metrics,
        .on_free = on_free,
        .ctx = context,
    };

    struct transport *transport;

    assert(ssl != NULL);
    SSL_set_accept_state(ssl);
    if (!context->record_layer)
        return tls_transport_new(&config);
    transport = tls_record_new(&config);
    if (context->kernel)
        tls_record_wants_kernel(transport);
    return transport;
}
