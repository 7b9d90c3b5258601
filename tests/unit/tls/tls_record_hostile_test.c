/* What a peer with the right keys, or without, must not send. */
#include "tls/tls_record.h"

#include "tls_twin.h"
#include "tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

enum { HEAD = TLS_RECORD_HEAD };

/* What the client has said fails the server with that alert, and nothing opens any more. */
static void expect_refused(struct tls_twin *twin, enum tls_alert alert)
{
    struct tls_side *server = &twin->pair.server;
    size_t len;

    tls_twin_deliver(twin);
    assert_int_equal(server->status, TRANSPORT_FAILED);
    assert_false(server->established);
    assert_int_equal(tls_twin_alert(twin), alert);
    len = server->to_peer.len;
    tls_twin_say(twin, TLS_CONTENT_DATA, STR("too late"));
    tls_twin_deliver(twin);
    assert_int_equal(server->status, TRANSPORT_FAILED);
    tls_pair_write(server, STR("too late"));
    assert_int_equal(server->status, TRANSPORT_FAILED);
    tls_pair_close(server);
    assert_int_equal(server->to_peer.len, len);
    assert_int_equal(server->plain.len, 0);
    tls_twin_fini(twin);
}

/* In TLS 1.3 a head of another kind is refused before its record is opened. */
static enum tls_alert alert_of_flip(const struct tls_twin *twin, size_t at, int bit)
{
    char flipped = (char)(TLS_CONTENT_DATA ^ 1 << bit);

    if (at == 0 && !twin->server->is_13 && flipped == TLS_CONTENT_ALERT)
        return TLS_ALERT_BAD_RECORD_MAC;
    if (at == 0 && !twin->server->is_13 && flipped == TLS_CONTENT_HANDSHAKE)
        return TLS_ALERT_BAD_RECORD_MAC;
    if (at == 0)
        return TLS_ALERT_UNEXPECTED_MESSAGE;
    return at < 3 ? TLS_ALERT_PROTOCOL_VERSION : TLS_ALERT_BAD_RECORD_MAC;
}

static void change_each_bit(size_t kind, size_t at)
{
    for (int bit = 0; bit < 8; bit++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_DATA, STR("abc"));
        twin.pair.client.to_peer.ptr[at] ^= (char)(1 << bit);
        expect_refused(&twin, alert_of_flip(&twin, at, bit));
    }
}

static void no_bit_of_a_record_can_be_changed(void **state)
{
    static const size_t overheads[TLS_TWIN_KINDS] = {17, 17, 17, 24, 24, 16};

    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        size_t len = HEAD + sizeof "abc" - 1 + overheads[kind];

        for (size_t at = 0; at < 3; at++)
            change_each_bit(kind, at);
        for (size_t at = HEAD; at < len; at++) /* lengths have their own test */
            change_each_bit(kind, at);
    }
}

static void a_record_out_of_turn_is_refused(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;
        size_t first;

        /* left out */
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_DATA, STR("one"));
        buf_clear(&twin.pair.client.to_peer);
        tls_twin_say(&twin, TLS_CONTENT_DATA, STR("two"));
        expect_refused(&twin, TLS_ALERT_BAD_RECORD_MAC);

        /* twice */
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_DATA, STR("one"));
        first = twin.pair.client.to_peer.len;
        tls_pair_feed(&twin.pair.server, buf_str(&twin.pair.client.to_peer));
        assert_int_equal(twin.pair.server.plain.len, 3);
        assert_int_equal(first, twin.pair.client.to_peer.len);
        buf_clear(&twin.pair.server.plain);
        expect_refused(&twin, TLS_ALERT_BAD_RECORD_MAC);
    }
}

static void a_record_cut_short_takes_the_next_ones_bytes_and_fails(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_DATA, STR("cut short"));
        twin.pair.client.to_peer.len -= 4;
        tls_twin_say(&twin, TLS_CONTENT_DATA, STR("next"));
        expect_refused(&twin, TLS_ALERT_BAD_RECORD_MAC);
    }
}

