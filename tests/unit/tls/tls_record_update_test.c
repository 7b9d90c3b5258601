/* A KeyUpdate that comes in several records (RFC 8446 section 5.1), well and badly cut. */
#include "tls/tls_record.h"

#include "tls_twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { MESSAGE = 5, CUTS = 1 << (MESSAGE - 1) };

static const char updates[2][MESSAGE + 1] = {"\x18\x00\x00\x01\x00", "\x18\x00\x00\x01\x01"};

/* The message in records that end behind each byte whose bit is set; the client's keys follow. */
static void say_cut(struct tls_twin *twin, bool asks, size_t cuts)
{
    size_t from = 0;

    for (size_t at = 1; at <= MESSAGE; at++) {
        if (at < MESSAGE && !(cuts >> (at - 1) & 1))
            continue;
        tls_twin_say(twin, TLS_CONTENT_HANDSHAKE, (struct str){updates[asks] + from, at - from});
        from = at;
    }
    tls_keys_advance(&twin->client->write,
                     tls_crypt_derive(tls_crypt_of(&twin->pair.client.thread)));
}

static void expect_data(struct tls_side *side, struct str data)
{
    assert_int_equal(side->status, TRANSPORT_OK);
    assert_int_equal(side->plain.len, data.len);
    assert_memory_equal(side->plain.ptr, data.ptr, data.len);
    buf_clear(&side->plain);
}

static void talk(struct tls_twin *twin, size_t chunk)
{
    tls_pair_write(&twin->pair.client, STR("up"));
    tls_pair_pump(&twin->pair, chunk);
    tls_pair_write(&twin->pair.server, STR("down"));
    tls_pair_pump(&twin->pair, chunk);
    expect_data(&twin->pair.server, STR("up"));
    expect_data(&twin->pair.client, STR("down"));
}

static void expect_refused(struct tls_twin *twin, enum tls_alert alert)
{
    tls_twin_deliver(twin);
    assert_int_equal(twin->pair.server.status, TRANSPORT_FAILED);
    assert_int_equal(tls_twin_alert(twin), alert);
    tls_twin_fini(twin);
}

static void it_may_be_cut_anywhere(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_CIPHERS; kind++) {
        for (size_t cuts = 0; cuts < CUTS; cuts++) {
            struct tls_twin twin;

            tls_twin_init(&twin, kind);
            talk(&twin, 0);
            for (int asks = 0; asks < 2; asks++) {
                say_cut(&twin, asks, cuts);
                talk(&twin, cuts % 3);
                assert_int_equal(twin.server->read.seq, 1);
            }
            assert_int_equal(twin.server->write.seq, 1); /* it did as it was asked */
            tls_twin_fini(&twin);
        }
    }
}

static void the_parts_may_come_in_turns_of_their_own(void **state)
{
    struct tls_twin twin;

    (void)state;
    tls_twin_init(&twin, 0);
    for (size_t at = 0; at < MESSAGE; at++) {
        tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, (struct str){updates[1] + at, 1});
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
        assert_int_equal(twin.pair.server.to_peer.len > 0, at == MESSAGE - 1);
    }
    tls_keys_advance(&twin.client->write, tls_crypt_derive(tls_crypt_of(&twin.pair.client.thread)));
    talk(&twin, 1);
    tls_twin_fini(&twin);
}

/* We may write meanwhile; what we write is under keys of its own. */
static void the_server_may_speak_between_the_parts(void **state)
{
    struct tls_twin twin;

    (void)state;
    tls_twin_init(&twin, 0);
    tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, (struct str){updates[1], 2});
    tls_twin_deliver(&twin);
    tls_pair_write(&twin.pair.server, STR("between"));
    tls_pair_pump(&twin.pair, 0);
    expect_data(&twin.pair.client, STR("between"));
    tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, (struct str){updates[1] + 2, MESSAGE - 2});
    tls_keys_advance(&twin.client->write, tls_crypt_derive(tls_crypt_of(&twin.pair.client.thread)));
    talk(&twin, 0);
    tls_twin_fini(&twin);
}

static void no_other_record_may_come_between(void **state)
{
    static const struct {
        enum tls_content type;
        struct str bytes;
    } others[] = {
        {TLS_CONTENT_DATA, {"x", 1}},         {TLS_CONTENT_DATA, {"", 0}},
        {TLS_CONTENT_ALERT, {"\x01\x00", 2}}, {TLS_CONTENT_ALERT, {"\x01\x5a", 2}},
        {TLS_CONTENT_HANDSHAKE, {"", 0}},     {TLS_CONTENT_CHANGE_CIPHER_SPEC, {"\x01", 1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        for (size_t at = 1; at < MESSAGE; at++) {
            struct tls_twin twin;

            tls_twin_init(&twin, i % TLS_CIPHERS);
            tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, (struct str){updates[0], at});
            tls_twin_deliver(&twin);
            assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
            tls_twin_say(&twin, others[i].type, others[i].bytes);
            expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
            assert_int_equal(twin.pair.server.plain.len, 0);
        }
    }
}

static void the_rest_must_fit_its_beginning(void **state)
{
    static const struct {
        struct str bytes; /* behind the first two */
        enum tls_alert alert;
    } rests[] = {
        {{"\x18\x00\x00\x01\x00", 5}, TLS_ALERT_UNEXPECTED_MESSAGE}, /* begun anew */
        {{"\x00\x02\x00\x00", 4}, TLS_ALERT_UNEXPECTED_MESSAGE},
        {{"\x01", 1}, TLS_ALERT_UNEXPECTED_MESSAGE},
        {{"\x00\x01\x00\x18", 4}, TLS_ALERT_UNEXPECTED_MESSAGE}, /* more behind it */
        {{"\x00\x01\x02", 3}, TLS_ALERT_ILLEGAL_PARAMETER},
        {{"\x00\x01\xff", 3}, TLS_ALERT_ILLEGAL_PARAMETER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
        struct tls_twin twin;

        tls_twin_init(&twin, i % TLS_CIPHERS);
        tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, (struct str){updates[0], 2});
        tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, rests[i].bytes);
        expect_refused(&twin, rests[i].alert);
    }
}

/* Cutting makes no more of them, and each part is a message without data. */
static void parts_without_data_run_out(void **state)
{
    struct tls_twin twin;
    int whole = TLS_TRANSPORT_CONTROL_SPARE / MESSAGE;

    (void)state;
    tls_twin_init(&twin, 0);
    for (int n = 0; n < whole; n++)
        say_cut(&twin, false, CUTS - 1);
    tls_twin_deliver(&twin);
    assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
    assert_int_equal(twin.server->controls_left, TLS_TRANSPORT_CONTROL_SPARE - whole * MESSAGE);
    say_cut(&twin, false, CUTS - 1);
    expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_may_be_cut_anywhere),
        cmocka_unit_test(the_parts_may_come_in_turns_of_their_own),
        cmocka_unit_test(the_server_may_speak_between_the_parts),
        cmocka_unit_test(no_other_record_may_come_between),
        cmocka_unit_test(the_rest_must_fit_its_beginning),
        cmocka_unit_test(parts_without_data_run_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
