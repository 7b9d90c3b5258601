/*
 * Records of the kernel, with OpenSSL's client at the other end of a real socket. Where the kernel
 * has no TLS, the same clients must not notice: then these tests hold the way back to tls_record.
 */
#include "tls/tls_kernel.h"

#include "conn_fixture.h"
#include "loopback.h"
#include "net/conn_private.h"
#include "tls/tls_kernel_private.h"
#include "tls/tls_record_private.h"
#include "tls/tls_transport.h"
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

static const struct {
    int version;
    const char *suite;
} suites[] = {
    {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
    {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
    {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384"},
    {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"},
};

enum { SUITES = 6, MUCH = 100 * 1000 };

struct shop {
    struct tls_files files;
    struct tls_server *server;
};

struct link_test {
    struct conn_fixture *server;
    struct tls_peer peer;
    struct conn *client; /* NULL once it is closed */
    struct buf back;
    int closed;
    enum conn_end end;
};

static int open_shop(void **state)
{
    const struct str names[] = {STR("localhost")};
    struct shop *shop = calloc(1, sizeof *shop);
    struct tls_server_config config;

    tls_files_make(&shop->files, names, 1);
    config = tls_files_config(&shop->files);
    config.record_layer = true;
    config.kernel = true;
    shop->server = tls_files_server(&config);
    *state = shop;
    return 0;
}

static int close_shop(void **state)
{
    struct shop *shop = *state;

    tls_server_close(shop->server);
    tls_files_remove(&shop->files);
    free(shop);
    return 0;
}

static size_t on_client_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct link_test *test = ctx;

    (void)conn;
    buf_append(&test->back, (struct str){data, len});
    return len;
}

static void on_client_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct link_test *test = ctx;

    (void)conn;
    test->closed++;
    test->end = end;
    test->client = NULL;
}

static void connect_client(struct link_test *test, struct shop *shop)
{
    static const struct conn_handler handler = {.on_data = on_client_data,
                                                .on_close = on_client_close};

    test->server = conn_fixture_new(tls_server_transport(shop->server, NULL));
    assert_int_equal(fcntl(test->server->peer, F_SETFL, O_NONBLOCK), 0);
    test->client = conn_new(test->server->loop, test->server->peer, tls_peer_transport(&test->peer),
                            &test->server->config);
    test->server->peer = -1;
    conn_set_handler(test->client, &handler, test);
}

static void disconnect(struct link_test *test)
{
    if (test->client != NULL)
        conn_abort(test->client);
    conn_fixture_free(test->server);
    buf_free(&test->back);
    test->closed = 0;
}

static struct link_test *new_test(struct shop *shop, size_t suite)
{
    struct link_test *test = calloc(1, sizeof *test);

    tls_peer_init(&test->peer);
    SSL_CTX_set_max_proto_version(test->peer.ssl_ctx, suites[suite].version);
    assert_int_equal(suites[suite].version == TLS1_3_VERSION
                         ? SSL_CTX_set_ciphersuites(test->peer.ssl_ctx, suites[suite].suite)
                         : SSL_CTX_set_cipher_list(test->peer.ssl_ctx, suites[suite].suite),
                     1);
    connect_client(test, shop);
    return test;
}

static void free_test(struct link_test *test)
{
    disconnect(test);
    tls_peer_fini(&test->peer);
    free(test);
}

static SSL *client_ssl(const struct link_test *test)
{
    return tls_transport_ssl(test->client->transport);
}

static void talk(struct link_test *test, struct str there, struct str back)
{
    uint64_t end_us = loop_clock_us() + UINT64_C(20000000);

    buf_clear(&test->server->got);
    buf_clear(&test->back);
    buf_clear(&test->server->answer);
    assert_true(conn_send(test->client, there));
    conn_fixture_assert_got(test->server, there.ptr, there.len);
    assert_true(conn_send(test->server->conn, back));
    while (test->back.len < back.len && loop_clock_us() < end_us)
        loop_turn(test->server->loop, 100);
    assert_int_equal(test->back.len, back.len);
    assert_memory_equal(test->back.ptr, back.ptr, back.len);
}

/* The kernel has taken it, or there is no such kernel and our own records go on. */
static void assert_taken(const struct link_test *test)
{
    const struct transport *transport = test->server->conn->transport;

    assert_int_equal(tls_kernel_has(transport), tls_kernel_is_there());
    if (!tls_kernel_is_there())
        assert_true(tls_record_is_own(transport));
}

static void every_suite_is_taken_and_comes_through(void **state)
{
    char *pattern = conn_fixture_pattern(MUCH);

    for (size_t i = 0; i < SUITES; i++) {
        struct link_test *test = new_test(*state, i);

        talk(test, STR("with Finished, or next to it"), STR("hello"));
        assert_taken(test);
        assert_string_equal(SSL_get_cipher_name(client_ssl(test)), suites[i].suite);
        for (size_t len = 1; len < MUCH / 3; len = 3 * len + 1)
            talk(test, (struct str){pattern, len}, (struct str){pattern + len, 2 * len});
        talk(test, (struct str){pattern, MUCH}, (struct str){pattern, MUCH});
        free_test(test);
    }
    free(pattern);
}

static void a_resumed_link_is_taken_too(void **state)
{
    for (size_t i = 0; i < SUITES; i++) {
        struct link_test *test = new_test(*state, i);

        talk(test, STR("first"), STR("first"));
        disconnect(test);
        connect_client(test, *state);
        talk(test, STR("again"), STR("again"));
        assert_int_equal(SSL_session_reused(client_ssl(test)), 1);
        assert_taken(test);
        talk(test, STR("and on"), STR("and on"));
        free_test(test);
    }
}

static void an_end_is_told_both_ways_as_orderly(void **state)
{
    for (size_t i = 0; i < SUITES; i++) {
        struct link_test *test = new_test(*state, i);

        talk(test, STR("before"), STR("before"));
        assert_true(conn_send(test->server->conn, STR("last words")));
        conn_close(test->server->conn);
        loopback_run_until(test->server->loop, &test->closed);
        assert_int_equal(test->end, CONN_PEER_CLOSED);
        assert_memory_equal(test->back.ptr, "beforelast words", 16);
        disconnect(test);
        connect_client(test, *state);
        talk(test, STR("before"), STR("before"));
        conn_close(test->client);
        loopback_run_until(test->server->loop, &test->server->closed);
        assert_int_equal(test->server->end, CONN_PEER_CLOSED);
        free_test(test);
    }
}

/* CONN_TLS_FAILED at the client: it was told so by an alert. */
static void expect_refused(struct shop *shop, size_t suite, const char *bytes, size_t len)
{
    struct link_test *test = new_test(shop, suite);

    talk(test, STR("before"), STR("before"));
    assert_int_equal(send(test->client->watch.fd, bytes, len, 0), (ssize_t)len);
    loopback_run_until(test->server->loop, &test->closed);
    loopback_run_until(test->server->loop, &test->server->closed);
    assert_int_equal(test->server->end, CONN_TLS_FAILED);
    assert_int_equal(test->end, CONN_TLS_FAILED);
    assert_int_equal(test->server->got.len, 6);
    free_test(test);
}

static void a_record_that_is_not_the_peers_is_refused_by_an_alert(void **state)
{
    char forged[5 + 64] = {23, 3, 3, 0, 64};
    char too_long[5 + 64] = {23, 3, 3, 'x', 'x'};
    char no_tls[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    for (size_t i = 0; i < SUITES; i++) {
        expect_refused(*state, i, forged, sizeof forged);
        expect_refused(*state, i, too_long, sizeof too_long);
        expect_refused(*state, i, no_tls, sizeof no_tls);
    }
}

static void a_change_of_keys_ends_the_kernels_link_in_order(void **state)
{
    struct link_test *test = new_test(*state, 0);

    talk(test, STR("before"), STR("before"));
    assert_taken(test);
    assert_int_equal(SSL_key_update(client_ssl(test), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    if (tls_kernel_is_there()) {
        assert_true(conn_send(test->client, STR("under new keys")));
        loopback_run_until(test->server->loop, &test->server->closed);
        assert_int_equal(test->server->end, CONN_PEER_CLOSED);
        assert_int_equal(test->server->got.len, 6);
    } else {
        talk(test, STR("under new keys"), STR("under old ones"));
    }
    free_test(test);
}

/* ---- what the transport makes of what the kernel tells; no kernel is needed ---- */

struct read_test {
    struct transport *transport;
    struct tls_kernel *self;
    struct buf wire;
    char room[64];
    struct transport_read out;
};

static struct read_test *new_read_test(bool is_13)
{
    struct read_test *test = calloc(1, sizeof *test);

    test->transport = tls_kernel_new(0, is_13);
    test->self = (struct tls_kernel *)(void *)test->transport;
    test->out = (struct transport_read){.ptr = test->room, .cap = sizeof test->room};
    return test;
}

static enum transport_status feed(struct read_test *test, uint8_t type, struct str bytes)
{
    test->self->type = type;
    return test->transport->ops->read(test->transport, bytes, &test->out, &test->wire);
}

static void free_read_test(struct read_test *test)
{
    test->transport->ops->free(test->transport);
    buf_free(&test->wire);
    free(test);
}

/* alert: that was answered, or TLS_ALERT_NONE. */
static void expect(bool is_13, enum tls_content type, struct str bytes,
                   enum transport_status status, enum tls_alert alert)
{
    struct read_test *test = new_read_test(is_13);

    assert_int_equal(feed(test, (uint8_t)type, bytes), status);
    assert_int_equal(test->out.len, 0);
    assert_int_equal(test->wire.len, alert == TLS_ALERT_NONE ? 0 : 2);
    if (alert != TLS_ALERT_NONE) {
        assert_int_equal(test->wire.ptr[0], TLS_ALERT_FATAL);
        assert_int_equal((uint8_t)test->wire.ptr[1], alert);
    }
    if (status != TRANSPORT_OK) /* for good */
        assert_int_equal(feed(test, TLS_CONTENT_DATA, STR("more")), status);
    free_read_test(test);
}

static void every_message_without_data_has_its_answer(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        bool is_13 = i == 1;

        expect(is_13, TLS_CONTENT_ALERT, STR("\1\0"), TRANSPORT_ENDED, TLS_ALERT_NONE);
        expect(is_13, TLS_CONTENT_ALERT, STR("\2\50"), TRANSPORT_FAILED, TLS_ALERT_NONE);
        expect(is_13, TLS_CONTENT_ALERT, STR("\1\132"), TRANSPORT_OK, TLS_ALERT_NONE);
        expect(is_13, TLS_CONTENT_ALERT, STR("\1"), TRANSPORT_FAILED, TLS_ALERT_DECODE_ERROR);
        expect(is_13, TLS_CONTENT_ALERT, STR("\1\0\0"), TRANSPORT_FAILED, TLS_ALERT_DECODE_ERROR);
        expect(is_13, TLS_CONTENT_ALERT, STR("\3\0"), TRANSPORT_FAILED,
               TLS_ALERT_ILLEGAL_PARAMETER);
        expect(is_13, TLS_CONTENT_CHANGE_CIPHER_SPEC, STR("\1"), TRANSPORT_FAILED,
               TLS_ALERT_UNEXPECTED_MESSAGE);
        expect(is_13, TLS_CONTENT_HANDSHAKE, STR("\2\0\0\0"), TRANSPORT_FAILED,
               TLS_ALERT_UNEXPECTED_MESSAGE);
    }
    expect(true, TLS_CONTENT_HANDSHAKE, STR("\30\0\0\1\0"), TRANSPORT_ENDED, TLS_ALERT_NONE);
    expect(false, TLS_CONTENT_HANDSHAKE, STR("\1\0\0\1\0"), TRANSPORT_ENDED, TLS_ALERT_NONE);
    expect(true, TLS_CONTENT_ALERT, STR("\1\144"), TRANSPORT_FAILED, TLS_ALERT_NONE);
    expect(false, TLS_CONTENT_ALERT, STR("\1\144"), TRANSPORT_OK, TLS_ALERT_NONE);
}

static void warnings_are_passed_over_within_a_bound(void **state)
{
    struct read_test *test = new_read_test(true);

    (void)state;
    for (int i = 0; i < TLS_KERNEL_WARNINGS_MAX; i++)
        assert_int_equal(feed(test, TLS_CONTENT_ALERT, STR("\1\132")), TRANSPORT_OK);
    assert_int_equal(feed(test, TLS_CONTENT_ALERT, STR("\1\132")), TRANSPORT_FAILED);
    assert_memory_equal(test->wire.ptr, "\2\12", 2);
    free_read_test(test);
}

/* Before the keys have sealed too much, at the next chance; and never past the bound. */
static void keys_that_have_sealed_enough_end_the_link(void **state)
{
    struct read_test *test = new_read_test(true);

    (void)state;
    test->self->records = TLS_KERNEL_RECORDS_CLOSE - 1;
    assert_int_equal(feed(test, TLS_CONTENT_DATA, STR("in time")), TRANSPORT_OK);
    test->self->records++;
    assert_int_equal(feed(test, TLS_CONTENT_DATA, STR("the last")), TRANSPORT_ENDED);
    assert_int_equal(test->out.len, 8);
    assert_int_equal(test->transport->ops->write(test->transport, STR("answer"), &test->wire),
                     TRANSPORT_OK);
    test->self->records = TLS_KERNEL_RECORDS_MAX;
    assert_int_equal(test->transport->ops->write(test->transport, STR("answer"), &test->wire),
                     TRANSPORT_FAILED);
    free_read_test(test);
}

static void every_send_counts_the_records_it_may_take(void **state)
{
    static const char bytes[40000];
    struct read_test *test = new_read_test(true);
    int ours;
    int theirs;

    (void)state;
    loopback_pair(&ours, &theirs);
    assert_int_equal(test->transport->ops->send(test->transport, ours, STR("x")), 1);
    assert_int_equal(test->self->records, 1);
    assert_true(
        test->transport->ops->send(test->transport, ours, (struct str){bytes, sizeof bytes}) > 0);
    assert_int_equal(test->self->records, 1 + 3);
    close(ours);
    close(theirs);
    free_read_test(test);
}

/* On a plain socket the record's type is lost, but not the order. */
static void an_alert_leaves_behind_what_waits(void **state)
{
    struct read_test *test = new_read_test(true);
    const struct transport_ops *ops = test->transport->ops;
    char bytes[5 + 2];
    int ours;
    int theirs;

    (void)state;
    loopback_pair(&ours, &theirs);
    assert_int_equal(ops->write(test->transport, STR("waits"), &test->wire), TRANSPORT_OK);
    ops->close(test->transport, &test->wire);
    ops->close(test->transport, &test->wire);
    assert_int_equal(test->wire.len, 5 + 2);
    assert_int_equal(ops->write(test->transport, STR("late"), &test->wire), TRANSPORT_FAILED);
    assert_int_equal(ops->send(test->transport, ours, buf_str(&test->wire)), 5 + 2);
    loopback_receive(theirs, bytes, sizeof bytes);
    assert_memory_equal(bytes, "waits\1\0", sizeof bytes);
    assert_int_equal(test->self->alert_len, 0);
    close(ours);
    close(theirs);
    free_read_test(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_is_taken_and_comes_through),
        cmocka_unit_test(a_resumed_link_is_taken_too),
        cmocka_unit_test(an_end_is_told_both_ways_as_orderly),
        cmocka_unit_test(a_record_that_is_not_the_peers_is_refused_by_an_alert),
        cmocka_unit_test(a_change_of_keys_ends_the_kernels_link_in_order),
        cmocka_unit_test(every_message_without_data_has_its_answer),
        cmocka_unit_test(warnings_are_passed_over_within_a_bound),
        cmocka_unit_test(keys_that_have_sealed_enough_end_the_link),
        cmocka_unit_test(every_send_counts_the_records_it_may_take),
        cmocka_unit_test(an_alert_leaves_behind_what_waits),
    };

    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
