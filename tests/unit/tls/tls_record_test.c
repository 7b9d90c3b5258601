#include "tls/tls_record.h"

#include "tls_twin.h"
#include "tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { LINKS = 2 * TLS_TWIN_KINDS };

static void expect(struct tls_side *side, struct str plain)
{
    assert_int_equal(side->status, TRANSPORT_OK);
    assert_int_equal(side->plain.len, plain.len);
    assert_memory_equal(side->plain.ptr, plain.ptr, plain.len);
    buf_clear(&side->plain);
}

static void a_large_write_fills_records_and_comes_out_whole(void **state)
{
    struct buf large = tls_world_pattern(100000);
    static const size_t chunks[] = {0, 1, 4, 5, 6, 1000, 16385, 65536};

    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        for (size_t i = 0; i < 8; i++) {
            tls_pair_write(&twin.pair.client, buf_str(&large));
            assert_int_equal(tls_world_count_records(buf_str(&twin.pair.client.to_peer)), 7);
            tls_pair_pump(&twin.pair, chunks[i]);
            expect(&twin.pair.server, buf_str(&large));
        }
        tls_twin_fini(&twin);
    }
    buf_free(&large);
}

static void an_idle_link_keeps_no_bytes(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        tls_pair_write(&twin.pair.client, STR("in parts"));
        tls_pair_pump(&twin.pair, 3);
        expect(&twin.pair.server, STR("in parts"));
        assert_null(twin.server->part);
        tls_twin_fini(&twin);
    }
}

static void many_links_share_one_threads_ciphers(void **state)
{
    struct tls_twin twins[LINKS];

    (void)state;
    for (size_t i = 0; i < LINKS; i++) {
        tls_twin_init(&twins[i], i % TLS_TWIN_KINDS);
        if (i >= TLS_TWIN_KINDS) /* so that no two links have the same keys */
            tls_record_rules_update(twins[i].client, true, &twins[i].pair.client.to_peer);
        buf_clear(&twins[i].pair.client.to_peer);
        if (i >= TLS_TWIN_KINDS)
            tls_keys_advance(&twins[i].server->read,
                             tls_crypt_derive(tls_crypt_of(&twins[i].pair.server.thread)));
        transport_settle(twins[i].pair.server.transport, &twins[0].pair.server.thread);
        transport_settle(twins[i].pair.client.transport, &twins[0].pair.server.thread);
    }
    for (int n = 0; n < 20; n++) {
        for (size_t i = 0; i < LINKS; i++) {
            tls_pair_write(&twins[i].pair.client, STR("by turns"));
            if (n % 3 == 0)
                tls_pair_write(&twins[i].pair.client, STR(", twice"));
            tls_pair_pump(&twins[i].pair, 0);
            expect(&twins[i].pair.server, n % 3 ? STR("by turns") : STR("by turns, twice"));
        }
    }
    for (size_t i = LINKS; i > 0; i--)
        tls_twin_fini(&twins[i - 1]);
}

static void a_link_goes_from_thread_to_thread(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;
        struct transport_thread other = {0};

        tls_twin_init(&twin, kind);
        for (int n = 0; n < 4; n++) {
            tls_pair_write(&twin.pair.client, STR("halfway"));
            tls_pair_feed(&twin.pair.server, str_sub(buf_str(&twin.pair.client.to_peer), 0, 9));
            buf_consume(&twin.pair.client.to_peer, 9);
            transport_settle(twin.pair.server.transport, NULL);
            transport_settle(twin.pair.server.transport, n % 2 ? &twin.pair.server.thread : &other);
            tls_pair_pump(&twin.pair, 0);
            expect(&twin.pair.server, STR("halfway"));
        }
        tls_twin_fini(&twin);
        transport_thread_close(&other);
    }
}

