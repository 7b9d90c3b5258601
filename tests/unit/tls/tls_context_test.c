#include "tls/tls_context.h"

#include "base/alloc.h"
#include "tls/tls_server.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

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

static int shown_key_type(struct tls_server *server, struct tls_peer *peer)
{
    struct tls_pair pair;
    int type;

    assert_true(tls_peer_shake_hands(server, peer, &pair));
    type = EVP_PKEY_get_base_id(
        X509_get0_pubkey(SSL_get0_peer_certificate(tls_pair_client_ssl(&pair))));
    tls_pair_fini(&pair);
    return type;
}

static void tls_1_2_and_1_3_are_spoken(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = tls_files_server(&config);

    for (size_t i = 0; i < 2; i++) {
        struct tls_peer peer;
        struct tls_pair pair;

        tls_peer_init(&peer);
        SSL_CTX_set_max_proto_version(peer.ssl_ctx, versions[i]);
        assert_true(tls_peer_shake_hands(server, &peer, &pair));
        assert_int_equal(SSL_version(tls_pair_client_ssl(&pair)), versions[i]);
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
    struct tls_server *modern = tls_files_server(&config);
    struct tls_server *old;

    config.old_tls = true;
    old = tls_files_server(&config);
    for (size_t i = 0; i < 2; i++) {
        struct tls_peer peer;

        tls_peer_init_old(&peer, versions[i]);
        assert_false(tls_peer_can_connect(modern, &peer));
        assert_true(tls_peer_can_connect(old, &peer));
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
    struct tls_server *modern = tls_files_server(&config);
    struct tls_server *old;

    config.old_tls = true;
    old = tls_files_server(&config);
    for (size_t i = 0; i < 4; i++) {
        struct tls_peer peer;

        tls_peer_init_old(&peer, TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(peer.ssl_ctx, ciphers[i]);
        assert_false(tls_peer_can_connect(modern, &peer));
        assert_true(tls_peer_can_connect(old, &peer));
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
    server = tls_files_server(&config);
    tls_peer_init(&peer);
    assert_true(tls_peer_shake_hands(server, &peer, &pair));
    assert_int_equal(SSL_version(tls_pair_client_ssl(&pair)), TLS1_3_VERSION);
    tls_pair_fini(&pair);
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void a_modern_client_gets_ecdsa_and_one_that_knows_only_rsa_gets_rsa(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = tls_files_server(&config);

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
    server = tls_files_server(&config);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_peer peer;

        tls_peer_init(&peer);
        tls_peer_ask_for(&peer, rows[i].sni);
        assert_true(tls_peer_is_shown(server, &peer, rows[i].shown));
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
    server = tls_files_server(&config);
    tls_peer_init(&peer);
    tls_peer_ask_for(&peer, "one.example.org");
    assert_false(tls_peer_is_shown(server, &peer, "192.0.2.7"));
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
    server = tls_files_server(&config);
    tls_peer_init(&peer);
    tls_peer_ask_for(&peer, "one.example.org");
    SSL_CTX_set1_sigalgs_list(peer.ssl_ctx, "rsa_pss_rsae_sha256:RSA+SHA256");
    assert_true(tls_peer_is_shown(server, &peer, "one.example.org"));
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
    struct tls_server *server = tls_files_server(&config);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str offer = str_of(rows[i].offer);
        struct tls_peer peer;
        struct tls_pair pair;
        const unsigned char *chosen;
        unsigned len;

        tls_peer_init(&peer);
        SSL_CTX_set_alpn_protos(peer.ssl_ctx, (const unsigned char *)offer.ptr,
                                (unsigned)offer.len);
        assert_true(tls_peer_shake_hands(server, &peer, &pair));
        SSL_get0_alpn_selected(tls_pair_client_ssl(&pair), &chosen, &len);
        assert_true(str_eq((struct str){(const char *)chosen, len}, str_of(rows[i].chosen)));
        tls_pair_fini(&pair);
        tls_peer_fini(&peer);
    }
    tls_server_close(server);
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

/* There is none of ours to be had. */
static void without_a_record_layer_the_key_schedule_is_openssl_s(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    const struct tls_context_shared shared = {.tickets = tls_ticket_new(), .schedule = NULL};
    struct metric_set *metrics = metric_set_new();
    struct tls_context *context;
    struct tls_peer peer;
    struct tls_pair pair;

    config.record_layer = false;
    assert_int_equal(tls_context_new(&config, &shared, NULL, &context), ERR_NONE);
    tls_peer_init(&peer);
    SSL_CTX_set_min_proto_version(peer.ssl_ctx, TLS1_3_VERSION);
    tls_pair_init(&pair, tls_peer_transport(&peer), tls_context_transport(context, metrics));
    tls_pair_pump(&pair, 0);
    assert_true(tls_pair_is_open(&pair));
    tls_pair_fini(&pair);
    tls_peer_fini(&peer);
    metric_set_free(metrics);
    tls_ticket_unref(shared.tickets);
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
        cmocka_unit_test(two_certificates_that_nothing_tells_apart_are_refused),
        cmocka_unit_test(a_configuration_without_certificate_or_rotation_is_refused),
        cmocka_unit_test(without_a_record_layer_the_key_schedule_is_openssl_s),
    };

    return cmocka_run_group_tests(tests, make_world, remove_world);
}
