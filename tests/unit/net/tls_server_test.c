#include "net/tls_server.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "net/tls_transport.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HOUR_MS = 3600 * 1000 };

/* Three directories: the server's own names, and those of two other hosts. */
struct world {
    struct tls_files own;
    struct tls_files host;
    struct tls_files wild;
};

static const struct str own_names[] = {{"localhost", 9}, {"127.0.0.1", 9}};
static const struct str host_names[] = {{"one.example.org", 15}};
static const struct str wild_names[] = {{"*.example.org", 13}, {"192.0.2.7", 9}};

static int make_world(void **state)
{
    struct world *world = alloc_zero(sizeof *world);

    tls_files_make(&world->own, own_names, 2);
    tls_files_make(&world->host, host_names, 1);
    tls_files_make(&world->wild, wild_names, 2);
    *state = world;
    return 0;
}

static int remove_world(void **state)
{
    struct world *world = *state;

    tls_files_remove(&world->own);
    tls_files_remove(&world->host);
    tls_files_remove(&world->wild);
    free(world);
    return 0;
}

static struct tls_server *server_of(const struct tls_server_config *config)
{
    struct tls_server *server = NULL;
    struct problem problem;

    assert_int_equal(tls_server_open(config, &problem, &server), ERR_NONE);
    return server;
}

/* One whole handshake of `peer` with `server`; true when both sides came through. */
static bool shake_hands(struct tls_server *server, struct tls_peer *peer, struct tls_pair *pair)
{
    tls_pair_init(pair, tls_peer_transport(peer), tls_server_transport(server, NULL));
    tls_pair_pump(pair, 0);
    return tls_pair_is_open(pair);
}

static const SSL *ssl_of(const struct tls_pair *pair)
{
    return tls_transport_ssl(pair->client.transport);
}

static bool can_connect(struct tls_server *server, struct tls_peer *peer)
{
    struct tls_pair pair;
    bool is_open = shake_hands(server, peer, &pair);

    tls_pair_fini(&pair);
    return is_open;
}

static bool resumes(struct tls_server *server, struct tls_peer *peer)
{
    struct tls_pair pair;
    bool is_resumed;

    assert_true(shake_hands(server, peer, &pair));
    is_resumed = SSL_session_reused(ssl_of(&pair)) == 1;
    tls_pair_fini(&pair);
    return is_resumed;
}

static void ask_for(struct tls_peer *peer, const char *name)
{
    assert_true(str_copy(str_of(name), peer->sni, sizeof peer->sni));
}

/* Whether the certificate that the server shows to `peer` is for `name`. */
static bool shows_name(struct tls_server *server, struct tls_peer *peer, const char *name)
{
    struct tls_pair pair;
    X509 *shown;
    bool matches;

    assert_true(shake_hands(server, peer, &pair));
    shown = SSL_get0_peer_certificate(ssl_of(&pair));
    matches =
        X509_check_host(shown, name, 0, 0, NULL) == 1 || X509_check_ip_asc(shown, name, 0) == 1;
    tls_pair_fini(&pair);
    return matches;
}

static int shown_key_type(struct tls_server *server, struct tls_peer *peer)
{
    struct tls_pair pair;
    int type;

    assert_true(shake_hands(server, peer, &pair));
    type = EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(ssl_of(&pair))));
    tls_pair_fini(&pair);
    return type;
}

/* ---- choice of versions, ciphers and certificates ---- */

static void tls_1_2_and_1_3_are_spoken(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);

    for (size_t i = 0; i < 2; i++) {
        struct tls_peer peer;
        struct tls_pair pair;

        tls_peer_init(&peer);
        SSL_CTX_set_max_proto_version(peer.ssl_ctx, versions[i]);
        assert_true(shake_hands(server, &peer, &pair));
        assert_int_equal(SSL_version(ssl_of(&pair)), versions[i]);
        tls_pair_fini(&pair);
        tls_peer_fini(&peer);
    }
    tls_server_close(server);
}

static void tls_peer_init_old(struct tls_peer *peer, int version)
{
    tls_peer_init(peer);
    SSL_CTX_set_min_proto_version(peer->ssl_ctx, version);
    SSL_CTX_set_max_proto_version(peer->ssl_ctx, version);
    SSL_CTX_set_cipher_list(peer->ssl_ctx, "ALL:@SECLEVEL=0");
}

