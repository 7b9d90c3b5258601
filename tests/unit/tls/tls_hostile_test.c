#include "tls/tls_transport.h"

#include "tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { RECORD_HEADER = 5 };

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

enum { VERSIONS = 2 };

static void expect_plain(const struct tls_side *side, struct str plain)
{
    assert_int_equal(side->plain.len, plain.len);
    assert_memory_equal(side->plain.ptr, plain.ptr, plain.len);
}

/* A fresh server transport is handed `wire`: it fails, and says so with one fatal alert. */
static void expect_refused(struct tls_world *world, struct str wire)
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
    assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_FAILED), 1);
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
    struct tls_world *world = *state;

    for (size_t i = 0; i < VERSIONS; i++) {
        struct tls_side *client = &world->pair.client;

        tls_world_open(world, versions[i]);
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
        assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_FAILED), 0);
        tls_world_stop(world);
    }
}

static void a_flood_of_key_updates_fails_the_connection(void **state)
{
    struct tls_world *world = *state;
    SSL *client;
    int updates = 0;

    tls_world_open(world, TLS1_3_VERSION);
    client = tls_transport_ssl(world->pair.client.transport);
    while (world->pair.server.status == TRANSPORT_OK && updates < 1000) {
        assert_int_equal(SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        tls_pair_write(&world->pair.client, STR("x"));
        tls_pair_pump(&world->pair, 0);
        updates++;
    }
    assert_int_equal(world->pair.server.status, TRANSPORT_FAILED);
    assert_in_range(updates, TLS_TRANSPORT_CONTROL_SPARE, TLS_TRANSPORT_CONTROL_SPARE + 2);
    tls_world_stop(world);
}

static void key_updates_that_data_calls_for_go_on_for_ever(void **state)
{
    struct tls_world *world = *state;
    struct buf data = tls_world_pattern(2 * TLS_TRANSPORT_CONTROL_BYTES);
    SSL *client;

    tls_world_open(world, TLS1_3_VERSION);
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
    tls_world_stop(world);
}

static void renegotiation_is_refused_and_the_link_goes_on(void **state)
{
    struct tls_world *world = *state;
    struct tls_side *server = &world->pair.server;

    tls_world_start(world, TLS1_2_VERSION);
    SSL_clear_options(tls_transport_ssl(world->pair.client.transport), SSL_OP_NO_RENEGOTIATION);
    tls_pair_pump(&world->pair, 0);
    assert_true(tls_pair_is_open(&world->pair));
    SSL_renegotiate(tls_transport_ssl(world->pair.client.transport));
    tls_pair_write(&world->pair.client, STR("x")); /* sends a ClientHello instead */
    assert_true(world->pair.client.to_peer.len > 0);
    tls_pair_feed(server, buf_str(&world->pair.client.to_peer));
    buf_clear(&world->pair.client.to_peer);
    assert_int_equal(server->status, TRANSPORT_OK);
    assert_int_equal(tls_world_count_records(buf_str(&server->to_peer)), 1);
    assert_int_equal(server->to_peer.ptr[0], 21); /* no_renegotiation, a warning */
    tls_pair_write(server, STR("still here"));
    assert_int_equal(server->status, TRANSPORT_OK);
    buf_clear(&server->to_peer);
    tls_world_stop(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(garbage_is_refused_with_an_alert),
        cmocka_unit_test(plain_http_on_the_tls_port_is_refused_with_an_alert),
        cmocka_unit_test(a_forged_record_fails_after_what_came_before_it),
        cmocka_unit_test(a_flood_of_key_updates_fails_the_connection),
        cmocka_unit_test(key_updates_that_data_calls_for_go_on_for_ever),
        cmocka_unit_test(renegotiation_is_refused_and_the_link_goes_on),
    };

    return cmocka_run_group_tests_name("OpenSSL's records", tests, tls_world_make,
                                       tls_world_remove) +
           cmocka_run_group_tests_name("our records", tests, tls_world_make_own, tls_world_remove);
}
