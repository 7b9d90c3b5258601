#include "net/conn.h"

#include "conn_fixture.h"
#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_fixture(void **state)
{
    *state = conn_fixture_new(transport_plain_new());
    return 0;
}

static int close_fixture(void **state)
{
    conn_fixture_free(*state);
    return 0;
}

static void a_plain_connection_opens_at_once_and_knows_both_ends(void **state)
{
    struct conn_fixture *fixture = *state;

    loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->opened, 1);
    assert_true(address_is_loopback(conn_peer(fixture->conn)));
    assert_true(address_is_loopback(conn_local(fixture->conn)));
    assert_int_not_equal(conn_peer(fixture->conn)->port, conn_local(fixture->conn)->port);
    assert_ptr_equal(conn_loop(fixture->conn), fixture->loop);
    assert_int_not_equal(conn_id(fixture->conn), 0);
    assert_int_equal(conn_fixture_metric(fixture, METRIC_CONN_OPEN), 1);
}

static void bytes_come_up_and_bytes_go_down(void **state)
{
    struct conn_fixture *fixture = *state;
    char back[6];

    buf_append(&fixture->answer, STR("answer"));
    loopback_send(fixture->peer, "hello", 5);
    conn_fixture_assert_got(fixture, "hello", 5);
    loopback_receive(fixture->peer, back, 6);
    assert_memory_equal(back, "answer", 6);
    assert_int_equal(conn_fixture_metric(fixture, METRIC_BYTES_IN), 5);
    assert_int_equal(conn_fixture_metric(fixture, METRIC_BYTES_OUT), 6);
    assert_int_equal(conn_queued(fixture->conn), 0);
}

static void what_the_handler_leaves_comes_again_in_front_of_what_is_new(void **state)
{
    struct conn_fixture *fixture = *state;

    fixture->consumes = 2;
    loopback_send(fixture->peer, "abcde", 5);
    conn_fixture_run_until_got(fixture, 2);
    assert_int_equal(fixture->last_len, 5);
    fixture->consumes = 4;
    loopback_send(fixture->peer, "f", 1);
    conn_fixture_run_until_got(fixture, 6);
    assert_int_equal(fixture->last_len, 4);
    assert_memory_equal(fixture->got.ptr, "abcdef", 6);
}

static void a_message_that_comes_byte_by_byte_is_handed_in_whole(void **state)
{
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(300);

    fixture->consumes = 0;
    for (int i = 0; i < 299; i++) {
        loopback_send(fixture->peer, bytes + i, 1);
        while (fixture->last_len < (size_t)i + 1)
            loop_turn(fixture->loop, 100);
    }
    fixture->consumes = EVERYTHING;
    loopback_send(fixture->peer, bytes + 299, 1);
    conn_fixture_assert_got(fixture, bytes, 300);
    assert_int_equal(fixture->calls, 300);
    free(bytes);
}

static void a_stream_larger_than_all_buffers_comes_through_in_order(void **state)
{
    enum { LEN = 3 * 1000 * 1000, STEP = 30 * 1000 };
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(LEN);

    fixture->consumes = 40000; /* so that there is nearly always something kept */
    for (size_t sent = 0; sent < LEN; sent += STEP) {
        loopback_send(fixture->peer, bytes + sent, STEP);
        while (fixture->got.len + MAX_INPUT / 2 < sent + STEP)
            loop_turn(fixture->loop, 100);
    }
    fixture->consumes = EVERYTHING;
    conn_pause(fixture->conn);
    conn_resume(fixture->conn);
    conn_fixture_assert_got(fixture, bytes, LEN);
    free(bytes);
}

static void one_that_has_much_to_say_is_heard_a_part_at_a_turn(void **state)
{
    enum { MUCH = 64 * 1024, A_TURN = 16 * 1024 };
    struct conn_fixture *fixture = *state;
    char *much = conn_fixture_pattern(MUCH);

    loopback_settle(fixture->loop);
    loopback_send(fixture->peer, much, MUCH);
    loop_turn(fixture->loop, -1);
    assert_in_range(fixture->got.len, 1, A_TURN);
    conn_fixture_run_until_got(fixture, MUCH);
    conn_fixture_assert_got(fixture, much, MUCH);
    free(much);
}

static void leaving_more_than_the_bound_ends_the_connection(void **state)
{
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(MAX_INPUT + 1);

    fixture->consumes = 0;
    loopback_send(fixture->peer, bytes, MAX_INPUT);
    while (fixture->last_len < MAX_INPUT)
        loop_turn(fixture->loop, 100);
    assert_false(conn_is_closing(fixture->conn));
    loopback_send(fixture->peer, bytes, 1);
    shutdown(fixture->peer, SHUT_WR);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_INPUT_FULL);
    free(bytes);
}