static void old_versions_are_refused_unless_asked_for(void **state)
{
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *modern = server_of(&config);
    struct tls_server *old;

    config.old_tls = true;
    old = server_of(&config);
    for (size_t i = 0; i < 2; i++) {
        struct tls_peer peer;

        tls_peer_init_old(&peer, versions[i]);
        assert_false(can_connect(modern, &peer));
        assert_true(can_connect(old, &peer));
        tls_peer_fini(&peer);
    }
    tls_server_close(modern);
    tls_server_close(old);
}

static void each_cipher_of_old_firmware_is_refused_unless_asked_for(void **state)
{
    static const char *const ciphers[] = {"AES256-SHA256", "AES128-SHA256", "AES256-SHA",
                                          "AES128-SHA"};
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *modern = server_of(&config);
    struct tls_server *old;

    config.old_tls = true;
    old = server_of(&config);
    for (size_t i = 0; i < 4; i++) {
        struct tls_peer peer;

        tls_peer_init_old(&peer, TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(peer.ssl_ctx, ciphers[i]);
        assert_false(can_connect(modern, &peer));
        assert_true(can_connect(old, &peer));
        tls_peer_fini(&peer);
    }
    tls_server_close(modern);
    tls_server_close(old);
}

static void old_tls_serves_modern_clients_too(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server;
    struct tls_pair pair;
    struct tls_peer peer;

    config.old_tls = true;
    server = server_of(&config);
    tls_peer_init(&peer);
    assert_true(shake_hands(server, &peer, &pair));
    assert_int_equal(SSL_version(ssl_of(&pair)), TLS1_3_VERSION);
    tls_pair_fini(&pair);
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void a_modern_client_gets_ecdsa_and_one_that_knows_only_rsa_gets_rsa(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);

    for (size_t i = 0; i < 2; i++) {
        struct tls_peer peer;

        tls_peer_init(&peer);
        SSL_CTX_set_max_proto_version(peer.ssl_ctx, versions[i]);
        assert_int_equal(shown_key_type(server, &peer), EVP_PKEY_EC);
        SSL_CTX_set1_sigalgs_list(peer.ssl_ctx, "rsa_pss_rsae_sha256:RSA+SHA256");
        SSL_SESSION_free(peer.session);
        peer.session = NULL;
        assert_int_equal(shown_key_type(server, &peer), EVP_PKEY_RSA);
        tls_peer_fini(&peer);
    }
    tls_server_close(server);
}

/* All certificates of the world, ECDSA of each name first: own, host, wild. */
static void all_certificates(const struct world *world, struct tls_certificate_files out[6])
{
    const struct tls_files *files[] = {&world->own, &world->host, &world->wild};

    for (size_t i = 0; i < 3; i++) {
        out[2 * i] = files[i]->both[0];
        out[2 * i + 1] = files[i]->both[1];
    }
}

static void the_certificate_follows_the_name_that_is_asked_for(void **state)
{
    static const struct {
        const char *sni;
        const char *shown;
    } rows[] = {
        {"", "localhost"},
        {"localhost", "127.0.0.1"},
        {"one.example.org", "one.example.org"},
        {"ONE.Example.Org", "one.example.org"},
        {"two.example.org", "192.0.2.7"}, /* by the wildcard; its certificate has this IP too */
        {"192.0.2.7", "two.example.org"}, /* firmware that sends an IP as its SNI */
        {"a.two.example.org", "localhost"},
        {"example.org", "localhost"},
        {"unknown.test", "localhost"},
    };
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_certificate_files certificates[6];
    struct tls_server *server;

    all_certificates(world, certificates);
    config.certificates = certificates;
    config.certificate_count = 6;
    server = server_of(&config);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_peer peer;

        tls_peer_init(&peer);
        ask_for(&peer, rows[i].sni);
        assert_true(shows_name(server, &peer, rows[i].shown));
        tls_peer_fini(&peer);
    }
    tls_server_close(server);
}

