/* From OpenSSL's handshake to records of our own, with OpenSSL's client at the other end. */
#include "tls/tls_record.h"

#include "tls/tls_record_private.h"
#include "tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

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

enum { SUITES = 6, RECORD_MAX = 16 * 1024 };

static void start(struct tls_world *world, size_t i)
{
    SSL *client;

    tls_world_start(world, suites[i].version);
    tls_pair_fini(&world->pair);
    assert_int_equal(suites[i].version == TLS1_3_VERSION
                         ? SSL_CTX_set_ciphersuites(world->peer.ssl_ctx, suites[i].suite)
                         : SSL_CTX_set_cipher_list(world->peer.ssl_ctx, suites[i].suite),
                     1);
    tls_pair_init(&world->pair, tls_peer_transport(&world->peer),
                  tls_server_transport(world->server, world->metrics));
    client = tls_pair_client_ssl(&world->pair);
    assert_non_null(client);
}

static bool is_own(const struct tls_world *world)
{
    return tls_record_is_own(world->pair.server.transport);
}

static void open_own(struct tls_world *world, size_t i)
{
    start(world, i);
    tls_pair_pump(&world->pair, 0);
    assert_true(tls_pair_is_open(&world->pair));
    assert_string_equal(SSL_get_cipher_name(tls_pair_client_ssl(&world->pair)), suites[i].suite);
    assert_true(is_own(world));
}

static void expect(struct tls_side *side, struct str plain)
{
    assert_int_equal(side->status, TRANSPORT_OK);
    assert_int_equal(side->plain.len, plain.len);
    assert_memory_equal(side->plain.ptr, plain.ptr, plain.len);
    buf_clear(&side->plain);
}

/* Both ways, each in one record or more. */
static void talk(struct tls_world *world, struct str plain, size_t chunk)
{
    tls_pair_write(&world->pair.client, plain);
    tls_pair_write(&world->pair.server, plain);
    tls_pair_pump(&world->pair, chunk);
    expect(&world->pair.server, plain);
    expect(&world->pair.client, plain);
}

static void every_suite_is_taken_over(void **state)
{
    struct tls_world *world = *state;

    for (size_t i = 0; i < SUITES; i++) {
        start(world, i);
        tls_pair_pump(&world->pair, 1);
        assert_true(tls_pair_is_open(&world->pair));
        assert_true(is_own(world));
        for (int n = 0; n < 3; n++)
            talk(world, STR("byte by byte"), 1);
        tls_world_stop(world);
    }
}

static void a_resumed_link_is_taken_over(void **state)
{
    struct tls_world *world = *state;

    for (size_t i = 0; i < SUITES; i++) {
        open_own(world, i);
        talk(world, STR("first"), 0);
        for (int n = 0; n < 3; n++) {
            tls_pair_fini(&world->pair);
            tls_pair_init(&world->pair, tls_peer_transport(&world->peer),
                          tls_server_transport(world->server, world->metrics));
            tls_pair_pump(&world->pair, 0);
            assert_int_equal(SSL_session_reused(tls_pair_client_ssl(&world->pair)), 1);
            assert_true(is_own(world));
            talk(world, STR("again"), 0);
        }
        tls_world_stop(world);
    }
}

/* Firmware without tickets (BearSSL) shows the session's id instead. */
static void a_link_resumed_by_id_is_taken_over(void **state)
{
    struct tls_world *world = *state;

    tls_world_start(world, TLS1_2_VERSION);
    SSL_CTX_set_options(world->peer.ssl_ctx, SSL_OP_NO_TICKET);
    for (int n = 0; n < 3; n++) {
        tls_pair_fini(&world->pair);
        tls_pair_init(&world->pair, tls_peer_transport(&world->peer),
                      tls_server_transport(world->server, world->metrics));
        tls_pair_pump(&world->pair, 0);
        assert_int_equal(SSL_session_reused(tls_pair_client_ssl(&world->pair)), n > 0);
        assert_false(SSL_SESSION_has_ticket(world->peer.session));
        assert_true(is_own(world));
        talk(world, STR("by id"), 0);
    }
    tls_world_stop(world);
}

