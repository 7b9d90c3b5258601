#include "tls/tls_transport.h"

#include "tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_MAX = 16 * 1024 };

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

enum { VERSIONS = 2 };

static void expect_plain(const struct tls_side *side, struct str plain)
{
    assert_int_equal(side->plain.len, plain.len);
    assert_memory_equal(side->plain.ptr, plain.ptr, plain.len);
}

/* ---- data ---- */

static void a_handshake_and_data_come_through_byte_by_byte(void **state)
{
    struct tls_world *world = *state;

    for (size_t i = 0; i < VERSIONS; i++) {
        tls_world_start(world, versions[i]);
        tls_pair_pump(&world->pair, 1);
        assert_true(tls_pair_is_open(&world->pair));
        tls_pair_write(&world->pair.client, STR("GET / HTTP/1.1\r\n"));
        tls_pair_write(&world->pair.server, STR("HTTP/1.1 200 OK\r\n"));
        tls_pair_pump(&world->pair, 1);
        expect_plain(&world->pair.server, STR("GET / HTTP/1.1\r\n"));
        expect_plain(&world->pair.client, STR("HTTP/1.1 200 OK\r\n"));
        tls_world_stop(world);
    }
}

static void data_that_comes_with_the_end_of_the_handshake_is_opened_at_once(void **state)
{
    struct tls_world *world = *state;
    struct tls_side *client = &world->pair.client;
    struct tls_side *server = &world->pair.server;

    tls_world_start(world, TLS1_3_VERSION);
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
    tls_world_stop(world);
}

static void many_records_are_opened_in_one_call(void **state)
{
    struct tls_world *world = *state;
    struct buf expected = BUF_EMPTY;

    for (size_t i = 0; i < VERSIONS; i++) {
        tls_world_open(world, versions[i]);
        for (int n = 0; n < 300; n++) {
            char text[32];
            int len = snprintf(text, sizeof text, "message %d;", n);

            buf_append(&expected, (struct str){text, (size_t)len});
            tls_pair_write(&world->pair.client, (struct str){text, (size_t)len});
        }
        assert_int_equal(tls_world_count_records(buf_str(&world->pair.client.to_peer)), 300);
        tls_pair_feed(&world->pair.server, buf_str(&world->pair.client.to_peer));
        buf_clear(&world->pair.client.to_peer);
        expect_plain(&world->pair.server, buf_str(&expected));
        buf_clear(&expected);
        tls_world_stop(world);
    }
    buf_free(&expected);
}

static void a_large_write_becomes_many_records(void **state)
{
    static const size_t chunks[] = {0, 65536, 16384, 1000};
    struct tls_world *world = *state;
    struct buf large = tls_world_pattern(200 * 1000);

    for (size_t i = 0; i < VERSIONS * 4; i++) {
        tls_world_open(world, versions[i % VERSIONS]);
        tls_pair_write(&world->pair.server, buf_str(&large));
        assert_int_equal(world->pair.server.status, TRANSPORT_OK);
        assert_int_equal(tls_world_count_records(buf_str(&world->pair.server.to_peer)), 13);
        tls_pair_pump(&world->pair, chunks[i / VERSIONS]);
        expect_plain(&world->pair.client, buf_str(&large));
        tls_world_stop(world);
    }
    buf_free(&large);
}

/* The rest of a large record and full ones behind it open to more than was handed in. */
static void the_rest_of_a_record_and_more_fit_in_what_the_contract_asks_for(void **state)
{
    struct tls_world *world = *state;
    struct buf large = tls_world_pattern(6 * RECORD_MAX);
    struct str wire;
    char plain[TRANSPORT_READ_MIN + 3 * RECORD_MAX];
    struct transport_read out = {.ptr = plain};
    struct transport *server;

    tls_world_open(world, TLS1_3_VERSION);
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
    tls_world_stop(world);
}

static void a_record_in_part_gives_nothing_until_its_rest_has_come(void **state)
{
    struct tls_world *world = *state;
    struct str wire;

    tls_world_open(world, TLS1_3_VERSION);
    tls_pair_write(&world->pair.client, STR("whole or not at all"));
    wire = buf_str(&world->pair.client.to_peer);
    tls_pair_feed(&world->pair.server, str_sub(wire, 0, wire.len - 1));
    assert_int_equal(world->pair.server.status, TRANSPORT_OK);
    assert_int_equal(world->pair.server.plain.len, 0);
    tls_pair_feed(&world->pair.server, str_sub(wire, wire.len - 1, 1));
    expect_plain(&world->pair.server, STR("whole or not at all"));
    buf_clear(&world->pair.client.to_peer);
    tls_world_stop(world);
}

