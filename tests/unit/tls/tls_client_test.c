#include "tls/tls_client.h"

#include "base/alloc.h"
#include "tls/tls_record.h"
#include "tls/tls_server.h"
#include "tls/tls_transport.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static const struct str own_names[] = {
    {"localhost", 9}, {"*.example.org", 13}, {"127.0.0.1", 9}, {"::1", 3}};

/* A server, another CA, and a client that trusts the server's. */
struct world {
    struct tls_files files;
    struct tls_files foreign;
    struct tls_server *server;
    struct tls_client *client;
};

static struct tls_client *client_of(const char *ca_file, bool verify)
{
    struct tls_client *client = NULL;

    assert_int_equal(tls_client_open(ca_file, verify, NULL, &client), ERR_NONE);
    return client;
}

static int make_world(void **state)
{
    struct world *world = alloc_zero(sizeof *world);
    struct tls_server_config config;

    tls_files_make(&world->files, own_names, 4);
    tls_files_make(&world->foreign, own_names, 4);
    config = tls_files_config(&world->files);
    *state = world;
    return (int)tls_server_open(&config, NULL, &world->server);
}

static int remove_world(void **state)
{
    struct world *world = *state;

    tls_server_close(world->server);
    tls_files_remove(&world->files);
    tls_files_remove(&world->foreign);
    free(world);
    return 0;
}

static int open_client(void **state)
{
    struct world *world = *state;

    world->client = client_of(world->files.ca, true);
    return 0;
}

static int close_client(void **state)
{
    tls_client_close(((struct world *)*state)->client);
    return 0;
}

static void connect_to(struct world *world, const char *name, bool resume, struct tls_pair *pair)
{
    tls_pair_init(pair, tls_client_transport(world->client, name, resume),
                  tls_server_transport(world->server, NULL));
    tls_pair_pump(pair, 0);
}

/* Connects and closes; true when it came through by resumption. */
static bool is_resumed(struct world *world, const char *name, bool resume)
{
    struct tls_pair pair;
    bool was_resumed;

    connect_to(world, name, resume, &pair);
    assert_true(tls_pair_is_open(&pair));
    was_resumed = tls_client_was_resumed(pair.client.transport);
    tls_pair_fini(&pair);
    return was_resumed;
}

static void a_server_is_verified_by_name_and_by_address(void **state)
{
    static const char *const names[] = {"localhost", "any.example.org", "127.0.0.1", "::1"};

    for (size_t i = 0; i < 4; i++)
        assert_false(is_resumed(*state, names[i], true));
}