static void every_length_comes_through_with_every_suite(void **state)
{
    struct tls_world *world = *state;
    struct buf pattern = tls_world_pattern(3UL * RECORD_MAX);

    for (size_t i = 0; i < SUITES; i++) {
        open_own(world, i);
        for (size_t len = 0; len <= 300; len++)
            talk(world, str_sub(buf_str(&pattern), len, len), len % 7);
        for (size_t len = RECORD_MAX - 20; len <= RECORD_MAX + 20; len++)
            talk(world, str_sub(buf_str(&pattern), len, len), 0);
        tls_world_stop(world);
    }
    buf_free(&pattern);
}

/* To the client's Finished and behind it, in the server's one call, but for the last `kept`. */
static struct str finish(struct tls_world *world, size_t kept)
{
    struct tls_side *client = &world->pair.client;
    struct tls_side *server = &world->pair.server;
    struct str wire;

    tls_pair_write(client, STR("early bird"));
    wire = buf_str(&client->to_peer);
    tls_pair_feed(server, str_sub(wire, 0, wire.len - kept));
    assert_true(server->established);
    return str_sub(wire, wire.len - kept, kept);
}

static void reach_finished(struct tls_world *world, size_t i)
{
    struct tls_side *client = &world->pair.client;
    struct tls_side *server = &world->pair.server;

    start(world, i);
    tls_pair_feed(server, buf_str(&client->to_peer));
    buf_clear(&client->to_peer);
    tls_pair_feed(client, buf_str(&server->to_peer));
    buf_clear(&server->to_peer);
    assert_true(client->established);
    assert_false(server->established);
}

static void data_with_the_clients_finished_is_no_hindrance(void **state)
{
    struct tls_world *world = *state;

    for (size_t i = 0; i < 3; i++) {
        reach_finished(world, i);
        finish(world, 0);
        buf_clear(&world->pair.client.to_peer);
        expect(&world->pair.server, STR("early bird"));
        assert_true(is_own(world));
        talk(world, STR("and on"), 0);
        tls_world_stop(world);
    }
}

static void a_record_in_part_behind_finished_puts_the_hand_over_off(void **state)
{
    struct tls_world *world = *state;

    /* From all but a byte of the record to nothing but its head. */
    for (size_t kept = 1; kept <= 10 + 17 + 4; kept++) {
        struct str rest;

        reach_finished(world, kept % 3);
        rest = finish(world, kept);
        assert_false(is_own(world));
        assert_int_equal(world->pair.server.plain.len, 0);
        tls_pair_write(&world->pair.server, STR("from OpenSSL yet"));
        tls_pair_feed(&world->pair.client, buf_str(&world->pair.server.to_peer));
        buf_clear(&world->pair.server.to_peer);
        expect(&world->pair.client, STR("from OpenSSL yet"));
        tls_pair_feed(&world->pair.server, rest);
        buf_clear(&world->pair.client.to_peer);
        expect(&world->pair.server, STR("early bird"));
        assert_true(is_own(world));
        talk(world, STR("and on"), 0);
        tls_world_stop(world);
    }
}

static void a_key_update_with_finished_leaves_the_link_with_openssl(void **state)
{
    struct tls_world *world = *state;

    reach_finished(world, 0);
    assert_int_equal(SSL_key_update(tls_pair_client_ssl(&world->pair), SSL_KEY_UPDATE_REQUESTED),
                     1);
    finish(world, 0);
    buf_clear(&world->pair.client.to_peer);
    expect(&world->pair.server, STR("early bird"));
    tls_pair_pump(&world->pair, 0);
    for (int n = 0; n < 3; n++)
        talk(world, STR("all the same"), 1);
    assert_false(is_own(world));
    tls_world_stop(world);
}

static void a_link_that_no_thread_has_taken_stays_with_openssl(void **state)
{
    struct tls_world *world = *state;

    tls_world_start(world, TLS1_3_VERSION);
    transport_settle(world->pair.server.transport, NULL);
    tls_pair_pump(&world->pair, 0);
    talk(world, STR("all the same"), 0);
    assert_false(is_own(world));
    transport_settle(world->pair.server.transport, &world->pair.server.thread);
    talk(world, STR("from now on"), 0);
    assert_true(is_own(world));
    talk(world, STR("ours"), 0);
    tls_world_stop(world);
}

