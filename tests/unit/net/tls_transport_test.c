#include "net/tls_transport.h"

#include "base/alloc.h"
#include "base/metric.h"
#include "net/tls_server.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_HEADER = 5, RECORD_MAX = 16 * 1024 };

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

enum { VERSIONS = 2 };

/* One server for all tests; its metrics are those of the test that runs. */
struct world {
    struct tls_files files;
    struct tls_server *server;
    struct tls_peer peer;
    struct tls_pair pair;
    struct metric_set *metrics;
};

static int make_world(void **state)
{
    static const struct str names[] = {{"localhost", 9}};
    struct world *world = alloc_zero(sizeof *world);
    struct tls_server_config config;

    tls_files_make(&world->files, names, 1);
    config = tls_files_config(&world->files);
    *state = world;
    return (int)tls_server_open(&config, NULL, &world->server);
}

static int remove_world(void **state)
{
    struct world *world = *state;

    tls_server_close(world->server);
    tls_files_remove(&world->files);
    free(world);
    return 0;
}

/* A fresh client and a fresh server transport; the client's first flight is on its way. */
static void start(struct world *world, int version)
{
    world->metrics = metric_set_new();
    tls_peer_init(&world->peer);
    SSL_CTX_set_max_proto_version(world->peer.ssl_ctx, version);
    tls_pair_init(&world->pair, tls_peer_transport(&world->peer),
                  tls_server_transport(world->server, world->metrics));
}

static void stop(struct world *world)
{
    tls_pair_fini(&world->pair);
    tls_peer_fini(&world->peer);
    metric_set_free(world->metrics);
}

static void open_pair(struct world *world, int version)
{
    start(world, version);
    tls_pair_pump(&world->pair, 0);
    assert_true(tls_pair_is_open(&world->pair));
}

static int64_t counted(const struct world *world, enum metric metric)
{
    return metric_total(&world->metrics, 1, metric);
}

static void expect_plain(const struct tls_side *side, struct str plain)
{
    assert_int_equal(side->plain.len, plain.len);
    assert_memory_equal(side->plain.ptr, plain.ptr, plain.len);
}

/* `len` bytes that no two places have in common by chance. */
static struct buf pattern(size_t len)
{
    struct buf buf = BUF_EMPTY;
    char *at = buf_reserve(&buf, len);

    for (size_t i = 0; i < len; i++)
        at[i] = (char)(i * 31 + i / 251);
    buf.len = len;
    return buf;
}

/* The records in `wire`, none longer than allowed; the last must be whole. */
static size_t count_records(struct str wire)
{
    size_t count = 0;

    while (wire.len > 0) {
        size_t len;

        assert_true(wire.len >= RECORD_HEADER);
        len = (size_t)(unsigned char)wire.ptr[3] << 8 | (unsigned char)wire.ptr[4];
        assert_true(len <= RECORD_MAX + 256 && len <= wire.len - RECORD_HEADER);
        wire = str_sub(wire, RECORD_HEADER + len, wire.len);
        count++;
    }
    return count;
}

/* ---- data ---- */

static void a_handshake_and_data_come_through_byte_by_byte(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < VERSIONS; i++) {
        start(world, versions[i]);
        tls_pair_pump(&world->pair, 1);
        assert_true(tls_pair_is_open(&world->pair));
        tls_pair_write(&world->pair.client, STR("GET / HTTP/1.1\r\n"));
        tls_pair_write(&world->pair.server, STR("HTTP/1.1 200 OK\r\n"));
        tls_pair_pump(&world->pair, 1);
        expect_plain(&world->pair.server, STR("GET / HTTP/1.1\r\n"));
        expect_plain(&world->pair.client, STR("HTTP/1.1 200 OK\r\n"));
        stop(world);
    }
}

static void data_that_comes_with_the_end_of_the_handshake_is_opened_at_once(void **state)
{
    struct world *world = *state;
    struct tls_side *client = &world->pair.client;
    struct tls_side *server = &world->pair.server;

    start(world, TLS1_3_VERSION);
    tls_pair_feed(server, buf_str(&client->to_peer));
    buf_clear(&client->to_peer);
    assert_false(server->established);
    tls_pair_feed(client, buf_str(&server->to_peer));
    buf_clear(&server->to_peer);
    assert_true(client->established);
    tls_pair_write(client, STR("early bird"));
    tls_pair_feed(server, buf_str(&client->to_peer));
    assert_true(server->established);
    expect_plain(server, STR("early bird"));
    buf_clear(&client->to_peer);
    stop(world);
}