/* The wildcard's own certificate comes first, and still the exact one is chosen. */
static void an_exact_name_goes_before_a_wildcard(void **state)
{
    struct world *world = *state;
    struct tls_certificate_files certificates[] = {world->wild.both[0], world->host.both[0]};
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server;
    struct tls_peer peer;

    config.certificates = certificates;
    server = server_of(&config);
    tls_peer_init(&peer);
    ask_for(&peer, "one.example.org");
    assert_false(shows_name(server, &peer, "192.0.2.7"));
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void an_rsa_client_is_served_by_name_where_ecdsa_leads(void **state)
{
    struct world *world = *state;
    struct tls_certificate_files certificates[6];
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server;
    struct tls_peer peer;

    all_certificates(world, certificates);
    config.certificates = certificates;
    config.certificate_count = 6;
    server = server_of(&config);
    tls_peer_init(&peer);
    ask_for(&peer, "one.example.org");
    SSL_CTX_set1_sigalgs_list(peer.ssl_ctx, "rsa_pss_rsae_sha256:RSA+SHA256");
    assert_true(shows_name(server, &peer, "one.example.org"));
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void http_1_1_is_chosen_from_what_alpn_offers(void **state)
{
    static const struct {
        const char *offer;
        const char *chosen;
    } rows[] = {
        {"\x02h2\x08http/1.1", "http/1.1"},
        {"\x08http/1.1", "http/1.1"},
        {"\x02h2", ""}, /* not refused: goes on without */
        {"", ""},
    };
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str offer = str_of(rows[i].offer);
        struct tls_peer peer;
        struct tls_pair pair;
        const unsigned char *chosen;
        unsigned len;

        tls_peer_init(&peer);
        SSL_CTX_set_alpn_protos(peer.ssl_ctx, (const unsigned char *)offer.ptr,
                                (unsigned)offer.len);
        assert_true(shake_hands(server, &peer, &pair));
        SSL_get0_alpn_selected(ssl_of(&pair), &chosen, &len);
        assert_true(str_eq((struct str){(const char *)chosen, len}, str_of(rows[i].chosen)));
        tls_pair_fini(&pair);
        tls_peer_fini(&peer);
    }
    tls_server_close(server);
}

/* ---- resumption ---- */

static void a_ticket_resumes_in_both_versions(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);

    for (size_t i = 0; i < 2; i++) {
        struct tls_peer peer;

        tls_peer_init(&peer);
        SSL_CTX_set_max_proto_version(peer.ssl_ctx, versions[i]);
        assert_false(resumes(server, &peer));
        assert_int_equal(peer.tickets, 1);
        assert_true(resumes(server, &peer));
        assert_true(resumes(server, &peer));
        tls_peer_fini(&peer);
    }
    tls_server_close(server);
}

/* RFC 8446 appendix C.4: a client uses a ticket once, so each connection must bring the next. */
static void each_tls_1_3_connection_brings_one_ticket(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);
    struct tls_peer peer;

    tls_peer_init(&peer);
    for (size_t i = 1; i <= 3; i++) {
        assert_true(can_connect(server, &peer));
        assert_int_equal(peer.tickets, i);
    }
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void a_ticket_opens_for_as_long_again_as_its_key_seals(void **state)
{
    static const struct {
        uint64_t after_ms;
        bool opens;
    } rows[] = {
        {0, true},
        {HOUR_MS - 1, true},
        {HOUR_MS, true},
        {2 * HOUR_MS - 1, true},
        {2 * HOUR_MS, false},
        {9 * (uint64_t)HOUR_MS, false},
    };
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_server *server = server_of(&config);
        struct tls_peer peer;

        tls_peer_init(&peer);
        SSL_CTX_set_max_proto_version(peer.ssl_ctx, TLS1_2_VERSION);
        tls_server_rotate(server, 5);
        assert_true(can_connect(server, &peer));
        tls_server_rotate(server, 5 + rows[i].after_ms);
        assert_int_equal(resumes(server, &peer), rows[i].opens);
        tls_peer_fini(&peer);
        tls_server_close(server);
    }
}

/* Rotated every minute as in life, a ticket sealed in the key's first hour lives through the next.
 */