/* Old suites and versions: served as ever, by OpenSSL. */
static void what_is_no_aead_stays_with_openssl(void **state)
{
    static const struct {
        int version;
        const char *suite;
    } old[] = {
        {TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA256"},
        {TLS1_2_VERSION, "AES128-SHA"},
        {TLS1_1_VERSION, "ECDHE-RSA-AES128-SHA"},
        {TLS1_VERSION, "AES128-SHA"},
    };
    struct tls_world *world = *state;
    struct tls_server_config config = tls_files_config(&world->files);
    struct tls_server *server;

    config.old_tls = true;
    config.record_layer = true;
    server = tls_files_server(&config);
    for (size_t i = 0; i < 4; i++) {
        struct tls_world own = {.server = server, .metrics = metric_set_new()};

        tls_peer_init(&own.peer);
        SSL_CTX_set_security_level(own.peer.ssl_ctx, 0);
        SSL_CTX_set_min_proto_version(own.peer.ssl_ctx, old[i].version);
        SSL_CTX_set_max_proto_version(own.peer.ssl_ctx, old[i].version);
        assert_int_equal(SSL_CTX_set_cipher_list(own.peer.ssl_ctx, old[i].suite), 1);
        assert_true(tls_peer_shake_hands(server, &own.peer, &own.pair));
        talk(&own, STR("all the same"), 1);
        assert_false(is_own(&own));
        tls_world_stop(&own);
    }
    tls_server_close(server);
}

static void static_rsa_with_gcm_is_taken_over_too(void **state)
{
    struct tls_world *world = *state;
    struct tls_server_config config = tls_files_config(&world->files);
    struct tls_world own = {.metrics = metric_set_new()};

    config.old_tls = true;
    config.record_layer = true;
    own.server = tls_files_server(&config);
    tls_peer_init(&own.peer);
    SSL_CTX_set_max_proto_version(own.peer.ssl_ctx, TLS1_2_VERSION);
    assert_int_equal(SSL_CTX_set_cipher_list(own.peer.ssl_ctx, "AES128-GCM-SHA256"), 1);
    assert_true(tls_peer_shake_hands(own.server, &own.peer, &own.pair));
    assert_true(is_own(&own));
    talk(&own, STR("old firmware"), 1);
    tls_world_stop(&own);
    tls_server_close(own.server);
}

static void keys_change_at_the_clients_wish_and_both_go_on(void **state)
{
    struct tls_world *world = *state;

    for (size_t i = 0; i < 3; i++) {
        SSL *client;

        open_own(world, i);
        client = tls_pair_client_ssl(&world->pair);
        for (int n = 0; n < TLS_TRANSPORT_CONTROL_SPARE / 2; n++) {
            assert_int_equal(SSL_key_update(client, n % 2 ? SSL_KEY_UPDATE_REQUESTED
                                                          : SSL_KEY_UPDATE_NOT_REQUESTED),
                             1);
            talk(world, STR("under other keys"), (size_t)n % 3);
        }
        assert_true(tls_pair_is_open(&world->pair));
        tls_world_stop(world);
    }
}

static void padding_is_taken_off(void **state)
{
    static const size_t blocks[] = {2, 64, 512, 4096, RECORD_MAX};
    struct tls_world *world = *state;
    struct buf pattern = tls_world_pattern(RECORD_MAX);

    memset(pattern.ptr + 100, 0, 100); /* zeros that are data */
    for (size_t i = 0; i < 5; i++) {
        open_own(world, i % 3);
        SSL_set_block_padding(tls_pair_client_ssl(&world->pair), blocks[i]);
        for (size_t len = 1; len < RECORD_MAX; len += len < 300 ? 1 : 1777)
            talk(world, str_sub(buf_str(&pattern), 0, len), 0);
        tls_world_stop(world);
    }
    buf_free(&pattern);
}

static size_t longest_record(struct str wire)
{
    size_t longest = 0;

    while (wire.len > 0) {
        size_t len = (size_t)(uint8_t)wire.ptr[3] << 8 | (uint8_t)wire.ptr[4];

        longest = len > longest ? len : longest;
        wire = str_sub(wire, TLS_RECORD_HEAD + len, wire.len);
    }
    return longest;
}

static void records_are_no_longer_than_was_agreed(void **state)
{
    struct tls_world *world = *state;
    struct buf pattern = tls_world_pattern(20000);

    for (size_t i = 0; i < SUITES; i++) {
        uint8_t code = (uint8_t)(TLSEXT_max_fragment_length_512 + i % 4);
        size_t max = (size_t)256 << code;

        start(world, i);
        tls_pair_fini(&world->pair);
        SSL_CTX_set_tlsext_max_fragment_length(world->peer.ssl_ctx, code);
        tls_pair_init(&world->pair, tls_peer_transport(&world->peer),
                      tls_server_transport(world->server, world->metrics));
        tls_pair_pump(&world->pair, 0);
        assert_true(is_own(world));
        tls_pair_write(&world->pair.server, buf_str(&pattern));
        assert_in_range(longest_record(buf_str(&world->pair.server.to_peer)), max, max + 24);
        tls_pair_pump(&world->pair, 0);
        expect(&world->pair.client, buf_str(&pattern));
        talk(world, buf_str(&pattern), 0);
        tls_world_stop(world);
    }
    buf_free(&pattern);
}

static uint64_t last_nonce(struct str wire)
{
    uint64_t nonce = 0;

    while (wire.len > 0) {
        size_t len = (size_t)(uint8_t)wire.ptr[3] << 8 | (uint8_t)wire.ptr[4];

        nonce = tls_keys_get_u64((const uint8_t *)wire.ptr + TLS_RECORD_HEAD);
        wire = str_sub(wire, TLS_RECORD_HEAD + len, wire.len);
    }
    return nonce;
}

/* A GCM nonce that comes twice gives the key of its tags away. */
static void explicit_nonces_of_tls_12_go_on_from_openssls(void **state)
{
    struct tls_world *world = *state;
    struct tls_side *server = &world->pair.server;

    for (int resumed = 0; resumed < 2; resumed++) {
        uint64_t finished = 0;

        if (resumed == 0)
            start(world, 3);
        while (world->pair.client.to_peer.len > 0) {
            tls_pair_feed(server, buf_str(&world->pair.client.to_peer));
            buf_clear(&world->pair.client.to_peer);
            if (server->to_peer.len > 0)
                finished = last_nonce(buf_str(&server->to_peer));
            tls_pair_feed(&world->pair.client, buf_str(&server->to_peer));
            buf_clear(&server->to_peer);
        }
        assert_true(is_own(world));
        for (uint64_t n = 1; n < 4; n++) {
            tls_pair_write(server, STR("x"));
            assert_true(last_nonce(buf_str(&server->to_peer)) == finished + n);
            tls_pair_pump(&world->pair, 0);
        }
        buf_clear(&world->pair.client.plain);
        talk(world, STR("x"), 0);
        tls_pair_fini(&world->pair);
        tls_pair_init(&world->pair, tls_peer_transport(&world->peer),
                      tls_server_transport(world->server, world->metrics));
    }
    assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_RESUMED), 1);
    tls_world_stop(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_is_taken_over),
        cmocka_unit_test(a_resumed_link_is_taken_over),
        cmocka_unit_test(a_link_resumed_by_id_is_taken_over),
        cmocka_unit_test(every_length_comes_through_with_every_suite),
        cmocka_unit_test(data_with_the_clients_finished_is_no_hindrance),
        cmocka_unit_test(a_record_in_part_behind_finished_puts_the_hand_over_off),
        cmocka_unit_test(a_key_update_with_finished_leaves_the_link_with_openssl),
        cmocka_unit_test(a_link_that_no_thread_has_taken_stays_with_openssl),
        cmocka_unit_test(what_is_no_aead_stays_with_openssl),
        cmocka_unit_test(static_rsa_with_gcm_is_taken_over_too),
        cmocka_unit_test(keys_change_at_the_clients_wish_and_both_go_on),
        cmocka_unit_test(padding_is_taken_off),
        cmocka_unit_test(records_are_no_longer_than_was_agreed),
        cmocka_unit_test(explicit_nonces_of_tls_12_go_on_from_openssls),
    };

    return cmocka_run_group_tests(tests, tls_world_make_own, tls_world_remove);
}
