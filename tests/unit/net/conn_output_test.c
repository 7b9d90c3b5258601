#include "net/conn.h"

#include "conn_fixture.h"
#include "loopback.h"
#include "net/conn_private.h"

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

/* Fills the way to the peer until the connection has something queued. */
static size_t fill_the_socket(struct conn_fixture *fixture, const char *bytes, size_t step)
{
    size_t sent = 0;

    loop_turn(fixture->loop, 0);
    while (conn_queued(fixture->conn) < 2 * step) {
        assert_true(conn_send(fixture->conn, (struct str){bytes, step}));
        loop_turn(fixture->loop, 0);
        sent += step;
    }
    return sent;
}

static void a_peer_that_does_not_read_is_ended_at_the_bound(void **state)
{
    enum { STEP = 10000 };
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(STEP);
    size_t most = 0;

    fill_the_socket(fixture, bytes, STEP);
    while (conn_send(fixture->conn, (struct str){bytes, STEP}))
        most = conn_queued(fixture->conn);
    assert_in_range(most, MAX_QUEUED - STEP, MAX_QUEUED);
    assert_int_equal(fixture->closed, 0);
    loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->closed, 1);
    assert_int_equal(fixture->end, CONN_SLOW);
    assert_int_equal(conn_fixture_metric(fixture, METRIC_CLOSE_SLOW_READER), 1);
    loopback_expect_reset(fixture->peer);
    free(bytes);
}

static void a_burst_beyond_the_bound_is_no_fault_of_a_peer_whose_socket_takes_it(void **state)
{
    enum { STEP = 10000 };
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(STEP);
    char *back = malloc(STEP);

    loop_turn(fixture->loop, 0);
    for (int i = 0; i < MAX_QUEUED / STEP + 3; i++)
        assert_true(conn_send(fixture->conn, (struct str){bytes, STEP}));
    loop_turn(fixture->loop, 0);
    for (int i = 0; i < MAX_QUEUED / STEP + 3; i++) {
        loopback_receive(fixture->peer, back, STEP);
        assert_memory_equal(back, bytes, STEP);
        loop_turn(fixture->loop, 0);
    }
    free(bytes);
    free(back);
}

static void what_the_socket_did_not_take_leaves_in_order_when_the_peer_reads(void **state)
{
    enum { STEP = 9973 };
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(STEP);
    char *back = malloc(STEP);
    size_t left = fill_the_socket(fixture, bytes, STEP);

    while (left > 0) {
        loopback_receive(fixture->peer, back, STEP);
        assert_memory_equal(back, bytes, STEP);
        left -= STEP;
        loop_turn(fixture->loop, 0);
    }
    assert_int_equal(conn_queued(fixture->conn), 0);
    free(bytes);
    free(back);
}

/* Messages are a letter many times; the urgent one is '!' and must stand between two of them. */
static void urgent_bytes_overtake_at_a_message_boundary(void **state)
{
    enum { LEN = 50000 };
    struct conn_fixture *fixture = *state;
    char *message = malloc(LEN);
    char *back = malloc(LEN);
    size_t messages = 0;
    size_t seen = 0;
    size_t before_urgent = 0;

    loop_turn(fixture->loop, 0);
    while (conn_queued(fixture->conn) < (size_t)5 * LEN) {
        memset(message, (int)('a' + messages++ % 26), LEN);
        assert_true(conn_send(fixture->conn, (struct str){message, LEN}));
        loop_turn(fixture->loop, 0);
    }
    assert_true(conn_send_urgent(fixture->conn, STR("!")));
    while (seen < messages) {
        loopback_receive(fixture->peer, back, 1);
        if (back[0] == '!') {
            before_urgent = seen;
            continue;
        }
        loopback_receive(fixture->peer, back + 1, LEN - 1);
        memset(message, (int)('a' + seen++ % 26), LEN);
        assert_memory_equal(back, message, LEN);
        loop_turn(fixture->loop, 0);
    }
    assert_in_range(before_urgent, 1, messages - 3);
    free(message);
    free(back);
}

static void urgent_bytes_that_can_not_leave_stay_within_their_bound(void **state)
{
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(20000);
    size_t queued;

    fill_the_socket(fixture, bytes, 20000);
    queued = conn_queued(fixture->conn);
    for (int i = 0; i < 1000; i++)
        assert_true(conn_send_urgent(fixture->conn, (struct str){bytes, 125}));
    assert_in_range(conn_queued(fixture->conn), queued + 125, queued + CONN_URGENT_MAX);
    free(bytes);
}

static void output_of_one_turn_arrives_together(void **state)
{
    struct conn_fixture *fixture = *state;
    char back[64];

    loop_turn(fixture->loop, 0);
    for (int i = 0; i < 10; i++)
        conn_send(fixture->conn, STR("part"));
    assert_int_equal(recv(fixture->peer, back, sizeof back, MSG_DONTWAIT), -1);
    loop_turn(fixture->loop, 0);
    assert_int_equal(recv(fixture->peer, back, sizeof back, 0), 40);
}

static void an_idle_connection_owns_no_buffer(void **state)
{
    enum { STEP = 10000 };
    struct conn_fixture *fixture = *state;
    char *bytes = conn_fixture_pattern(STEP);
    size_t left = fill_the_socket(fixture, bytes, STEP);

    fixture->consumes = 1;
    loopback_send(fixture->peer, "two", 3);
    conn_fixture_run_until_got(fixture, 1);
    assert_true(conn_work_kept(fixture->conn) > 0);
    assert_true(conn_work_wire(fixture->conn) > 0);
    fixture->consumes = EVERYTHING;
    loopback_send(fixture->peer, ".", 1);
    conn_fixture_run_until_got(fixture, 4);
    for (; left > 0; left -= STEP) {
        loopback_receive(fixture->peer, bytes, STEP);
        loop_turn(fixture->loop, 0);
    }
    assert_null(fixture->conn->work);
    assert_null(fixture->conn->queue.queued);
    free(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_peer_that_does_not_read_is_ended_at_the_bound),
        TEST(a_burst_beyond_the_bound_is_no_fault_of_a_peer_whose_socket_takes_it),
        TEST(what_the_socket_did_not_take_leaves_in_order_when_the_peer_reads),
        TEST(urgent_bytes_overtake_at_a_message_boundary),
        TEST(urgent_bytes_that_can_not_leave_stay_within_their_bound),
        TEST(an_idle_connection_owns_no_buffer),
        TEST(output_of_one_turn_arrives_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