static void many_small_rotations_make_no_more_keys(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);
    struct tls_peer peer;
    uint64_t now_ms = 0;

    tls_peer_init(&peer);
    SSL_CTX_set_max_proto_version(peer.ssl_ctx, TLS1_2_VERSION);
    tls_server_rotate(server, now_ms);
    assert_true(can_connect(server, &peer));
    for (; now_ms < 2 * HOUR_MS - 60000; now_ms += 60000)
        tls_server_rotate(server, now_ms);
    assert_true(resumes(server, &peer));
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static bool is_same_ticket(const SSL_SESSION *a, const SSL_SESSION *b)
{
    const unsigned char *a_ticket;
    const unsigned char *b_ticket;
    size_t a_len;
    size_t b_len;

    SSL_SESSION_get0_ticket(a, &a_ticket, &a_len);
    SSL_SESSION_get0_ticket(b, &b_ticket, &b_len);
    return a_len == b_len && memcmp(a_ticket, b_ticket, a_len) == 0;
}

/* Resumes; true when a ticket came for the one that was used, which the peer offers from then on.
 */
static bool renews(struct tls_server *server, struct tls_peer *peer)
{
    struct tls_pair pair;
    SSL_SESSION *now;
    bool is_renewed;

    assert_true(shake_hands(server, peer, &pair));
    assert_int_equal(SSL_session_reused(ssl_of(&pair)), 1);
    now = SSL_get_session(ssl_of(&pair));
    is_renewed = !is_same_ticket(now, peer->session);
    SSL_SESSION_up_ref(now);
    SSL_SESSION_free(peer->session);
    peer->session = now;
    tls_pair_fini(&pair);
    return is_renewed;
}

static void a_ticket_of_the_previous_key_is_renewed(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);
    struct tls_peer peer;

    tls_peer_init(&peer);
    SSL_CTX_set_max_proto_version(peer.ssl_ctx, TLS1_2_VERSION);
    tls_server_rotate(server, 0);
    assert_true(can_connect(server, &peer));
    assert_false(renews(server, &peer)); /* the current key's */
    tls_server_rotate(server, HOUR_MS);
    assert_true(renews(server, &peer));
    tls_server_rotate(server, 2 * HOUR_MS);
    assert_true(renews(server, &peer));
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void a_ticket_of_another_server_means_a_full_handshake(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *one = server_of(&config);
    struct tls_server *other = server_of(&config);
    struct tls_peer peer;

    tls_peer_init(&peer);
    assert_true(can_connect(one, &peer));
    assert_false(resumes(other, &peer));
    tls_peer_fini(&peer);
    tls_server_close(one);
    tls_server_close(other);
}

/* What one worker thread does: many connections, each resuming what another may have begun. */
struct worker {
    struct tls_server *server;
    struct tls_peer peer;
    size_t resumed;
};

enum { WORKER_ROUNDS = 30 };

static void *run_worker(void *arg)
{
    struct worker *worker = arg;

    for (int i = 0; i < WORKER_ROUNDS; i++)
        worker->resumed += resumes(worker->server, &worker->peer);
    return NULL;
}

static void a_session_begun_with_one_worker_resumes_with_another(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);
    struct worker workers[2];
    pthread_t threads[2];
    struct tls_peer first;

    tls_peer_init(&first);
    assert_true(can_connect(server, &first));
    for (size_t i = 0; i < 2; i++) {
        workers[i] = (struct worker){.server = server};
        tls_peer_init(&workers[i].peer);
        /* OpenSSL marks a session as used up once its successor has come: not one for both. */
        workers[i].peer.session = SSL_SESSION_dup(first.session);
        SSL_CTX_set_app_data(workers[i].peer.ssl_ctx, &workers[i].peer);
        assert_int_equal(pthread_create(&threads[i], NULL, run_worker, &workers[i]), 0);
    }
    /* Reloads and rotations go on meanwhile, as on the main thread. */
    for (uint64_t i = 0; i < 10; i++) {
        assert_int_equal(tls_server_reload(server, &config, NULL), ERR_NONE);
        tls_server_rotate(server, i * 1000);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].resumed, WORKER_ROUNDS);
        tls_peer_fini(&workers[i].peer);
    }
    tls_peer_fini(&first);
    tls_server_close(server);
}

/* ---- reload, problems, expiry ---- */