static void another_name_or_address_is_refused_and_told_why(void **state)
{
    static const struct {
        const char *name;
        const char *why;
    } rows[] = {
        {"localhost.test", "hostname mismatch"},  {"example.org", "hostname mismatch"},
        {"a.b.example.org", "hostname mismatch"}, {"127.0.0.2", "IP address mismatch"},
        {"::2", "IP address mismatch"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_pair pair;

        connect_to(*state, rows[i].name, true, &pair);
        assert_int_equal(pair.client.status, TRANSPORT_FAILED);
        assert_false(pair.client.established);
        assert_string_equal(tls_client_refusal(pair.client.transport), rows[i].why);
        assert_int_equal(pair.server.status, TRANSPORT_FAILED); /* by the client's alert */
        tls_pair_fini(&pair);
    }
}

static void a_server_below_a_foreign_ca_is_refused(void **state)
{
    struct world *world = *state;
    struct world foreign = {.server = world->server, .client = client_of(world->foreign.ca, true)};
    struct tls_pair pair;

    connect_to(&foreign, "localhost", true, &pair);
    assert_int_equal(pair.client.status, TRANSPORT_FAILED);
    assert_non_null(tls_client_refusal(pair.client.transport));
    tls_pair_fini(&pair);
    tls_client_close(foreign.client);
}

static void a_client_that_is_told_so_verifies_nothing(void **state)
{
    struct world *world = *state;
    struct world careless = {.server = world->server, .client = client_of(NULL, false)};

    assert_false(is_resumed(&careless, "nobody.test", true));
    tls_client_close(careless.client);
}

static void sni_is_sent_for_names_and_not_for_addresses(void **state)
{
    struct tls_pair pair;

    connect_to(*state, "localhost", true, &pair);
    assert_string_equal(
        SSL_get_servername(tls_transport_ssl(pair.server.transport), TLSEXT_NAMETYPE_host_name),
        "localhost");
    tls_pair_fini(&pair);
    connect_to(*state, "127.0.0.1", true, &pair);
    assert_null(
        SSL_get_servername(tls_transport_ssl(pair.server.transport), TLSEXT_NAMETYPE_host_name));
    tls_pair_fini(&pair);
}

static void http_1_1_is_agreed_on(void **state)
{
    struct tls_pair pair;
    const unsigned char *chosen;
    unsigned len;

    connect_to(*state, "localhost", true, &pair);
    SSL_get0_alpn_selected(tls_transport_ssl(pair.client.transport), &chosen, &len);
    assert_int_equal(len, 8);
    assert_memory_equal(chosen, "http/1.1", 8);
    tls_pair_fini(&pair);
}

/* The links are cut, not closed: as a power failure does it. */
static void a_reconnect_resumes_also_after_a_cut(void **state)
{
    assert_false(is_resumed(*state, "localhost", true));
    assert_true(is_resumed(*state, "localhost", true));
    assert_true(is_resumed(*state, "localhost", true));
}

static void who_asks_for_a_full_handshake_gets_one(void **state)
{
    assert_false(is_resumed(*state, "localhost", true));
    assert_false(is_resumed(*state, "localhost", false));
    assert_true(is_resumed(*state, "localhost", true));
}

/* A resumed handshake shows no certificate, so a session is good only for the name it was made
 * with. */
static void a_session_is_not_offered_to_another_name(void **state)
{
    assert_false(is_resumed(*state, "localhost", true));
    assert_false(is_resumed(*state, "127.0.0.1", true));
    assert_true(is_resumed(*state, "localhost", true));
    assert_true(is_resumed(*state, "127.0.0.1", true));
}

static void the_sessions_of_a_few_names_are_kept(void **state)
{
    static const char *const names[] = {"a.example.org", "b.example.org", "c.example.org",
                                        "d.example.org", "e.example.org"};

    for (size_t i = 0; i < 5; i++)
        assert_false(is_resumed(*state, names[i], true));
    for (size_t i = 1; i < 5; i++)
        assert_true(is_resumed(*state, names[i], true));
    assert_false(is_resumed(*state, names[0], true)); /* the first gave way to the fifth */
}

/* Connects with `session`, takes the next in its place and cuts; whether it was resumed. */
static bool resumes(struct world *world, struct tls_client_session **session)
{
    struct transport *transport = tls_client_transport(world->client, "localhost", false);
    struct tls_pair pair;
    bool was_resumed;

    if (*session != NULL)
        assert_true(tls_client_session_offer(transport, *session));
    assert_null(tls_client_session_new(transport));
    tls_pair_init(&pair, transport, tls_server_transport(world->server, NULL));
    tls_pair_pump(&pair, 0);
    assert_true(tls_pair_is_open(&pair));
    was_resumed = tls_client_was_resumed(transport);
    tls_client_session_free(*session);
    *session = tls_client_session_new(transport);
    assert_non_null(*session);
    tls_pair_fini(&pair);
    return was_resumed;
}

static void each_of_a_fleet_resumes_its_own_session(void **state)
{
    enum { FLEET = 6 };
    struct tls_client_session *sessions[FLEET] = {NULL};

    for (size_t i = 0; i < FLEET; i++)
        assert_false(resumes(*state, &sessions[i]));
    for (size_t i = 0; i < 3 * FLEET; i++)
        assert_true(resumes(*state, &sessions[i % FLEET]));
    for (size_t i = 0; i < FLEET; i++)
        tls_client_session_free(sessions[i]);
    tls_client_session_free(NULL);
}

static void a_fleet_of_old_clients_resumes_too(void **state)
{
    struct world *world = *state;
    struct tls_client_session *session = NULL;
    struct tls_pair pair;

    tls_client_limit_to_12(world->client);
    connect_to(world, "localhost", true, &pair);
    assert_int_equal(SSL_version(tls_transport_ssl(pair.client.transport)), TLS1_2_VERSION);
    tls_pair_fini(&pair);
    assert_false(resumes(world, &session));
    assert_true(resumes(world, &session));
    assert_true(resumes(world, &session));
    tls_client_session_free(session);
}

static void a_client_of_one_version_says_what_it_negotiated(void **state)
{
    struct world *world = *state;
    struct tls_pair pair;
    char text[64];
    char cut[8];

    tls_client_describe(world->client, text, sizeof text);
    assert_string_equal(text, "");
    tls_client_insist_on_13(world->client);
    connect_to(world, "localhost", true, &pair);
    tls_client_describe(world->client, text, sizeof text);
    assert_memory_equal(text, "TLSv1.3 TLS_", 12);
    tls_client_describe(world->client, cut, sizeof cut);
    assert_string_equal(cut, "TLSv1.3");
    tls_pair_fini(&pair);
}

static void expect_text(struct tls_side *side, struct str text)
{
    assert_int_equal(side->status, TRANSPORT_OK);
    assert_int_equal(side->plain.len, text.len);
    assert_memory_equal(side->plain.ptr, text.ptr, text.len);
    buf_clear(&side->plain);
}

/* Byte by byte, so that the server's tickets come in all places. */
static void talk_with_own_records(struct world *world)
{
    struct tls_pair pair;

    tls_pair_init(&pair, tls_client_transport(world->client, "localhost", false),
                  tls_server_transport(world->server, NULL));
    tls_pair_pump(&pair, 1);
    assert_true(tls_pair_is_open(&pair));
    assert_true(tls_record_is_own(pair.client.transport));
    for (int i = 0; i < 3; i++) {
        tls_pair_write(&pair.client, STR("up"));
        tls_pair_write(&pair.server, STR("and down"));
        tls_pair_pump(&pair, 1);
        expect_text(&pair.server, STR("up"));
        expect_text(&pair.client, STR("and down"));
    }
    tls_pair_fini(&pair);
}

static void records_of_both_versions_can_be_our_own(void **state)
{
    struct world *world = *state;
    char text[64];

    tls_client_close(world->client);
    world->client = tls_client_new_own();
    talk_with_own_records(world);
    tls_client_describe(world->client, text, sizeof text);
    assert_memory_equal(text, "TLSv1.3 ", 8);
    tls_client_limit_to_12(world->client);
    talk_with_own_records(world);
    tls_client_describe(world->client, text, sizeof text);
    assert_memory_equal(text, "TLSv1.2 ", 8);
}

static void a_session_given_for_another_name_is_not_offered(void **state)
{
    struct world *world = *state;
    struct tls_client_session *session = NULL;
    struct transport *transport = tls_client_transport(world->client, "127.0.0.1", false);
    struct tls_pair pair;

    assert_false(resumes(world, &session));
    assert_false(tls_client_session_offer(transport, session));
    tls_pair_init(&pair, transport, tls_server_transport(world->server, NULL));
    tls_pair_pump(&pair, 0);
    assert_true(tls_pair_is_open(&pair));
    assert_false(tls_client_was_resumed(transport));
    tls_pair_fini(&pair);
    tls_client_session_free(session);
}

static void what_can_be_no_name_gives_no_transport(void **state)
{
    struct world *world = *state;
    char name[257];

    memset(name, 'a', 256);
    name[256] = '\0';
    assert_null(tls_client_transport(world->client, "", true));
    assert_null(tls_client_transport(world->client, name, true));
}

static void roots_that_cannot_be_read_are_told_by_name(void **state)
{
    struct world *world = *state;
    struct tls_client *client = NULL;
    struct problem problem;

    assert_int_equal(tls_client_open("/nonexistent/ca.pem", true, &problem, &client), ERR_IO);
    assert_non_null(strstr(problem.text, "/nonexistent/ca.pem"));
    assert_int_equal(tls_client_open(world->files.both[0].key, true, &problem, &client), ERR_IO);
    assert_int_equal(tls_client_open(NULL, true, &problem, &client), ERR_INVALID);
    assert_null(client);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_client, close_client)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_server_is_verified_by_name_and_by_address),
        TEST(another_name_or_address_is_refused_and_told_why),
        TEST(a_server_below_a_foreign_ca_is_refused),
        TEST(a_client_that_is_told_so_verifies_nothing),
        TEST(sni_is_sent_for_names_and_not_for_addresses),
        TEST(http_1_1_is_agreed_on),
        TEST(a_reconnect_resumes_also_after_a_cut),
        TEST(who_asks_for_a_full_handshake_gets_one),
        TEST(a_session_is_not_offered_to_another_name),
        TEST(the_sessions_of_a_few_names_are_kept),
        TEST(each_of_a_fleet_resumes_its_own_session),
        TEST(a_fleet_of_old_clients_resumes_too),
        TEST(a_client_of_one_version_says_what_it_negotiated),
        TEST(records_of_both_versions_can_be_our_own),
        TEST(a_session_given_for_another_name_is_not_offered),
        TEST(what_can_be_no_name_gives_no_transport),
        TEST(roots_that_cannot_be_read_are_told_by_name),
    };

    return cmocka_run_group_tests(tests, make_world, remove_world);
}
