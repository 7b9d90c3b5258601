#include "tls/tls_server.h"

#include "base/alloc.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Two directories: the server's own names, and those of another host. */
struct world {
    struct tls_files own;
    struct tls_files host;
};

static const struct str own_names[] = {{"localhost", 9}, {"127.0.0.1", 9}};
static const struct str host_names[] = {{"one.example.org", 15}};

static int make_world(void **state)
{
    struct world *world = alloc_zero(sizeof *world);

    tls_files_make(&world->own, own_names, 2);
    tls_files_make(&world->host, host_names, 1);
    *state = world;
    return 0;
}

static int remove_world(void **state)
{
    struct world *world = *state;

    tls_files_remove(&world->own);
    tls_files_remove(&world->host);
    free(world);
    return 0;
}

static void a_reload_changes_new_connections_and_leaves_links_alone(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server_config next = tls_files_config(&world->host);
    struct tls_server *server = tls_files_server(&config);
    struct tls_peer peer;
    struct tls_peer late;
    struct tls_pair pair;

    tls_peer_init(&peer);
    tls_peer_init(&late);
    assert_true(tls_peer_shake_hands(server, &peer, &pair));
    assert_int_equal(tls_server_reload(server, &next, NULL), ERR_NONE);
    assert_true(tls_peer_is_shown(server, &late, "one.example.org"));
    assert_true(tls_peer_resumes(server, &peer)); /* the ticket keys stay */

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
    struct tls_server *server = tls_files_server(&config);
    struct problem problem;
    struct tls_peer peer;

    config.certificates = &missing;
    config.certificate_count = 1;
    assert_int_equal(tls_server_reload(server, &config, &problem), ERR_IO);
    assert_non_null(strstr(problem.text, "/nonexistent/server.pem"));
    tls_peer_init(&peer);
    assert_true(tls_peer_is_shown(server, &peer, "localhost"));
    tls_peer_fini(&peer);
    tls_server_close(server);
}

static void the_expiry_is_that_of_the_loaded_certificates(void **state)
{
    struct world *world = *state;
    struct tls_server_config config = tls_files_config(&world->own);
    struct tls_server *server = tls_files_server(&config);
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
        cmocka_unit_test(a_reload_changes_new_connections_and_leaves_links_alone),
        cmocka_unit_test(a_failed_reload_keeps_the_old_certificates),
        cmocka_unit_test(the_expiry_is_that_of_the_loaded_certificates),
    };

    return cmocka_run_group_tests(tests, make_world, remove_world);
}