static void a_reload_changes_new_connections_and_leaves_links_alone(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server_config next = tls_files_config(&world->host);
    struct tls_server *server = server_of(&config);
    struct tls_peer peer;
    struct tls_peer late;
    struct tls_pair pair;

    tls_peer_init(&peer);
    tls_peer_init(&late);
    assert_true(shake_hands(server, &peer, &pair));
    assert_int_equal(tls_server_reload(server, &next, NULL), ERR_NONE);
    assert_true(shows_name(server, &late, "one.example.org"));
    assert_true(resumes(server, &peer)); /* the ticket keys stay */

    tls_server_close(server); /* the link needs nothing of it */
    tls_pair_write(&pair.server, STR("still here"));
    tls_pair_pump(&pair, 0);
    assert_true(str_eq(buf_str(&pair.client.plain), STR("still here")));
    tls_pair_fini(&pair);
    tls_peer_fini(&peer);
    tls_peer_fini(&late);
}

static void a_failed_reload_keeps_the_old_certificates(void **state)
{
    struct world *world = *state;
    struct tls_certificate_files missing = {"/nonexistent/server.pem", "/nonexistent/server.key"};
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);
    struct problem problem;
    struct tls_peer peer;

    config.certificates = &missing;
    config.certificate_count = 1;
    assert_int_equal(tls_server_reload(server, &config, &problem), ERR_IO);
    assert_non_null(strstr(problem.text, "/nonexistent/server.pem"));
    tls_peer_init(&peer);
    assert_true(shows_name(server, &peer, "localhost"));
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void write_file(const char *path, const char *text, size_t len)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

static size_t read_file(const char *path, char *out, size_t cap)
{
    FILE *file = fopen(path, "re");
    size_t len;

    assert_non_null(file);
    len = fread(out, 1, cap, file);
    fclose(file);
    return len;
}

static void path_in(const struct tls_files *files, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", files->directory, name);
}