static void many_records_are_opened_in_one_call(void **state)
{
    struct world *world = *state;
    struct buf expected = BUF_EMPTY;

    for (size_t i = 0; i < VERSIONS; i++) {
        open_pair(world, versions[i]);
        for (int n = 0; n < 300; n++) {
            char text[32];
            int len = snprintf(text, sizeof text, "message %d;", n);

            buf_append(&expected, (struct str){text, (size_t)len});
            tls_pair_write(&world->pair.client, (struct str){text, (size_t)len});
        }
        assert_int_equal(count_records(buf_str(&world->pair.client.to_peer)), 300);
        tls_pair_feed(&world->pair.server, buf_str(&world->pair.client.to_peer));
        buf_clear(&world->pair.client.to_peer);
        expect_plain(&world->pair.server, buf_str(&expected));
        buf_clear(&expected);
        stop(world);
    }
    buf_free(&expected);
}

static void a_large_write_becomes_many_records(void **state)
{
    static const size_t chunks[] = {0, 65536, 16384, 1000};
    struct world *world = *state;
    struct buf large = pattern(200 * 1000);

    for (size_t i = 0; i < VERSIONS * 4; i++) {
        open_pair(world, versions[i % VERSIONS]);
        tls_pair_write(&world->pair.server, buf_str(&large));
        assert_int_equal(world->pair.server.status, TRANSPORT_OK);
        assert_int_equal(count_records(buf_str(&world->pair.server.to_peer)), 13);
        tls_pair_pump(&world->pair, chunks[i / VERSIONS]);
        expect_plain(&world->pair.client, buf_str(&large));
        stop(world);
    }
    buf_free(&large);
}

/* The rest of a large record and full ones behind it open to more than was handed in. */
static void the_rest_of_a_record_and_more_fit_in_what_the_contract_asks_for(void **state)
{
    struct world *world = *state;
    struct buf large = pattern(6 * RECORD_MAX);
    struct str wire;
    char plain[TRANSPORT_READ_MIN + 3 * RECORD_MAX];
    struct transport_read out = {.ptr = plain};
    struct transport *server;

    open_pair(world, TLS1_3_VERSION);
    server = world->pair.server.transport;
    tls_pair_write(&world->pair.client, buf_str(&large));
    wire = buf_str(&world->pair.client.to_peer);
    tls_pair_feed(&world->pair.server, str_sub(wire, 0, RECORD_MAX));
    assert_int_equal(world->pair.server.plain.len, 0);
    wire = str_sub(wire, RECORD_MAX, wire.len);
    out.cap = wire.len + TRANSPORT_READ_SLACK;
    assert_true(out.cap <= sizeof plain && out.cap >= TRANSPORT_READ_MIN);
    assert_int_equal(server->ops->read(server, wire, &out, &world->pair.server.to_peer),
                     TRANSPORT_OK);
    assert_int_equal(out.len, large.len);
    assert_memory_equal(plain, large.ptr, large.len);
    buf_clear(&world->pair.client.to_peer);
    buf_free(&large);
    stop(world);
}

static void a_record_in_part_gives_nothing_until_its_rest_has_come(void **state)
{
    struct world *world = *state;
    struct str wire;

    open_pair(world, TLS1_3_VERSION);
    tls_pair_write(&world->pair.client, STR("whole or not at all"));
    wire = buf_str(&world->pair.client.to_peer);
    tls_pair_feed(&world->pair.server, str_sub(wire, 0, wire.len - 1));
    assert_int_equal(world->pair.server.status, TRANSPORT_OK);
    assert_int_equal(world->pair.server.plain.len, 0);
    tls_pair_feed(&world->pair.server, str_sub(wire, wire.len - 1, 1));
    expect_plain(&world->pair.server, STR("whole or not at all"));
    buf_clear(&world->pair.client.to_peer);
    stop(world);
}

static void nothing_written_seals_to_nothing(void **state)
{
    struct world *world = *state;

    open_pair(world, TLS1_3_VERSION);
    tls_pair_write(&world->pair.server, STR_EMPTY);
    assert_int_equal(world->pair.server.status, TRANSPORT_OK);
    assert_int_equal(world->pair.server.to_peer.len, 0);
    stop(world);
}

/* ---- bad peers ---- */

