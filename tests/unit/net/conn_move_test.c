#include "net/conn.h"

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

/* One thread, two loops, so that each step is seen. */
struct fixture {
    struct loop *loops[2];
    struct conn_config configs[2];
    struct conn *conn;
    int peer;
    char got[64];
    size_t got_len;
    size_t consumes;
    struct loop *moves_to; /* on_data moves it there */
    int arrived;
    int closed;
    enum conn_end end;
    struct loop *closed_on;
};

static const struct conn_handler STEP_HANDLER;

static void on_step_arrived(void *ctx, struct conn *conn)
{
    struct fixture *fixture = ctx;

    assert_ptr_equal(conn, fixture->conn);
    fixture->arrived++;
    conn_set_handler(conn, &STEP_HANDLER, fixture);
}

static void move_to(struct fixture *fixture, int at)
{
    conn_move(fixture->conn, fixture->loops[at], &fixture->configs[at], on_step_arrived, fixture);
}

static size_t on_step_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct fixture *fixture = ctx;
    size_t used = len < fixture->consumes ? len : fixture->consumes;
    struct loop *target = fixture->moves_to;

    assert_true(used <= sizeof fixture->got - fixture->got_len);
    memcpy(fixture->got + fixture->got_len, data, used);
    fixture->got_len += used;
    fixture->moves_to = NULL;
    if (target != NULL)
        conn_move(conn, target, &fixture->configs[1], on_step_arrived, fixture);
    return used;
}

static void on_step_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct fixture *fixture = ctx;

    fixture->closed++;
    fixture->end = end;
    fixture->closed_on = conn_loop(conn);
}

static const struct conn_handler STEP_HANDLER = {.on_data = on_step_data,
                                                 .on_close = on_step_close};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    int ours;

    for (int i = 0; i < 2; i++) {
        fixture->loops[i] = loop_new();
        fixture->configs[i] = (struct conn_config){
            .max_input = 1000,
            .max_queued = 1000000,
            .linger_ms = 60000,
            .metrics = metric_set_new(),
        };
    }
    fixture->consumes = sizeof fixture->got;
    loopback_pair(&ours, &fixture->peer);
    fixture->conn = conn_new(fixture->loops[0], ours, transport_plain_new(), &fixture->configs[0]);
    conn_set_handler(fixture->conn, &STEP_HANDLER, fixture);
    loop_turn(fixture->loops[0], 0);
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->closed == 0)
        conn_abort(fixture->conn);
    for (int i = 0; i < 2; i++) {
        loop_free(fixture->loops[i]);
        metric_set_free(fixture->configs[i].metrics);
    }
    assert_int_equal(fixture->closed, 1);
    close(fixture->peer);
    free(fixture);
    return 0;
}

static int64_t open_of(struct fixture *fixture, int at)
{
    return metric_total(&fixture->configs[at].metrics, 1, METRIC_CONN_OPEN);
}

static void a_moved_connection_belongs_to_the_target_and_is_counted_there(void **state)
{
    struct fixture *fixture = *state;

    move_to(fixture, 1);
    assert_int_equal(fixture->arrived, 0);
    loop_turn(fixture->loops[0], 0);
    assert_int_equal(open_of(fixture, 0), 0);
    loop_turn(fixture->loops[1], 1000);
    assert_int_equal(fixture->arrived, 1);
    assert_ptr_equal(conn_loop(fixture->conn), fixture->loops[1]);
    assert_int_equal(open_of(fixture, 1), 1);
    loopback_send(fixture->peer, "there", 5);
    loopback_settle(fixture->loops[1]);
    assert_memory_equal(fixture->got, "there", 5);
}

static void bytes_before_during_and_after_the_move_come_in_order(void **state)
{
    struct fixture *fixture = *state;

    fixture->consumes = 6;
    fixture->moves_to = fixture->loops[1];
    loopback_send(fixture->peer, "beforeKept", 10);
    while (fixture->got_len < 6)
        loop_turn(fixture->loops[0], 1000);
    loopback_send(fixture->peer, "During", 6);
    fixture->consumes = sizeof fixture->got;
    loopback_settle(fixture->loops[0]);
    assert_int_equal(fixture->got_len, 6);
    loop_turn(fixture->loops[1], 1000);
    assert_int_equal(fixture->arrived, 1);
    assert_int_equal(fixture->got_len, 10); /* the kept ones without a word from the peer */
    loopback_send(fixture->peer, "After", 5);
    loopback_settle(fixture->loops[1]);
    assert_int_equal(fixture->got_len, 21);
    assert_memory_equal(fixture->got, "beforeKeptDuringAfter", 21);
}

