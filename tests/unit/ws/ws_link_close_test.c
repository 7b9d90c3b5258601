#include "ws/ws_link.h"

#include "link_peer.h"
#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void the_peers_close_is_echoed_and_told(void **state)
{
    struct link_peer *peer = *state;

    ANSWERS("\x88\x85" ZERO
            "\x03\xE9"
            "bye\x81\x80" ZERO,
            "\x88\x02\x03\xE9");
    assert_true(link_peer_has_ended(peer));
    link_peer_end(peer);
    assert_int_equal(peer->code, 1001);
    assert_false(peer->has_failed);
    assert_int_equal(peer->end, CONN_CLOSED);
    assert_true(link_peer_told(peer, ""));
}

static void an_empty_close_is_answered_by_an_empty_one(void **state)
{
    struct link_peer *peer = *state;

    ANSWERS("\x88\x80" ZERO, "\x88\x00");
    assert_true(link_peer_has_ended(peer));
    link_peer_end(peer);
    assert_int_equal(peer->code, WS_CODE_NONE);
}

static void our_close_waits_for_the_peers_and_ignores_the_rest(void **state)
{
    struct link_peer *peer = *state;

    ws_link_close(peer->link, 1008, STR("policy"));
    assert_false(ws_link_send(peer->link, STR("late")));
    ws_link_close(peer->link, 1000, STR_EMPTY); /* the first one counts */
    ANSWERS("\x81\x81" ZERO "x\x89\x80" ZERO, "\x88\x08\x03\xF0policy");
    assert_false(link_peer_has_ended(peer));
    ANSWERS("\x88\x82" ZERO "\x03\xE8", "");
    assert_true(link_peer_has_ended(peer));
    link_peer_end(peer);
    assert_int_equal(peer->code, 1008);
    assert_true(link_peer_told(peer, ""));
}

static void a_close_that_nobody_answers_ends_by_itself(void **state)
{
    struct link_peer *peer = *state;

    ws_link_close(peer->link, 0, STR_EMPTY);
    ANSWERS("", "\x88\x00");
    assert_false(link_peer_has_ended(peer));
    for (int i = 0; i < 1000 && !link_peer_has_ended(peer); i++)
        loop_turn(peer->loop, 100);
    assert_true(link_peer_has_ended(peer));
    link_peer_end(peer);
    assert_int_equal(peer->code, WS_CODE_NONE);
}

static void errors_of_the_peer_close_with_their_code(void **state)
{
    const struct {
        struct str bytes;
        unsigned code;
    } rows[] = {
        {STR("\x81\x04ping"), WS_CODE_PROTOCOL},                 /* not masked */
        {STR("\x82\x80" ZERO), WS_CODE_UNSUPPORTED},             /* binary */
        {STR("\x81\xFE\x03\xE9" ZERO), WS_CODE_TOO_BIG},         /* 1001 bytes announced */
        {STR("\x81\xFE\x00\xFF" ZERO "a\xFF"), WS_CODE_INVALID}, /* not UTF-8, not yet whole */
        {STR("\x88\x82" ZERO "\x03\xED"), WS_CODE_PROTOCOL},     /* a code for no wire */
    };
    char expected[4] = "\x88\x02";

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct link_peer *peer = *state;

        expected[2] = (char)(rows[i].code >> 8);
        expected[3] = (char)(rows[i].code & 0xFF);
        assert_true(str_eq(link_peer_exchange(peer, rows[i].bytes), (struct str){expected, 4}));
        assert_true(link_peer_has_ended(peer));
        link_peer_end(peer);
        assert_int_equal(peer->code, rows[i].code);
        assert_true(peer->has_failed);
        link_peer_close(state);
        link_peer_open_server(state);
    }
}

static void a_peer_that_vanishes_is_1006(void **state)
{
    struct link_peer *peer = *state;

    link_peer_end(peer);
    assert_int_equal(peer->code, WS_CODE_ABNORMAL);
    assert_int_equal(peer->end, CONN_PEER_CLOSED);
}

static void an_abort_is_told_too(void **state)
{
    struct link_peer *peer = *state;

    ws_link_abort(peer->link);
    assert_int_equal(peer->closed, 0); /* not in the call */
    loopback_settle(peer->loop);
    assert_int_equal(peer->code, WS_CODE_ABNORMAL);
    assert_int_equal(peer->end, CONN_CLOSED);
}

static void a_peer_that_does_not_read_is_closed(void **state)
{
    struct link_peer *peer = *state;
    static char text[16 * 1024];
    bool sent = true;

    memset(text, 'x', sizeof text);
    for (int i = 0; i < 100000 && sent; i++) {
        sent = ws_link_send(peer->link, (struct str){text, sizeof text});
        loop_turn(peer->loop, 0);
    }
    assert_false(sent);
    loopback_settle(peer->loop);
    assert_int_equal(peer->closed, 1);
    assert_int_equal(peer->end, CONN_SLOW);
}

static void close_link(struct link_peer *peer, struct ws_link *link)
{
    (void)peer;
    ws_link_close(link, 4000, STR_EMPTY);
}

static void no_text_follows_a_close_in_the_handler(void **state)
{
    struct link_peer *peer = *state;

    peer->do_on_text = close_link;
    ANSWERS("\x81\x81" ZERO "a\x81\x81" ZERO "b\x88\x80" ZERO, "\x88\x02\x0F\xA0");
    assert_true(link_peer_told(peer, "a "));
    assert_true(link_peer_has_ended(peer));
}

static void closing_a_paused_link_still_hears_the_peers_close(void **state)
{
    struct link_peer *peer = *state;

    ws_link_pause(peer->link);
    ws_link_close(peer->link, 1001, STR_EMPTY);
    ANSWERS("\x88\x80" ZERO, "\x88\x02\x03\xE9");
    assert_true(link_peer_has_ended(peer));
}

#define AS_SERVER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, link_peer_open_server, link_peer_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AS_SERVER(the_peers_close_is_echoed_and_told),
        AS_SERVER(an_empty_close_is_answered_by_an_empty_one),
        AS_SERVER(our_close_waits_for_the_peers_and_ignores_the_rest),
        AS_SERVER(a_close_that_nobody_answers_ends_by_itself),
        AS_SERVER(errors_of_the_peer_close_with_their_code),
        AS_SERVER(a_peer_that_vanishes_is_1006),
        AS_SERVER(an_abort_is_told_too),
        AS_SERVER(a_peer_that_does_not_read_is_closed),
        AS_SERVER(no_text_follows_a_close_in_the_handler),
        AS_SERVER(closing_a_paused_link_still_hears_the_peers_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
