#include "tls/tls_ticket.h"

#include "tls/tls_server.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000 };

static void a_ticket_resumes_in_both_versions(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct tls_files *files = *state;
    struct tls_server_config config = tls_files_config(files);
    struct tls_server *server = tls_files_server(&config);

    for (size_t i = 0; i < 2; i++) {
        struct tls_peer peer;

        tls_peer_init(&peer);
        SSL_CTX_set_max_proto_version(peer.ssl_ctx, versions[i]);
        assert_false(tls_peer_resumes(server, &peer));
        assert_int_equal(peer.tickets, 1);
        assert_true(tls_peer_resumes(server, &peer));
        assert_true(tls_peer_resumes(server, &peer));
        tls_peer_fini(&peer);
    }
    tls_server_close(server);
}

/* RFC 8446 appendix C.4: a client uses a ticket once, so each connection must bring the next. */
static void each_tls_1_3_connection_brings_one_ticket(void **state)
{
    struct tls_files *files = *state;
    struct tls_server_config config = tls_files_config(files);
    struct tls_server *server = tls_files_server(&config);
    struct tls_peer peer;

    tls_peer_init(&peer);
    for (size_t i = 1; i <= 3; i++) {
        assert_true(tls_peer_can_connect(server, &peer));
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
    struct tls_files *files = *state;
    struct tls_server_config config = tls_files_config(files);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_server *server = tls_files_server(&config);
        struct tls_peer peer;

        tls_peer_init(&peer);
        SSL_CTX_set_max_proto_version(peer.ssl_ctx, TLS1_2_VERSION);
        tls_server_rotate(server, 5);
        assert_true(tls_peer_can_connect(server, &peer));
        tls_server_rotate(server, 5 + rows[i].after_ms);
        assert_int_equal(tls_peer_resumes(server, &peer), rows[i].opens);
        tls_peer_fini(&peer);
        tls_server_close(server);
    }
}

/* Rotated every minute as in life, a ticket sealed in the key's first hour lives through the next.
 */
static void many_small_rotations_make_no_more_keys(void **state)
{
    struct tls_files *files = *state;
    struct tls_server_config config = tls_files_config(files);
    struct tls_server *server = tls_files_server(&config);
    struct tls_peer peer;
    uint64_t now_ms = 0;

    tls_peer_init(&peer);
    SSL_CTX_set_max_proto_version(peer.ssl_ctx, TLS1_2_VERSION);
    tls_server_rotate(server, now_ms);
    assert_true(tls_peer_can_connect(server, &peer));
    for (; now_ms < 2 * HOUR_MS - 60000; now_ms += 60000)
        tls_server_rotate(server, now_ms);
    assert_true(tls_peer_resumes(server, &peer));
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

    assert_true(tls_peer_shake_hands(server, peer, &pair));
    assert_int_equal(SSL_session_reused(tls_pair_client_ssl(&pair)), 1);
    now = SSL_get_session(tls_pair_client_ssl(&pair));
    is_renewed = !is_same_ticket(now, peer->session);
    SSL_SESSION_up_ref(now);
    SSL_SESSION_free(peer->session);
    peer->session = now;
    tls_pair_fini(&pair);
    return is_renewed;
}

static void a_ticket_of_the_previous_key_is_renewed(void **state)
{
    struct tls_files *files = *state;
    struct tls_server_config config = tls_files_config(files);
    struct tls_server *server = tls_files_server(&config);
    struct tls_peer peer;

    tls_peer_init(&peer);
    SSL_CTX_set_max_proto_version(peer.ssl_ctx, TLS1_2_VERSION);
    tls_server_rotate(server, 0);
    assert_true(tls_peer_can_connect(server, &peer));
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
    struct tls_files *files = *state;
    struct tls_server_config config = tls_files_config(files);
    struct tls_server *one = tls_files_server(&config);
    struct tls_server *other = tls_files_server(&config);
    struct tls_peer peer;

    tls_peer_init(&peer);
    assert_true(tls_peer_can_connect(one, &peer));
    assert_false(tls_peer_resumes(other, &peer));
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
        worker->resumed += tls_peer_resumes(worker->server, &worker->peer);
    return NULL;
}

static void a_session_begun_with_one_worker_resumes_with_another(void **state)
{
    struct tls_files *files = *state;
    struct tls_server_config config = tls_files_config(files);
    struct tls_server *server = tls_files_server(&config);
    struct worker workers[2];
    pthread_t threads[2];
    struct tls_peer first;

    tls_peer_init(&first);
    assert_true(tls_peer_can_connect(server, &first));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_resumes_in_both_versions),
        cmocka_unit_test(each_tls_1_3_connection_brings_one_ticket),
        cmocka_unit_test(a_ticket_opens_for_as_long_again_as_its_key_seals),
        cmocka_unit_test(many_small_rotations_make_no_more_keys),
        cmocka_unit_test(a_ticket_of_the_previous_key_is_renewed),
        cmocka_unit_test(a_ticket_of_another_server_means_a_full_handshake),
        cmocka_unit_test(a_session_begun_with_one_worker_resumes_with_another),
    };

    return cmocka_run_group_tests(tests, tls_files_set_up, tls_files_tear_down);
}