/* Opening fails with `err`, and the text says `words`. */
static void expect_problem(const char *chain, const char *key, enum err err, const char *words)
{
    struct tls_certificate_files files = {chain, key};
    struct tls_server_config config = {&files, 1, false, HOUR_MS};
    struct tls_server *server = NULL;
    struct problem problem = {0};

    assert_int_equal(tls_server_open(&config, &problem, &server), err);
    assert_null(server);
    assert_int_equal(problem.err, err);
    if (strstr(problem.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", problem.text, words);
}

static void files_that_cannot_be_used_are_told_with_name_and_remedy(void **state)
{
    struct world *world = *state;
    const struct tls_files *own = &world->own;
    const char *chain = own->both[0].chain;
    const char *key = own->both[0].key;
    char scrap[128];
    char text[8192];
    size_t len = read_file(chain, text, sizeof text);

    path_in(own, "scrap", scrap);
    expect_problem("/nonexistent.pem", key, ERR_IO, "/nonexistent.pem: No such file");
    expect_problem(chain, "/nonexistent.key", ERR_IO, "key /nonexistent.key: No such file");
    expect_problem(chain, own->both[1].key, ERR_INVALID, "does not belong to the certificate");
    expect_problem(key, key, ERR_INVALID, "holds no certificate");
    expect_problem(chain, chain, ERR_INVALID, "holds no private key");

    write_file(scrap, text, len / 2);
    expect_problem(scrap, key, ERR_INVALID, "certificate");
    text[len / 2] = '!';
    write_file(scrap, text, len);
    expect_problem(scrap, key, ERR_INVALID, "certificate is damaged");
    write_file(scrap, "", 0);
    expect_problem(scrap, key, ERR_INVALID, "holds no certificate");

    len = read_file(key, text, sizeof text);
    text[len / 2] = '!';
    write_file(scrap, text, len);
    expect_problem(chain, scrap, ERR_INVALID, "holds no private key, or a damaged one");
    unlink(scrap);
}

static void a_damaged_intermediate_is_told_by_its_number(void **state)
{
    struct world *world = *state;
    char scrap[128];
    char text[8192];
    size_t len = read_file(world->own.both[0].chain, text, sizeof text);
    size_t second;

    path_in(&world->own, "scrap", scrap);
    second = read_file(world->own.ca, text + len, sizeof text - len);
    text[len + second / 2] = '!';
    write_file(scrap, text, len + second);
    expect_problem(scrap, world->own.both[0].key, ERR_INVALID, "certificate number 2 is damaged");
    unlink(scrap);
}

static void an_encrypted_key_is_told_with_the_command_that_helps(void **state)
{
    struct world *world = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    char scrap[128];
    FILE *file;

    path_in(&world->own, "scrap", scrap);
    file = fopen(scrap, "we");
    assert_non_null(file);
    assert_int_equal(
        PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1);
    fclose(file);
    EVP_PKEY_free(key);
    expect_problem(world->own.both[0].chain, scrap, ERR_INVALID, "is encrypted; write it without");
    unlink(scrap);
}

static void two_certificates_that_nothing_tells_apart_are_refused(void **state)
{
    struct world *world = *state;
    struct tls_certificate_files twins[] = {world->own.both[0], world->own.both[0]};
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = NULL;
    struct problem problem;

    config.certificates = twins;
    assert_int_equal(tls_server_open(&config, &problem, &server), ERR_INVALID);
    assert_non_null(strstr(problem.text, "leave one out"));
}

static void a_configuration_without_certificate_or_rotation_is_refused(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = NULL;
    struct problem problem;

    config.certificate_count = 0;
    assert_int_equal(tls_server_open(&config, &problem, &server), ERR_INVALID);
    config = tls_files_config(&world->own);
    config.ticket_rotate_ms = 0;
    assert_int_equal(tls_server_open(&config, &problem, &server), ERR_INVALID);
    assert_null(server);
}

static void the_expiry_is_that_of_the_loaded_certificates(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = server_of(&config);
    FILE *file = fopen(world->own.both[0].chain, "re");
    X509 *leaf = PEM_read_X509(file, NULL, NULL, NULL);
    struct tm tm;

    fclose(file);
    assert_int_equal(ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &tm), 1);
    /* ECDSA is made before RSA, so its is the earlier end or the same. */
    assert_int_equal(tls_server_expiry(server), timegm(&tm));
    X509_free(leaf);
    tls_server_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_1_2_and_1_3_are_spoken),
        cmocka_unit_test(old_versions_are_refused_unless_asked_for),
        cmocka_unit_test(each_cipher_of_old_firmware_is_refused_unless_asked_for),
        cmocka_unit_test(old_tls_serves_modern_clients_too),
        cmocka_unit_test(a_modern_client_gets_ecdsa_and_one_that_knows_only_rsa_gets_rsa),
        cmocka_unit_test(the_certificate_follows_the_name_that_is_asked_for),
        cmocka_unit_test(an_exact_name_goes_before_a_wildcard),
        cmocka_unit_test(an_rsa_client_is_served_by_name_where_ecdsa_leads),
        cmocka_unit_test(http_1_1_is_chosen_from_what_alpn_offers),
        cmocka_unit_test(a_ticket_resumes_in_both_versions),
        cmocka_unit_test(each_tls_1_3_connection_brings_one_ticket),
        cmocka_unit_test(a_ticket_opens_for_as_long_again_as_its_key_seals),
        cmocka_unit_test(many_small_rotations_make_no_more_keys),
        cmocka_unit_test(a_ticket_of_the_previous_key_is_renewed),
        cmocka_unit_test(a_ticket_of_another_server_means_a_full_handshake),
        cmocka_unit_test(a_session_begun_with_one_worker_resumes_with_another),
        cmocka_unit_test(a_reload_changes_new_connections_and_leaves_links_alone),
        cmocka_unit_test(a_failed_reload_keeps_the_old_certificates),
        cmocka_unit_test(files_that_cannot_be_used_are_told_with_name_and_remedy),
        cmocka_unit_test(a_damaged_intermediate_is_told_by_its_number),
        cmocka_unit_test(an_encrypted_key_is_told_with_the_command_that_helps),
        cmocka_unit_test(two_certificates_that_nothing_tells_apart_are_refused),
        cmocka_unit_test(a_configuration_without_certificate_or_rotation_is_refused),
        cmocka_unit_test(the_expiry_is_that_of_the_loaded_certificates),
    };

    return cmocka_run_group_tests(tests, make_world, remove_world);
}
