#include "net/conn.h"

#include "conn_fixture.h"
#include "loopback.h"
#include "tls/tls_client.h"
#include "tls/tls_server.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Certificates are made once for all tests. */
struct shop {
    struct tls_files files;
    struct tls_server *server;
    struct tls_client *client;
};

struct fixture {
    struct shop *shop;
    struct conn_fixture *server;
    struct conn *client; /* on the server's loop, over the server's peer socket */
    struct buf back;     /* what the client got */
    int closed;
    enum conn_end end;
};

static int open_shop(void **state, bool record_layer, bool kernel)
{
    const struct str names[] = {STR("localhost"), STR("127.0.0.1")};
    struct shop *shop = calloc(1, sizeof *shop);
    struct tls_server_config config;
    struct problem problem;

    tls_files_make(&shop->files, names, 2);
    config = tls_files_config(&shop->files);
    config.record_layer = record_layer;
    config.kernel = kernel;
    assert_int_equal(tls_server_open(&config, &problem, &shop->server), ERR_NONE);
    assert_int_equal(tls_client_open(shop->files.ca, true, &problem, &shop->client), ERR_NONE);
    *state = shop;
    return 0;
}

static int open_shop_of_openssl(void **state)
{
    return open_shop(state, false, false);
}

static int open_shop_of_our_own(void **state)
{
    return open_shop(state, true, false);
}

/* Where it has none, with our own all the same. */
static int open_shop_of_the_kernel(void **state)
{
    return open_shop(state, true, true);
}

static int close_shop(void **state)
{
    struct shop *shop = *state;

    tls_client_close(shop->client);
    tls_server_close(shop->server);
    tls_files_remove(&shop->files);
    free(shop);
    return 0;
}

static size_t on_client_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct fixture *fixture = ctx;

    (void)conn;
    buf_append(&fixture->back, (struct str){data, len});
    return len;
}

static void on_client_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct fixture *fixture = ctx;

    (void)conn;
    fixture->closed++;
    fixture->end = end;
    fixture->client = NULL;
}

static struct fixture *new_fixture(struct shop *shop)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    fixture->shop = shop;
    fixture->server = conn_fixture_new(tls_server_transport(shop->server, NULL));
    return fixture;
}

/* Puts a TLS client on the peer's socket. */
static void connect_client(struct fixture *fixture)
{
    static const struct conn_handler handler = {.on_data = on_client_data,
                                                .on_close = on_client_close};
    struct transport *transport = tls_client_transport(fixture->shop->client, "localhost", false);

    assert_int_equal(fcntl(fixture->server->peer, F_SETFL, O_NONBLOCK), 0);
    fixture->client =
        conn_new(fixture->server->loop, fixture->server->peer, transport, &fixture->server->config);
    fixture->server->peer = -1;
    conn_set_handler(fixture->client, &handler, fixture);
}

static void free_fixture(struct fixture *fixture)
{
    if (fixture->client != NULL)
        conn_abort(fixture->client);
    conn_fixture_free(fixture->server);
    buf_free(&fixture->back);
    free(fixture);
}

static void run_until_back(struct fixture *fixture, size_t len)
{
    uint64_t end_us = loop_clock_us() + UINT64_C(20000000);

    while (fixture->back.len < len && loop_clock_us() < end_us)
        loop_turn(fixture->server->loop, 100);
    assert_int_equal(fixture->back.len, len);
}

static void bytes_go_both_ways_sealed(void **state)
{
    struct fixture *fixture = new_fixture(*state);

    connect_client(fixture);
    assert_true(conn_send(fixture->client, STR("question"))); /* waits for the handshake */
    buf_append(&fixture->server->answer, STR("answer"));
    run_until_back(fixture, 6);
    assert_memory_equal(fixture->server->got.ptr, "question", 8);
    assert_memory_equal(fixture->back.ptr, "answer", 6);
    assert_int_equal(fixture->server->opened, 1);
    free_fixture(fixture);
}

static void much_that_is_sealed_comes_through_in_order(void **state)
{
    enum { LEN = 290 * 1000 };
    struct fixture *fixture = new_fixture(*state);
    char *bytes = conn_fixture_pattern(LEN);

    connect_client(fixture);
    buf_append(&fixture->server->answer, (struct str){bytes, LEN});
    assert_true(conn_send(fixture->client, STR("?")));
    run_until_back(fixture, LEN);
    assert_memory_equal(fixture->back.ptr, bytes, LEN);
    free(bytes);
    free_fixture(fixture);
}