static void nothing_written_seals_to_nothing(void **state)
{
    struct tls_world *world = *state;

    tls_world_open(world, TLS1_3_VERSION);
    tls_pair_write(&world->pair.server, STR_EMPTY);
    assert_int_equal(world->pair.server.status, TRANSPORT_OK);
    assert_int_equal(world->pair.server.to_peer.len, 0);
    tls_world_stop(world);
}

/* ---- close ---- */

static void the_peers_close_notify_ends_the_input_only(void **state)
{
    struct tls_world *world = *state;

    for (size_t i = 0; i < VERSIONS; i++) {
        struct tls_side *client = &world->pair.client;
        struct tls_side *server = &world->pair.server;

        tls_world_open(world, versions[i]);
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
        tls_world_stop(world);
    }
}

static void after_our_close_the_peers_data_is_still_opened(void **state)
{
    struct tls_world *world = *state;

    tls_world_open(world, TLS1_3_VERSION);
    tls_pair_close(&world->pair.server);
    assert_int_equal(tls_world_count_records(buf_str(&world->pair.server.to_peer)), 1);
    tls_pair_write(&world->pair.client, STR("on its way"));
    tls_pair_feed(&world->pair.server, buf_str(&world->pair.client.to_peer));
    buf_clear(&world->pair.client.to_peer);
    expect_plain(&world->pair.server, STR("on its way"));
    tls_pair_pump(&world->pair, 0);
    assert_int_equal(world->pair.client.status, TRANSPORT_ENDED);
    tls_world_stop(world);
}

static void a_close_before_the_handshake_is_over_says_nothing(void **state)
{
    struct tls_world *world = *state;

    tls_world_start(world, TLS1_3_VERSION);
    tls_pair_close(&world->pair.server);
    assert_int_equal(world->pair.server.to_peer.len, 0);
    tls_world_stop(world);
}

static void a_close_notify_in_the_handshake_is_a_failure(void **state)
{
    struct tls_world *world = *state;

    tls_world_start(world, TLS1_3_VERSION);
    tls_pair_feed(&world->pair.server, buf_str(&world->pair.client.to_peer));
    tls_pair_feed(&world->pair.server, STR("\x15\x03\x03\x00\x02\x01\x00"));
    assert_int_equal(world->pair.server.status, TRANSPORT_FAILED);
    assert_false(world->pair.server.established);
    assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_FAILED), 1);
    tls_world_stop(world);
}

/* ---- counting and memory ---- */

static void a_handshake_is_counted_once_as_what_it_was(void **state)
{
    struct tls_world *world = *state;
    struct tls_peer *peer = &world->peer;

    tls_world_open(world, TLS1_3_VERSION);
    assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_FULL), 1);
    tls_pair_fini(&world->pair);
    tls_pair_init(&world->pair, tls_peer_transport(peer),
                  tls_server_transport(world->server, world->metrics));
    tls_pair_pump(&world->pair, 1);
    tls_pair_write(&world->pair.client, STR("x"));
    tls_pair_pump(&world->pair, 0);
    tls_world_stop(&(struct tls_world){.pair = world->pair, .peer = *peer});
    assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_FULL), 1);
    assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_RESUMED), 1);
    assert_int_equal(tls_world_counted(world, METRIC_TLS_HANDSHAKE_FAILED), 0);
    metric_set_free(world->metrics);
}

static void a_handshake_that_breaks_off_is_a_failed_one_but_a_mere_probe_is_not(void **state)
{
    struct tls_world *world = *state;
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
    struct tls_world *world = *state;
    struct buf large = tls_world_pattern(100 * 1000);

    for (size_t i = 0; i < VERSIONS; i++) {
        size_t before = 0;

        tls_world_open(world, versions[i]);
        for (int n = 0; n < 4; n++) {
            tls_pair_write(&world->pair.client, buf_str(&large));
            tls_pair_write(&world->pair.server, buf_str(&large));
            tls_pair_pump(&world->pair, 30 * 1000);
            if (n == 0) /* what a thread has once for all its links is there now */
                before = held_bytes;
            /* Two ends; a record buffer would be 16 KiB. */
            assert_in_range(held_bytes, before - 2048, before + 2048);
        }
        tls_world_stop(world);
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
    return cmocka_run_group_tests_name("OpenSSL's records", tests, tls_world_make,
                                       tls_world_remove) +
           cmocka_run_group_tests_name("our records", tests, tls_world_make_own, tls_world_remove);
}