static void queued_output_travels_along(void **state)
{
    enum { STEP = 10000 };
    struct fixture *fixture = *state;
    char *bytes = calloc(1, STEP);
    size_t sent = 0;

    while (conn_queued(fixture->conn) < (size_t)3 * STEP) {
        bytes[0] = (char)('A' + sent % 26);
        assert_true(conn_send(fixture->conn, (struct str){bytes, STEP}));
        loop_turn(fixture->loops[0], 0);
        sent++;
    }
    move_to(fixture, 1);
    loop_turn(fixture->loops[0], 0);
    loop_turn(fixture->loops[1], 1000);
    assert_true(conn_send(fixture->conn, STR("end")));
    for (size_t i = 0; i < sent; i++) {
        loopback_receive(fixture->peer, bytes, STEP);
        assert_int_equal(bytes[0], (char)('A' + i % 26));
        loop_turn(fixture->loops[1], 0);
    }
    loopback_receive(fixture->peer, bytes, 3);
    assert_memory_equal(bytes, "end", 3);
    free(bytes);
}

static void output_of_the_turn_of_the_move_is_not_lost(void **state)
{
    struct fixture *fixture = *state;
    char back[5];

    conn_send(fixture->conn, STR("reply"));
    move_to(fixture, 1);
    loop_turn(fixture->loops[0], 0);
    loop_turn(fixture->loops[1], 1000);
    loopback_receive(fixture->peer, back, 5);
    assert_memory_equal(back, "reply", 5);
}

static void a_peer_that_went_away_meanwhile_is_told_there(void **state)
{
    struct fixture *fixture = *state;

    move_to(fixture, 1);
    shutdown(fixture->peer, SHUT_WR);
    loopback_settle(fixture->loops[0]);
    assert_int_equal(fixture->closed, 0);
    loopback_run_until(fixture->loops[1], &fixture->closed);
    assert_int_equal(fixture->arrived, 1);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
    assert_ptr_equal(fixture->closed_on, fixture->loops[1]);
}

static void a_connection_that_is_closing_already_ends_there(void **state)
{
    struct fixture *fixture = *state;

    conn_send(fixture->conn, STR("bye"));
    conn_close(fixture->conn);
    shutdown(fixture->peer, SHUT_WR);
    move_to(fixture, 1);
    loop_turn(fixture->loops[0], 0);
    loopback_run_until(fixture->loops[1], &fixture->closed);
    assert_int_equal(fixture->arrived, 1);
    assert_int_equal(fixture->end, CONN_CLOSED);
    loopback_receive(fixture->peer, fixture->got, 3);
    loopback_expect_end(fixture->peer);
}

static void an_aborted_connection_arrives_and_ends_there(void **state)
{
    struct fixture *fixture = *state;

    conn_abort(fixture->conn);
    move_to(fixture, 1);
    loop_turn(fixture->loops[0], 0);
    assert_int_equal(fixture->closed, 0);
    loop_turn(fixture->loops[1], 1000);
    assert_int_equal(fixture->arrived, 1);
    assert_int_equal(fixture->closed, 1);
    assert_ptr_equal(fixture->closed_on, fixture->loops[1]);
}

static void a_move_to_the_present_loop_arrives_later(void **state)
{
    struct fixture *fixture = *state;

    move_to(fixture, 0);
    assert_int_equal(fixture->arrived, 0);
    loop_turn(fixture->loops[0], 0);
    loop_turn(fixture->loops[0], 1000);
    assert_int_equal(fixture->arrived, 1);
    loopback_send(fixture->peer, "x", 1);
    loopback_settle(fixture->loops[0]);
    assert_int_equal(fixture->got_len, 1);
}

static void a_paused_connection_stays_paused(void **state)
{
    struct fixture *fixture = *state;

    conn_pause(fixture->conn);
    move_to(fixture, 1);
    loopback_send(fixture->peer, "x", 1);
    loop_turn(fixture->loops[0], 0);
    loopback_settle(fixture->loops[1]);
    assert_int_equal(fixture->got_len, 0);
    conn_resume(fixture->conn);
    loopback_settle(fixture->loops[1]);
    assert_int_equal(fixture->got_len, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_moved_connection_belongs_to_the_target_and_is_counted_there),
        TEST(bytes_before_during_and_after_the_move_come_in_order),
        TEST(queued_output_travels_along),
        TEST(output_of_the_turn_of_the_move_is_not_lost),
        TEST(a_peer_that_went_away_meanwhile_is_told_there),
        TEST(a_connection_that_is_closing_already_ends_there),
        TEST(an_aborted_connection_arrives_and_ends_there),
        TEST(a_move_to_the_present_loop_arrives_later),
        TEST(a_paused_connection_stays_paused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