/* A fresh server transport is handed `wire`: it fails, and says so with one fatal alert. */
static void expect_refused(struct world *world, struct str wire)
{
    struct tls_side side = {0};

    world->metrics = metric_set_new();
    side.transport = tls_server_transport(world->server, world->metrics);
    tls_pair_feed(&side, wire);
    assert_int_equal(side.status, TRANSPORT_FAILED);
    assert_false(side.established);
    assert_int_equal(side.plain.len, 0);
    assert_int_equal(side.to_peer.len, RECORD_HEADER + 2);
    assert_int_equal(side.to_peer.ptr[0], 21); /* alert */
    assert_int_equal(side.to_peer.ptr[5], 2);  /* fatal */
    /* It stays failed and silent. */
    tls_pair_feed(&side, wire);
    assert_int_equal(side.status, TRANSPORT_FAILED);
    tls_pair_close(&side);
    assert_int_equal(side.to_peer.len, RECORD_HEADER + 2);
    side.transport->ops->free(side.transport);
    assert_int_equal(counted(world, METRIC_TLS_HANDSHAKE_FAILED), 1);
    metric_set_free(world->metrics);
    buf_free(&side.to_peer);
    buf_free(&side.plain);
}

static void garbage_is_refused_with_an_alert(void **state)
{
    expect_refused(*state, STR("\x00\x01\x02\x03\x04\x05\x06\x07"));
    expect_refused(*state, STR("\xff\xff\xff\xff\xff\xff\xff\xff"));
    expect_refused(*state, STR("\x17\x03\x03\x00\x05hello"));
    expect_refused(*state, STR("\x16\x03\x01\xff\xff\x01\x02\x03\x04"));
    expect_refused(*state, STR("\x16\x03\x01\x00\x04\x02\x00\x00\x00"));
}