static void the_peers_end_is_told_after_its_last_bytes(void **state)
{
    struct conn_fixture *fixture = *state;

    loopback_send(fixture->peer, "bye", 3);
    shutdown(fixture->peer, SHUT_WR);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
    assert_int_equal(fixture->got.len, 3);
    loopback_expect_end(fixture->peer);
}

static void a_peer_that_half_closes_still_gets_its_answer(void **state)
{
    enum { LEN = 250 * 1000 };
    struct conn_fixture *fixture = *state;
    char *answer = conn_fixture_pattern(LEN);
    char *back = malloc(LEN);

    buf_append(&fixture->answer, (struct str){answer, LEN});
    loopback_send(fixture->peer, "?", 1);
    shutdown(fixture->peer, SHUT_WR);
    conn_fixture_run_until_got(fixture, 1);
    while (fixture->closed == 0) {
        loop_turn(fixture->loop, 0);
        if (recv(fixture->peer, back, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
            break;
    }
    for (size_t at = 0; at < LEN; at += 1000) {
        loopback_receive(fixture->peer, back + at, 1000);
        if (fixture->closed == 0)
            loop_turn(fixture->loop, 0);
    }
    assert_memory_equal(back, answer, LEN);
    loopback_run_until(fixture->loop, &fixture->closed);
    loopback_expect_end(fixture->peer);
    free(answer);
    free(back);
}

static void reset_by_peer(struct conn_fixture *fixture)
{
    const struct linger now = {.l_onoff = 1};

    setsockopt(fixture->peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fixture->peer);
    fixture->peer = -1;
}

static void a_reset_ends_the_connection(void **state)
{
    struct conn_fixture *fixture = *state;

    loop_turn(fixture->loop, 0);
    reset_by_peer(fixture);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
}

static void a_reset_ends_a_paused_connection_too(void **state)
{
    struct conn_fixture *fixture = *state;

    conn_pause(fixture->conn);
    loopback_settle(fixture->loop);
    reset_by_peer(fixture);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
}

static void closing_flushes_says_fin_and_waits_for_the_peers(void **state)
{
    struct conn_fixture *fixture = *state;
    char back[4];

    loop_turn(fixture->loop, 0);
    assert_true(conn_send(fixture->conn, STR("last")));
    conn_close(fixture->conn);
    assert_true(conn_is_closing(fixture->conn));
    assert_false(conn_send(fixture->conn, STR("late")));
    assert_false(conn_send_urgent(fixture->conn, STR("late")));
    conn_close(fixture->conn);
    loopback_settle(fixture->loop);
    loopback_receive(fixture->peer, back, 4);
    assert_memory_equal(back, "last", 4);
    loopback_expect_end(fixture->peer);
    assert_int_equal(fixture->closed, 0);
    shutdown(fixture->peer, SHUT_WR);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_CLOSED);
}

static void bytes_that_come_after_our_close_do_not_destroy_our_last_ones(void **state)
{
    struct conn_fixture *fixture = *state;
    char back[4];

    fixture->closes = true;
    buf_append(&fixture->answer, STR("last"));
    loopback_send(fixture->peer, "x", 1);
    conn_fixture_run_until_got(fixture, 1);
    loopback_send(fixture->peer, "more that nobody reads", 22);
    loopback_settle(fixture->loop);
    loopback_receive(fixture->peer, back, 4);
    loopback_expect_end(fixture->peer);
    shutdown(fixture->peer, SHUT_WR);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_CLOSED);
    assert_int_equal(fixture->got.len, 1);
}

static void a_peer_that_does_not_answer_our_close_is_left_when_the_time_is_over(void **state)
{
    struct conn_fixture *fixture = *state;

    fixture->config.linger_ms = 10;
    loop_turn(fixture->loop, 0);
    conn_close(fixture->conn);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_CLOSED);
}

static void an_abort_is_told_at_the_end_of_the_turn_and_resets(void **state)
{
    struct conn_fixture *fixture = *state;

    loop_turn(fixture->loop, 0);
    conn_send(fixture->conn, STR("never"));
    conn_abort(fixture->conn);
    assert_int_equal(fixture->closed, 0);
    assert_true(conn_is_closing(fixture->conn));
    loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->closed, 1);
    assert_int_equal(fixture->end, CONN_CLOSED);
    loopback_expect_reset(fixture->peer);
}