static void a_close_is_told_to_the_other_side_as_orderly(void **state)
{
    struct fixture *fixture = new_fixture(*state);

    connect_client(fixture);
    fixture->server->closes = true;
    buf_append(&fixture->server->answer, STR("last words"));
    assert_true(conn_send(fixture->client, STR("?")));
    run_until_back(fixture, 10);
    loopback_run_until(fixture->server->loop, &fixture->server->closed);
    loopback_run_until(fixture->server->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
    assert_int_equal(fixture->server->end, CONN_CLOSED);
    free_fixture(fixture);
}

/* As a tool does that sends a request and its close_notify at once, then waits for the answer. */
static void a_goodbye_waits_while_the_answer_is_under_way(void **state)
{
    struct fixture *fixture = new_fixture(*state);

    connect_client(fixture);
    fixture->server->pauses = true;
    fixture->server->consumes = 1;
    assert_true(conn_send(fixture->client, STR("12")));
    loopback_run_until(fixture->server->loop, &fixture->server->opened);
    conn_close(fixture->client);
    loopback_settle(fixture->server->loop);
    assert_int_equal(fixture->server->got.len, 1);
    assert_int_equal(fixture->server->closed, 0);
    assert_true(conn_send(fixture->server->conn, STR("answer")));
    fixture->server->pauses = false;
    conn_resume(fixture->server->conn);
    loopback_run_until(fixture->server->loop, &fixture->server->closed);
    assert_int_equal(fixture->server->got.len, 2);
    assert_int_equal(fixture->server->end, CONN_PEER_CLOSED);
    free_fixture(fixture);
}

static void a_peer_that_speaks_no_tls_gets_an_alert_and_then_the_end(void **state)
{
    struct fixture *fixture = new_fixture(*state);
    char alert[7];

    loopback_send(fixture->server->peer, "GET / HTTP/1.1\r\n\r\n", 18);
    loopback_settle(fixture->server->loop);
    loopback_receive(fixture->server->peer, alert, sizeof alert);
    assert_int_equal(alert[0], 21); /* alert, RFC 8446 section 5.1 */
    loopback_expect_end(fixture->server->peer);
    assert_int_equal(fixture->server->closed, 0);
    shutdown(fixture->server->peer, SHUT_WR);
    loopback_run_until(fixture->server->loop, &fixture->server->closed);
    assert_int_equal(fixture->server->end, CONN_TLS_FAILED);
    assert_int_equal(fixture->server->opened, 0);
    free_fixture(fixture);
}

static void a_handshake_that_takes_too_long_ends_the_connection(void **state)
{
    struct fixture *fixture = new_fixture(*state);

    fixture->server->config.handshake_ms = 10;
    loopback_run_until(fixture->server->loop, &fixture->server->closed);
    assert_int_equal(fixture->server->end, CONN_TLS_FAILED);
    assert_int_equal(conn_fixture_metric(fixture->server, METRIC_CLOSE_HANDSHAKE_TIMEOUT), 1);
    free_fixture(fixture);
}

static void a_peer_that_goes_away_while_shaking_hands_is_no_failure_of_tls(void **state)
{
    struct fixture *fixture = new_fixture(*state);

    loopback_send(fixture->server->peer, "\x16\x03\x01", 3);
    shutdown(fixture->server->peer, SHUT_WR);
    loopback_run_until(fixture->server->loop, &fixture->server->closed);
    assert_int_equal(fixture->server->end, CONN_PEER_CLOSED);
    free_fixture(fixture);
}

static void closing_before_the_handshake_is_over_sends_nothing_of_the_queue(void **state)
{
    struct fixture *fixture = new_fixture(*state);

    loop_turn(fixture->server->loop, 0);
    assert_true(conn_send(fixture->server->conn, STR("never in clear")));
    conn_close(fixture->server->conn);
    loopback_settle(fixture->server->loop);
    loopback_expect_end(fixture->server->peer);
    free_fixture(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways_sealed),
        cmocka_unit_test(much_that_is_sealed_comes_through_in_order),
        cmocka_unit_test(a_close_is_told_to_the_other_side_as_orderly),
        cmocka_unit_test(a_goodbye_waits_while_the_answer_is_under_way),
        cmocka_unit_test(a_peer_that_speaks_no_tls_gets_an_alert_and_then_the_end),
        cmocka_unit_test(a_handshake_that_takes_too_long_ends_the_connection),
        cmocka_unit_test(a_peer_that_goes_away_while_shaking_hands_is_no_failure_of_tls),
        cmocka_unit_test(closing_before_the_handshake_is_over_sends_nothing_of_the_queue),
    };

    return cmocka_run_group_tests_name("OpenSSL's records", tests, open_shop_of_openssl,
                                       close_shop) +
           cmocka_run_group_tests_name("our records", tests, open_shop_of_our_own, close_shop) +
           cmocka_run_group_tests_name("the kernel's records", tests, open_shop_of_the_kernel,
                                       close_shop);
}