static void plain_http_on_the_tls_port_is_refused_with_an_alert(void **state)
{
    expect_refused(*state, STR("GET /api/ws HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    expect_refused(*state, STR("POST /dispatch/app HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    expect_refused(*state, STR("CONNECT localhost:443 HTTP/1.1\r\n\r\n"));
}

static void a_forged_record_fails_after_what_came_before_it(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < VERSIONS; i++) {
        struct tls_side *client = &world->pair.client;

        open_pair(world, versions[i]);
        tls_pair_write(client, STR("good"));
        tls_pair_write(client, STR("forged"));
        client->to_peer.ptr[client->to_peer.len - 1] ^= 1;
        tls_pair_feed(&world->pair.server, buf_str(&client->to_peer));
        buf_clear(&client->to_peer);
        assert_int_equal(world->pair.server.status, TRANSPORT_FAILED);
        expect_plain(&world->pair.server, STR("good"));
        assert_true(world->pair.server.to_peer.len > 0); /* bad_record_mac */
        tls_pair_pump(&world->pair, 0);
        assert_int_equal(client->status, TRANSPORT_FAILED);
        tls_pair_write(&world->pair.server, STR("too late"));
        assert_int_equal(world->pair.server.status, TRANSPORT_FAILED);
        assert_int_equal(world->pair.server.to_peer.len, 0);
        assert_int_equal(counted(world, METRIC_TLS_HANDSHAKE_FAILED), 0);
        stop(world);
    }
}

static void a_flood_of_key_updates_fails_the_connection(void **state)
{
    struct world *world = *state;
    SSL *client;
    int updates = 0;

    open_pair(world, TLS1_3_VERSION);
    client = tls_transport_ssl(world->pair.client.transport);
    while (world->pair.server.status == TRANSPORT_OK && updates < 1000) {
        assert_int_equal(SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        tls_pair_write(&world->pair.client, STR("x"));
        tls_pair_pump(&world->pair, 0);
        updates++;
    }
    assert_int_equal(world->pair.server.status, TRANSPORT_FAILED);
    assert_in_range(updates, TLS_TRANSPORT_CONTROL_SPARE, TLS_TRANSPORT_CONTROL_SPARE + 2);
    stop(world);
}

static void key_updates_that_data_calls_for_go_on_for_ever(void **state)
{
    struct world *world = *state;
    struct buf data = pattern(2 * TLS_TRANSPORT_CONTROL_BYTES);
    SSL *client;

    open_pair(world, TLS1_3_VERSION);
    client = tls_transport_ssl(world->pair.client.transport);
    for (int i = 0; i < 4 * TLS_TRANSPORT_CONTROL_SPARE; i++) {
        assert_int_equal(SSL_key_update(client, SSL_KEY_UPDATE_REQUESTED), 1);
        tls_pair_write(&world->pair.client, buf_str(&data));
        tls_pair_write(&world->pair.server, STR("ok"));
        tls_pair_pump(&world->pair, 0);
        assert_true(tls_pair_is_open(&world->pair));
        expect_plain(&world->pair.server, buf_str(&data));
        buf_clear(&world->pair.server.plain);
    }
    buf_free(&data);
    stop(world);
}

static void renegotiation_is_refused_and_the_link_goes_on(void **state)
{
    struct world *world = *state;
    struct tls_side *server = &world->pair.server;

    start(world, TLS1_2_VERSION);
    SSL_clear_options(tls_transport_ssl(world->pair.client.transport), SSL_OP_NO_RENEGOTIATION);
    tls_pair_pump(&world->pair, 0);
    assert_true(tls_pair_is_open(&world->pair));
    SSL_renegotiate(tls_transport_ssl(world->pair.client.transport));
    tls_pair_write(&world->pair.client, STR("x")); /* sends a ClientHello instead */
    assert_true(world->pair.client.to_peer.len > 0);
    tls_pair_feed(server, buf_str(&world->pair.client.to_peer));
    buf_clear(&world->pair.client.to_peer);
    assert_int_equal(server->status, TRANSPORT_OK);
    assert_int_equal(count_records(buf_str(&server->to_peer)), 1);
    assert_int_equal(server->to_peer.ptr[0], 21); /* no_renegotiation, a warning */
    tls_pair_write(server, STR("still here"));
    assert_int_equal(server->status, TRANSPORT_OK);
    buf_clear(&server->to_peer);
    stop(world);
}

/* ---- close ---- */

static void the_peers_close_notify_ends_the_input_only(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < VERSIONS; i++) {
        struct tls_side *client = &world->pair.client;
        struct tls_side *server = &world->pair.server;

        open_pair(world, versions[i]);
        tls_pair_write(client, STR("last words"));
        tls_pair_close(client);
        buf_append(&client->to_peer, STR("what follows is not looked at"));
        tls_pair_feed(server, buf_str(&client->to_peer));
        buf_clear(&client->to_peer);
        assert_int_equal(server->status, TRANSPORT_ENDED);
        assert_true(server->established);
        expect_plain(server, STR("last words"));
        tls_pair_feed(server, STR("nor is this"));
        assert_int_equal(server->status, TRANSPORT_ENDED);

        tls_pair_write(server, STR("farewell"));
        assert_int_equal(server->status, TRANSPORT_OK);
        tls_pair_close(server);
        tls_pair_feed(client, buf_str(&server->to_peer));
        buf_clear(&server->to_peer);
        assert_int_equal(client->status, TRANSPORT_ENDED);
        expect_plain(client, STR("farewell"));
        stop(world);
    }
}

static void after_our_close_the_peers_data_is_still_opened(void **state)
{
    struct world *world = *state;

    open_pair(world, TLS1_3_VERSION);
    tls_pair_close(&world->pair.server);
    assert_int_equal(count_records(buf_str(&world->pair.server.to_peer)), 1);
    tls_pair_write(&world->pair.client, STR("on its way"));
    tls_pair_feed(&world->pair.server, buf_str(&world->pair.client.to_peer));
    buf_clear(&world->pair.client.to_peer);
    expect_plain(&world->pair.server, STR("on its way"));
    tls_pair_pump(&world->pair, 0);
    assert_int_equal(world->pair.client.status, TRANSPORT_ENDED);
    stop(world);
}

static void a_close_before_the_handshake_is_over_says_nothing(void **state)
{
    struct world *world = *state;

    start(world, TLS1_3_VERSION);
    tls_pair_close(&world->pair.server);
    assert_int_equal(world->pair.server.to_peer.len, 0);
    stop(world);
}

static void a_close_notify_in_the_handshake_is_a_failure(void **state)
{
    struct world *world = *state;

    start(world, TLS1_3_VERSION);
    tls_pair_feed(&world->pair.server, buf_str(&world->pair.client.to_peer));
    tls_pair_feed(&world->pair.server, STR("\x15\x03\x03\x00\x02\x01\x00"));
    assert_int_equal(world->pair.server.status, TRANSPORT_FAILED);
    assert_false(world->pair.server.established);
    assert_int_equal(counted(world, METRIC_TLS_HANDSHAKE_FAILED), 1);
    stop(world);
}

/* ---- counting and memory ---- */

static void a_handshake_is_counted_once_as_what_it_was(void **state)
{
    struct world *world = *state;
    struct tls_peer *peer = &world->peer;

    open_pair(world, TLS1_3_VERSION);
    assert_int_equal(counted(world, METRIC_TLS_HANDSHAKE_FULL), 1);
    tls_pair_fini(&world->pair);
    tls_pair_init(&world->pair, tls_peer_transport(peer),
                  tls_server_transport(world->server, world->metrics));
    tls_pair_pump(&world->pair, 1);
    tls_pair_write(&world->pair.client, STR("x"));
    tls_pair_pump(&world->pair, 0);
    stop(&(struct world){.pair = world->pair, .peer = *peer});
    assert_int_equal(counted(world, METRIC_TLS_HANDSHAKE_FULL), 1);
    assert_int_equal(counted(world, METRIC_TLS_HANDSHAKE_RESUMED), 1);
    assert_int_equal(counted(world, METRIC_TLS_HANDSHAKE_FAILED), 0);
    metric_set_free(world->metrics);
}

static void a_handshake_that_breaks_off_is_a_failed_one_but_a_mere_probe_is_not(void **state)
{
    struct world *world = *state;
    struct metric_set *metrics = metric_set_new();
    struct tls_side side = {.transport = tls_server_transport(world->server, metrics)};

    side.transport->ops->free(side.transport);
    assert_int_equal(metric_total(&metrics, 1, METRIC_TLS_HANDSHAKE_FAILED), 0);

    side.transport = tls_server_transport(world->server, metrics);
    tls_pair_feed(&side, STR("\x16\x03\x01"));
    assert_int_equal(side.status, TRANSPORT_OK);
    side.transport->ops->free(side.transport);
    assert_int_equal(metric_total(&metrics, 1, METRIC_TLS_HANDSHAKE_FAILED), 1);
    metric_set_free(metrics);
    buf_free(&side.to_peer);
    buf_free(&side.plain);
}

/* What OpenSSL holds just now; it allocates through the three functions below. */
static size_t held_bytes;

static void *count_resize(void *ptr, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    held_bytes -= malloc_usable_size(ptr);
    ptr = realloc(ptr, size);
    held_bytes += malloc_usable_size(ptr);
    return ptr;
}

static void *count_alloc(size_t size, const char *file, int line)
{
    return count_resize(NULL, size, file, line);
}

static void count_free(void *ptr, const char *file, int line)
{
    (void)file;
    (void)line;
    held_bytes -= malloc_usable_size(ptr);
    free(ptr);
}

static void an_idle_connection_holds_no_record_buffer(void **state)
{
    struct world *world = *state;
    struct buf large = pattern(100 * 1000);

    for (size_t i = 0; i < VERSIONS; i++) {
        size_t before;

        open_pair(world, versions[i]);
        before = held_bytes;
        for (int n = 0; n < 3; n++) {
            tls_pair_write(&world->pair.client, buf_str(&large));
            tls_pair_write(&world->pair.server, buf_str(&large));
            tls_pair_pump(&world->pair, 30 * 1000);
            /* Two ends; a record buffer would be 16 KiB. */
            assert_in_range(held_bytes, before - 2048, before + 2048);
        }
        stop(world);
    }
    buf_free(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_and_data_come_through_byte_by_byte),
        cmocka_unit_test(data_that_comes_with_the_end_of_the_handshake_is_opened_at_once),
        cmocka_unit_test(many_records_are_opened_in_one_call),
        cmocka_unit_test(a_large_write_becomes_many_records),
        cmocka_unit_test(the_rest_of_a_record_and_more_fit_in_what_the_contract_asks_for),
        cmocka_unit_test(a_record_in_part_gives_nothing_until_its_rest_has_come),
        cmocka_unit_test(nothing_written_seals_to_nothing),
        cmocka_unit_test(garbage_is_refused_with_an_alert),
        cmocka_unit_test(plain_http_on_the_tls_port_is_refused_with_an_alert),
        cmocka_unit_test(a_forged_record_fails_after_what_came_before_it),
        cmocka_unit_test(a_flood_of_key_updates_fails_the_connection),
        cmocka_unit_test(key_updates_that_data_calls_for_go_on_for_ever),
        cmocka_unit_test(renegotiation_is_refused_and_the_link_goes_on),
        cmocka_unit_test(the_peers_close_notify_ends_the_input_only),
        cmocka_unit_test(after_our_close_the_peers_data_is_still_opened),
        cmocka_unit_test(a_close_before_the_handshake_is_over_says_nothing),
        cmocka_unit_test(a_close_notify_in_the_handshake_is_a_failure),
        cmocka_unit_test(a_handshake_is_counted_once_as_what_it_was),
        cmocka_unit_test(a_handshake_that_breaks_off_is_a_failed_one_but_a_mere_probe_is_not),
        cmocka_unit_test(an_idle_connection_holds_no_record_buffer),
    };

    if (!CRYPTO_set_mem_functions(count_alloc, count_resize, count_free))
        return 1;
    return cmocka_run_group_tests(tests, make_world, remove_world);
}