static void say_head(struct tls_twin *twin, uint8_t type, size_t len)
{
    const char head[HEAD] = {(char)type, 3, 3, (char)(len >> 8), (char)len};

    buf_append(&twin->pair.client.to_peer, (struct str){head, HEAD});
}

/* The head is enough: nobody waits for the body. */
static void a_record_of_impossible_length_is_refused_by_its_head(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;
        size_t overhead;

        tls_twin_init(&twin, kind);
        overhead = twin.server->overhead;
        say_head(&twin, TLS_CONTENT_DATA, TLS_RECORD_PLAIN_MAX + overhead + 1);
        expect_refused(&twin, TLS_ALERT_RECORD_OVERFLOW);
        tls_twin_init(&twin, kind);
        say_head(&twin, TLS_CONTENT_DATA, 0xffff);
        expect_refused(&twin, TLS_ALERT_RECORD_OVERFLOW);
        tls_twin_init(&twin, kind);
        say_head(&twin, TLS_CONTENT_DATA, overhead - 1);
        expect_refused(&twin, TLS_ALERT_BAD_RECORD_MAC);
        tls_twin_init(&twin, kind);
        say_head(&twin, TLS_CONTENT_DATA, 0);
        expect_refused(&twin, TLS_ALERT_BAD_RECORD_MAC);
        tls_twin_init(&twin, kind);
        say_head(&twin, TLS_CONTENT_DATA, TLS_RECORD_PLAIN_MAX + overhead);
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
        tls_twin_fini(&twin);
    }
}

static void more_than_the_agreed_fragment_is_refused(void **state)
{
    struct buf pattern = tls_world_pattern(513);

    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        twin.server->plain_max = 512;
        tls_twin_say(&twin, TLS_CONTENT_DATA, str_sub(buf_str(&pattern), 0, 512));
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.plain.len, 512);
        buf_clear(&twin.pair.server.plain);
        tls_twin_say(&twin, TLS_CONTENT_DATA, buf_str(&pattern));
        expect_refused(&twin, TLS_ALERT_RECORD_OVERFLOW);
    }
    buf_free(&pattern);
}

static void refuse_sealed(size_t kind, uint8_t type)
{
    struct tls_twin twin;

    tls_twin_init(&twin, kind);
    tls_twin_say(&twin, (enum tls_content)type, STR("\x01"));
    expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
}

static void refuse_clear(size_t kind, uint8_t type)
{
    struct tls_twin twin;

    tls_twin_init(&twin, kind);
    say_head(&twin, type, 1);
    buf_append_byte(&twin.pair.client.to_peer, 1);
    expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
}

static void types_that_have_no_business_here_are_refused(void **state)
{
    static const uint8_t types[] = {0, 1, TLS_CONTENT_CHANGE_CIPHER_SPEC, 24, 25, 26, 128, 255};

    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        for (size_t i = 0; i < sizeof types; i++) {
            refuse_sealed(kind, types[i]);
            refuse_clear(kind, types[i]);
        }
    }
}

static void alerts_in_the_clear_are_refused(void **state)
{
    struct tls_twin twin;

    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        tls_twin_init(&twin, kind);
        buf_append(&twin.pair.client.to_peer, STR("\x15\x03\x03\x00\x02\x01\x00"));
        expect_refused(&twin, tls_twin_is_13(kind) ? TLS_ALERT_UNEXPECTED_MESSAGE
                                                   : TLS_ALERT_BAD_RECORD_MAC);
    }
}

static void an_alert_of_another_form_is_refused(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_ALERT, STR("\x01"));
        expect_refused(&twin, TLS_ALERT_DECODE_ERROR);
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_ALERT, STR_EMPTY);
        expect_refused(&twin, TLS_ALERT_DECODE_ERROR);
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_ALERT, STR("\x01\x00\x01\x00"));
        expect_refused(&twin, TLS_ALERT_DECODE_ERROR);
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_ALERT, STR("\x03\x00"));
        expect_refused(&twin, TLS_ALERT_ILLEGAL_PARAMETER);
    }
}