/* Both ends near the bound on one key's records, as after weeks. */
static void keys_change_before_they_have_sealed_too_much(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_CIPHERS; kind++) {
        struct tls_twin twin;
        uint8_t key[TLS_CRYPT_KEY_MAX];

        tls_twin_init(&twin, kind);
        twin.server->write.seq = TLS_RECORD_SEQ_UPDATE - 1;
        twin.client->read.seq = TLS_RECORD_SEQ_UPDATE - 1;
        memcpy(key, twin.server->write.key, sizeof key);
        tls_pair_write(&twin.pair.server, STR("last"));
        assert_memory_equal(twin.server->write.key, key, sizeof key);
        tls_pair_write(&twin.pair.server, STR(" first"));
        assert_memory_not_equal(twin.server->write.key, key, sizeof key);
        assert_int_equal(twin.server->write.seq, 1);
        tls_pair_pump(&twin.pair, 0);
        expect(&twin.pair.client, STR("last first"));
        tls_pair_write(&twin.pair.server, STR("and on"));
        tls_pair_pump(&twin.pair, 0);
        expect(&twin.pair.client, STR("and on"));
        tls_twin_fini(&twin);
    }
}

/* A peer that has no such bound, as one of the twins is made to have none. */
static void a_peer_whose_keys_grow_old_is_asked_for_new_ones(void **state)
{
    struct tls_twin twin;

    (void)state;
    tls_twin_init(&twin, 0);
    twin.client->write.seq = TLS_RECORD_SEQ_UPDATE - 1;
    twin.server->read.seq = TLS_RECORD_SEQ_UPDATE - 1;
    tls_pair_write(&twin.pair.client, STR("x"));
    tls_pair_pump(&twin.pair, 0); /* the server asks, the client changes */
    expect(&twin.pair.server, STR("x"));
    assert_int_equal(twin.client->write.seq, 0);
    assert_int_equal(twin.server->read.seq, 0);
    assert_int_equal(twin.server->write.seq, 0);
    tls_pair_write(&twin.pair.client, STR("y"));
    tls_pair_write(&twin.pair.server, STR("z"));
    tls_pair_pump(&twin.pair, 0);
    expect(&twin.pair.server, STR("y"));
    expect(&twin.pair.client, STR("z"));
    tls_twin_fini(&twin);
}

static void either_end_closes_and_the_other_still_writes(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;
        size_t closed_len;

        tls_twin_init(&twin, kind);
        tls_pair_close(&twin.pair.server);
        closed_len = twin.pair.server.to_peer.len;
        tls_pair_close(&twin.pair.server); /* once is enough */
        assert_int_equal(twin.pair.server.to_peer.len, closed_len);
        tls_pair_write(&twin.pair.server, STR("too late"));
        assert_int_equal(twin.pair.server.status, TRANSPORT_FAILED);
        assert_int_equal(twin.pair.server.to_peer.len, closed_len);
        tls_pair_write(&twin.pair.client, STR("on its way"));
        tls_pair_pump(&twin.pair, 0);
        assert_int_equal(twin.pair.client.status, TRANSPORT_ENDED);
        expect(&twin.pair.server, STR("on its way"));
        tls_pair_write(&twin.pair.client, STR("farewell"));
        tls_pair_close(&twin.pair.client);
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_ENDED);
        assert_int_equal(twin.pair.server.plain.len, 8);
        assert_int_equal(twin.pair.server.to_peer.len, 0);
        tls_twin_fini(&twin);
    }
}

static void a_key_update_behind_our_close_is_not_answered(void **state)
{
    struct tls_twin twin;

    (void)state;
    tls_twin_init(&twin, 0);
    tls_pair_close(&twin.pair.server);
    buf_clear(&twin.pair.server.to_peer);
    tls_record_rules_update(twin.client, true, &twin.pair.client.to_peer);
    tls_pair_write(&twin.pair.client, STR("last words"));
    tls_twin_deliver(&twin);
    expect(&twin.pair.server, STR("last words"));
    assert_int_equal(twin.pair.server.to_peer.len, 0);
    tls_twin_fini(&twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_write_fills_records_and_comes_out_whole),
        cmocka_unit_test(an_idle_link_keeps_no_bytes),
        cmocka_unit_test(many_links_share_one_threads_ciphers),
        cmocka_unit_test(a_link_goes_from_thread_to_thread),
        cmocka_unit_test(keys_change_before_they_have_sealed_too_much),
        cmocka_unit_test(a_peer_whose_keys_grow_old_is_asked_for_new_ones),
        cmocka_unit_test(either_end_closes_and_the_other_still_writes),
        cmocka_unit_test(a_key_update_behind_our_close_is_not_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