static void the_handler_may_abort_inside_a_call(void **state)
{
    struct conn_fixture *fixture = *state;

    fixture->aborts = true;
    fixture->consumes = 1;
    loopback_send(fixture->peer, "abc", 3);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->got.len, 1);
}

static void a_paused_connection_hands_in_nothing_until_it_is_resumed(void **state)
{
    struct conn_fixture *fixture = *state;

    fixture->pauses = true;
    fixture->consumes = 1;
    loopback_send(fixture->peer, "ab", 2);
    conn_fixture_run_until_got(fixture, 1);
    loopback_send(fixture->peer, "cd", 2);
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->calls, 1);
    fixture->pauses = false;
    fixture->consumes = EVERYTHING;
    conn_resume(fixture->conn);
    assert_int_equal(fixture->calls, 1);
    loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->calls, 2);
    conn_fixture_assert_got(fixture, "abcd", 4);
}

static void kept_bytes_come_before_an_end_that_came_during_the_pause(void **state)
{
    struct conn_fixture *fixture = *state;

    fixture->pauses = true;
    fixture->consumes = 1;
    loopback_send(fixture->peer, "ab", 2);
    conn_fixture_run_until_got(fixture, 1);
    shutdown(fixture->peer, SHUT_WR);
    loopback_settle(fixture->loop);
    fixture->pauses = false;
    conn_resume(fixture->conn);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->got.len, 2);
}

static void an_orderly_end_waits_until_a_paused_connection_is_resumed(void **state)
{
    struct conn_fixture *fixture = *state;

    conn_pause(fixture->conn);
    loopback_send(fixture->peer, "late", 4);
    shutdown(fixture->peer, SHUT_WR);
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->calls, 0);
    assert_int_equal(fixture->closed, 0);
    conn_resume(fixture->conn);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->got.len, 4);
}

static size_t on_data_of_second(void *ctx, struct conn *conn, char *data, size_t len)
{
    (void)conn;
    buf_append(&((struct conn_fixture *)ctx)->got, (struct str){data, len});
    return len;
}

static size_t on_data_of_first(void *ctx, struct conn *conn, char *data, size_t len)
{
    static const struct conn_handler second = {.on_data = on_data_of_second,
                                               .on_close = conn_fixture_on_close};

    (void)data;
    (void)len;
    conn_set_handler(conn, &second, ctx);
    return 2;
}

static void bytes_behind_an_upgrade_go_to_the_new_handler_in_the_same_turn(void **state)
{
    static const struct conn_handler first = {.on_data = on_data_of_first,
                                              .on_close = conn_fixture_on_close};
    struct conn_fixture *fixture = *state;

    conn_set_handler(fixture->conn, &first, fixture);
    loopback_send(fixture->peer, "upRest", 6);
    conn_fixture_run_until_got(fixture, 4);
    assert_memory_equal(fixture->got.ptr, "Rest", 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plain_connection_opens_at_once_and_knows_both_ends),
        TEST(bytes_come_up_and_bytes_go_down),
        TEST(what_the_handler_leaves_comes_again_in_front_of_what_is_new),
        TEST(a_message_that_comes_byte_by_byte_is_handed_in_whole),
        TEST(a_stream_larger_than_all_buffers_comes_through_in_order),
        TEST(one_that_has_much_to_say_is_heard_a_part_at_a_turn),
        TEST(leaving_more_than_the_bound_ends_the_connection),
        TEST(the_peers_end_is_told_after_its_last_bytes),
        TEST(a_peer_that_half_closes_still_gets_its_answer),
        TEST(a_reset_ends_the_connection),
        TEST(a_reset_ends_a_paused_connection_too),
        TEST(closing_flushes_says_fin_and_waits_for_the_peers),
        TEST(bytes_that_come_after_our_close_do_not_destroy_our_last_ones),
        TEST(a_peer_that_does_not_answer_our_close_is_left_when_the_time_is_over),
        TEST(an_abort_is_told_at_the_end_of_the_turn_and_resets),
        TEST(the_handler_may_abort_inside_a_call),
        TEST(a_paused_connection_hands_in_nothing_until_it_is_resumed),
        TEST(kept_bytes_come_before_an_end_that_came_during_the_pause),
        TEST(an_orderly_end_waits_until_a_paused_connection_is_resumed),
        TEST(bytes_behind_an_upgrade_go_to_the_new_handler_in_the_same_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