static void a_fatal_alert_is_not_answered(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_ALERT, STR("\x02\x2a"));
        expect_refused(&twin, TLS_ALERT_NONE);
    }
}

static void warnings_are_borne_but_not_for_ever(void **state)
{
    static const struct str warnings[2] = {{"\x01\x2a", 2}, {"\x01\x5a", 2}};

    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        for (int n = 0; n < TLS_TRANSPORT_CONTROL_SPARE; n++)
            tls_twin_say(&twin, TLS_CONTENT_ALERT, warnings[tls_twin_is_13(kind)]);
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
        tls_twin_say(&twin, TLS_CONTENT_ALERT, warnings[tls_twin_is_13(kind)]);
        expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
    }
}

static void in_tls_13_no_alert_is_a_warning(void **state)
{
    struct tls_twin twin;

    (void)state;
    tls_twin_init(&twin, 0);
    tls_twin_say(&twin, TLS_CONTENT_ALERT, STR("\x01\x64")); /* no_renegotiation */
    expect_refused(&twin, TLS_ALERT_NONE);
}

static void handshake_of_other_kinds_is_refused(void **state)
{
    static const struct str messages[] = {
        {"", 0},                         /* nothing */
        {"\x18\x00\x00\x01\x00\x18", 6}, /* a KeyUpdate and more */
        {"\x18\x00\x00\x01\x02\x00", 6}, /* and one that is none besides */
        {"\x18\x00\x00\x02\x00\x00", 6}, /* too long */
        {"\x04\x00\x00\x01\x00", 5},     /* NewSessionTicket */
        {"\x0b\x00\x00\x01\x00", 5},     /* Certificate */
        {"\x14\x00\x00\x01\x00", 5},     /* Finished */
        {"\x01\x00\x00\x02\x00", 5},     /* ClientHello, longer than its record */
        {"\x01\x00\x00\x00\x00", 5},     /* and shorter */
    };

    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
            struct tls_twin twin;

            tls_twin_init(&twin, kind);
            tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, messages[i]);
            expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
        }
    }
}

static void a_key_update_that_asks_for_something_else_is_refused(void **state)
{
    struct tls_twin twin;

    (void)state;
    for (size_t kind = 0; kind < TLS_CIPHERS; kind++) {
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, STR("\x18\x00\x00\x01\x02"));
        expect_refused(&twin, TLS_ALERT_ILLEGAL_PARAMETER);
    }
}

static void key_updates_belong_to_tls_13(void **state)
{
    struct tls_twin twin;

    (void)state;
    for (size_t kind = TLS_CIPHERS; kind < TLS_TWIN_KINDS; kind++) {
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, STR("\x18\x00\x00\x01\x00"));
        expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, STR("\x18"));
        expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
    }
}

static void renegotiation_belongs_to_tls_12_and_is_declined(void **state)
{
    struct tls_twin twin;

    (void)state;
    tls_twin_init(&twin, 0);
    tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, STR("\x01\x00\x00\x01\x00"));
    expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
    for (size_t kind = TLS_CIPHERS; kind < TLS_TWIN_KINDS; kind++) {
        tls_twin_init(&twin, kind);
        tls_twin_say(&twin, TLS_CONTENT_HANDSHAKE, STR("\x01\x00\x00\x01\x00"));
        tls_twin_say(&twin, TLS_CONTENT_DATA, STR("on"));
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
        assert_int_equal(twin.pair.server.plain.len, 2);
        assert_true(twin.pair.server.to_peer.len > 0); /* the twin knows it for a warning */
        tls_pair_pump(&twin.pair, 0);
        assert_int_equal(twin.pair.client.status, TRANSPORT_OK);
        tls_twin_fini(&twin);
    }
}

static void key_updates_without_data_run_out(void **state)
{
    struct tls_twin twin;

    (void)state;
    for (int asks = 0; asks < 2; asks++) {
        tls_twin_init(&twin, 0);
        for (int n = 0; n < TLS_TRANSPORT_CONTROL_SPARE; n++)
            tls_record_rules_update(twin.client, asks, &twin.pair.client.to_peer);
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
        /* the client follows the answers, and answers none itself */
        tls_pair_pump(&twin.pair, 0);
        assert_int_equal(twin.pair.client.status, TRANSPORT_OK);
        tls_record_rules_update(twin.client, asks, &twin.pair.client.to_peer);
        expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
    }
}

static void empty_records_run_out_unless_data_comes_between(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_TWIN_KINDS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        for (int round = 0; round < 3; round++) {
            for (int n = 0; n < TLS_RECORD_EMPTIES_MAX; n++)
                tls_twin_say(&twin, TLS_CONTENT_DATA, STR_EMPTY);
            tls_twin_say(&twin, TLS_CONTENT_DATA, STR("x"));
        }
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
        assert_int_equal(twin.pair.server.plain.len, 3);
        buf_clear(&twin.pair.server.plain);
        for (int n = 0; n <= TLS_RECORD_EMPTIES_MAX; n++)
            tls_twin_say(&twin, TLS_CONTENT_DATA, STR_EMPTY);
        expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
    }
}

static void a_record_of_padding_alone_is_refused(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_CIPHERS; kind++) {
        for (size_t len = 1; len < 20; len++) {
            static const char zeros[20];
            struct tls_twin twin;

            tls_twin_init(&twin, kind);
            tls_twin_say_inner(&twin, (struct str){zeros, len});
            expect_refused(&twin, TLS_ALERT_UNEXPECTED_MESSAGE);
        }
    }
}

static void padding_behind_data_and_alerts_is_passed_over(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TLS_CIPHERS; kind++) {
        struct tls_twin twin;

        tls_twin_init(&twin, kind);
        tls_twin_say_inner(&twin, STR("ab\x17\x00\x00\x00"));
        tls_twin_say_inner(&twin, STR("\x00\x17\x00")); /* a zero that is data */
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_OK);
        assert_int_equal(twin.pair.server.plain.len, 3);
        assert_memory_equal(twin.pair.server.plain.ptr, "ab\x00", 3);
        tls_twin_say_inner(&twin, STR("\x01\x00\x15\x00\x00"));
        tls_twin_deliver(&twin);
        assert_int_equal(twin.pair.server.status, TRANSPORT_ENDED);
        tls_twin_fini(&twin);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bit_of_a_record_can_be_changed),
        cmocka_unit_test(a_record_out_of_turn_is_refused),
        cmocka_unit_test(a_record_cut_short_takes_the_next_ones_bytes_and_fails),
        cmocka_unit_test(a_record_of_impossible_length_is_refused_by_its_head),
        cmocka_unit_test(more_than_the_agreed_fragment_is_refused),
        cmocka_unit_test(types_that_have_no_business_here_are_refused),
        cmocka_unit_test(alerts_in_the_clear_are_refused),
        cmocka_unit_test(an_alert_of_another_form_is_refused),
        cmocka_unit_test(a_fatal_alert_is_not_answered),
        cmocka_unit_test(warnings_are_borne_but_not_for_ever),
        cmocka_unit_test(in_tls_13_no_alert_is_a_warning),
        cmocka_unit_test(handshake_of_other_kinds_is_refused),
        cmocka_unit_test(a_key_update_that_asks_for_something_else_is_refused),
        cmocka_unit_test(key_updates_belong_to_tls_13),
        cmocka_unit_test(renegotiation_belongs_to_tls_12_and_is_declined),
        cmocka_unit_test(key_updates_without_data_run_out),
        cmocka_unit_test(empty_records_run_out_unless_data_comes_between),
        cmocka_unit_test(a_record_of_padding_alone_is_refused),
        cmocka_unit_test(padding_behind_data_and_alerts_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
