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

enum { MAX_INPUT = 100 * 1000, MAX_QUEUED = 300 * 1000, EVERYTHING = -1 };

/* A connection, its peer as a bare socket, and what the handler saw. */
struct fixture {
    struct loop *loop;
    struct conn_config config;
    struct conn *conn;
    int peer;
    struct buf got;    /* all that was consumed */
    struct buf answer; /* sent when data comes */
    long consumes;     /* bytes at most per call, or EVERYTHING */
    size_t last_len;   /* of the last on_data */
    int calls;
    int opened;
    int closed;
    enum conn_end end;
    bool pauses; /* on_data pauses the connection */
    bool closes;
    bool aborts;
};

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct fixture *fixture = ctx;
    size_t used = len;

    assert_int_equal(fixture->closed, 0);
    fixture->calls++;
    fixture->last_len = len;
    if (fixture->consumes != EVERYTHING && (size_t)fixture->consumes < len)
        used = (size_t)fixture->consumes;
    buf_append(&fixture->got, (struct str){data, used});
    memset(data, '?', used); /* may be changed in place */
    if (fixture->answer.len > 0)
        conn_send(conn, buf_str(&fixture->answer));
    if (fixture->pauses)
        conn_pause(conn);
    if (fixture->closes)
        conn_close(conn);
    if (fixture->aborts)
        conn_abort(conn);
    return used;
}

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct fixture *fixture = ctx;

    assert_ptr_equal(conn, fixture->conn);
    fixture->closed++;
    fixture->end = end;
    fixture->conn = NULL;
}

static void on_open(void *ctx, struct conn *conn)
{
    struct fixture *fixture = ctx;

    (void)conn;
    fixture->opened++;
}

static const struct conn_handler HANDLER = {
    .on_data = on_data, .on_close = on_close, .on_open = on_open};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    int ours;

    fixture->loop = loop_new();
    fixture->consumes = EVERYTHING;
    fixture->config = (struct conn_config){
        .max_input = MAX_INPUT,
        .max_queued = MAX_QUEUED,
        .handshake_ms = 60000,
        .linger_ms = 60000,
        .metrics = metric_set_new(),
    };
    loopback_pair(&ours, &fixture->peer);
    fixture->conn = conn_new(fixture->loop, ours, transport_plain_new(), &fixture->config);
    conn_set_handler(fixture->conn, &HANDLER, fixture);
    *state = fixture;
    return 0;
}

static int64_t metric_of(struct fixture *fixture, enum metric metric)
{
    return metric_total(&fixture->config.metrics, 1, metric);
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->conn != NULL)
        conn_abort(fixture->conn);
    loop_free(fixture->loop);
    assert_int_equal(fixture->closed, 1);
    assert_int_equal(metric_of(fixture, METRIC_CONN_OPEN), 0);
    if (fixture->peer >= 0)
        close(fixture->peer);
    buf_free(&fixture->got);
    buf_free(&fixture->answer);
    metric_set_free(fixture->config.metrics);
    free(fixture);
    return 0;
}

static void run_until_got(struct fixture *fixture, size_t len)
{
    for (int i = 0; i < 1000000 && fixture->got.len < len; i++)
        loop_turn(fixture->loop, 100);
    assert_int_equal(fixture->got.len, len);
}

static char *pattern(size_t len)
{
    char *bytes = malloc(len);

    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)('a' + (i * 7 + i / 251) % 26);
    return bytes;
}

static void assert_got(struct fixture *fixture, const char *bytes, size_t len)
{
    run_until_got(fixture, len);
    assert_memory_equal(fixture->got.ptr, bytes, len);
}

static void a_plain_connection_opens_at_once_and_knows_both_ends(void **state)
{
    struct fixture *fixture = *state;

    loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->opened, 1);
    assert_true(address_is_loopback(conn_peer(fixture->conn)));
    assert_true(address_is_loopback(conn_local(fixture->conn)));
    assert_int_not_equal(conn_peer(fixture->conn)->port, conn_local(fixture->conn)->port);
    assert_false(conn_is_tls(fixture->conn));
    assert_ptr_equal(conn_loop(fixture->conn), fixture->loop);
    assert_int_not_equal(conn_id(fixture->conn), 0);
    assert_int_equal(metric_of(fixture, METRIC_CONN_OPEN), 1);
}

static void bytes_come_up_and_bytes_go_down(void **state)
{
    struct fixture *fixture = *state;
    char back[6];

    buf_append(&fixture->answer, STR("answer"));
    loopback_send(fixture->peer, "hello", 5);
    assert_got(fixture, "hello", 5);
    loopback_receive(fixture->peer, back, 6);
    assert_memory_equal(back, "answer", 6);
    assert_int_equal(metric_of(fixture, METRIC_BYTES_IN), 5);
    assert_int_equal(metric_of(fixture, METRIC_BYTES_OUT), 6);
    assert_int_equal(conn_queued(fixture->conn), 0);
}

static void what_the_handler_leaves_comes_again_in_front_of_what_is_new(void **state)
{
    struct fixture *fixture = *state;

    fixture->consumes = 2;
    loopback_send(fixture->peer, "abcde", 5);
    run_until_got(fixture, 2);
    assert_int_equal(fixture->last_len, 5);
    fixture->consumes = 4;
    loopback_send(fixture->peer, "f", 1);
    run_until_got(fixture, 6);
    assert_int_equal(fixture->last_len, 4);
    assert_memory_equal(fixture->got.ptr, "abcdef", 6);
}

static void a_message_that_comes_byte_by_byte_is_handed_in_whole(void **state)
{
    struct fixture *fixture = *state;
    char *bytes = pattern(300);

    fixture->consumes = 0;
    for (int i = 0; i < 299; i++) {
        loopback_send(fixture->peer, bytes + i, 1);
        while (fixture->last_len < (size_t)i + 1)
            loop_turn(fixture->loop, 100);
    }
    fixture->consumes = EVERYTHING;
    loopback_send(fixture->peer, bytes + 299, 1);
    assert_got(fixture, bytes, 300);
    assert_int_equal(fixture->calls, 300);
    free(bytes);
}

static void a_stream_larger_than_all_buffers_comes_through_in_order(void **state)
{
    enum { LEN = 3 * 1000 * 1000, STEP = 30 * 1000 };
    struct fixture *fixture = *state;
    char *bytes = pattern(LEN);

    fixture->consumes = 40000; /* so that there is nearly always something kept */
    for (size_t sent = 0; sent < LEN; sent += STEP) {
        loopback_send(fixture->peer, bytes + sent, STEP);
        while (fixture->got.len + MAX_INPUT / 2 < sent + STEP)
            loop_turn(fixture->loop, 100);
    }
    fixture->consumes = EVERYTHING;
    conn_pause(fixture->conn);
    conn_resume(fixture->conn);
    assert_got(fixture, bytes, LEN);
    free(bytes);
}

static void leaving_more_than_the_bound_ends_the_connection(void **state)
{
    struct fixture *fixture = *state;
    char *bytes = pattern(MAX_INPUT + 1);

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
    struct fixture *fixture = *state;

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
    struct fixture *fixture = *state;
    char *answer = pattern(LEN);
    char *back = malloc(LEN);

    buf_append(&fixture->answer, (struct str){answer, LEN});
    loopback_send(fixture->peer, "?", 1);
    shutdown(fixture->peer, SHUT_WR);
    run_until_got(fixture, 1);
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

static void reset_by_peer(struct fixture *fixture)
{
    const struct linger now = {.l_onoff = 1};

    setsockopt(fixture->peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fixture->peer);
    fixture->peer = -1;
}

static void a_reset_ends_the_connection(void **state)
{
    struct fixture *fixture = *state;

    loop_turn(fixture->loop, 0);
    reset_by_peer(fixture);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
}

static void a_reset_ends_a_paused_connection_too(void **state)
{
    struct fixture *fixture = *state;

    conn_pause(fixture->conn);
    loopback_settle(fixture->loop);
    reset_by_peer(fixture);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
}

static void closing_flushes_says_fin_and_waits_for_the_peers(void **state)
{
    struct fixture *fixture = *state;
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
    struct fixture *fixture = *state;
    char back[4];

    fixture->closes = true;
    buf_append(&fixture->answer, STR("last"));
    loopback_send(fixture->peer, "x", 1);
    run_until_got(fixture, 1);
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
    struct fixture *fixture = *state;

    fixture->config.linger_ms = 10;
    loop_turn(fixture->loop, 0);
    conn_close(fixture->conn);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_CLOSED);
}

static void an_abort_is_told_at_the_end_of_the_turn_and_resets(void **state)
{
    struct fixture *fixture = *state;

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
    struct fixture *fixture = *state;

    fixture->aborts = true;
    fixture->consumes = 1;
    loopback_send(fixture->peer, "abc", 3);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->got.len, 1);
}

static void a_paused_connection_hands_in_nothing_until_it_is_resumed(void **state)
{
    struct fixture *fixture = *state;

    fixture->pauses = true;
    fixture->consumes = 1;
    loopback_send(fixture->peer, "ab", 2);
    run_until_got(fixture, 1);
    loopback_send(fixture->peer, "cd", 2);
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->calls, 1);
    fixture->pauses = false;
    fixture->consumes = EVERYTHING;
    conn_resume(fixture->conn);
    assert_int_equal(fixture->calls, 1);
    loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->calls, 2);
    assert_got(fixture, "abcd", 4);
}

static void an_orderly_end_waits_until_a_paused_connection_is_resumed(void **state)
{
    struct fixture *fixture = *state;

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
    buf_append(&((struct fixture *)ctx)->got, (struct str){data, len});
    return len;
}

static size_t on_data_of_first(void *ctx, struct conn *conn, char *data, size_t len)
{
    static const struct conn_handler second = {.on_data = on_data_of_second, .on_close = on_close};

    (void)data;
    (void)len;
    conn_set_handler(conn, &second, ctx);
    return 2;
}

static void bytes_behind_an_upgrade_go_to_the_new_handler_in_the_same_turn(void **state)
{
    static const struct conn_handler first = {.on_data = on_data_of_first, .on_close = on_close};
    struct fixture *fixture = *state;

    conn_set_handler(fixture->conn, &first, fixture);
    loopback_send(fixture->peer, "upRest", 6);
    run_until_got(fixture, 4);
    assert_memory_equal(fixture->got.ptr, "Rest", 4);
}

/* Fills the way to the peer until the connection has something queued. */
static size_t fill_the_socket(struct fixture *fixture, const char *bytes, size_t step)
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
    struct fixture *fixture = *state;
    char *bytes = pattern(STEP);
    size_t most = 0;

    fill_the_socket(fixture, bytes, STEP);
    while (conn_send(fixture->conn, (struct str){bytes, STEP}))
        most = conn_queued(fixture->conn);
    assert_in_range(most, MAX_QUEUED - STEP, MAX_QUEUED);
    assert_int_equal(fixture->closed, 0);
    loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->closed, 1);
    assert_int_equal(fixture->end, CONN_SLOW);
    assert_int_equal(metric_of(fixture, METRIC_CLOSE_SLOW_READER), 1);
    loopback_expect_reset(fixture->peer);
    free(bytes);
}

static void a_burst_beyond_the_bound_is_no_fault_of_a_peer_whose_socket_takes_it(void **state)
{
    enum { STEP = 10000 };
    struct fixture *fixture = *state;
    char *bytes = pattern(STEP);
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
    struct fixture *fixture = *state;
    char *bytes = pattern(STEP);
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
    struct fixture *fixture = *state;
    char *message = malloc(LEN);
    char *back = malloc(LEN);
    size_t messages = 0;
    size_t seen = 0;
    size_t before_urgent = 0;

    loop_turn(fixture->loop, 0);
    while (conn_queued(fixture->conn) < 5 * LEN) {
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
    struct fixture *fixture = *state;
    char *bytes = pattern(20000);
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
    struct fixture *fixture = *state;
    char back[64];

    loop_turn(fixture->loop, 0);
    for (int i = 0; i < 10; i++)
        conn_send(fixture->conn, STR("part"));
    assert_int_equal(recv(fixture->peer, back, sizeof back, MSG_DONTWAIT), -1);
    loop_turn(fixture->loop, 0);
    assert_int_equal(recv(fixture->peer, back, sizeof back, 0), 40);
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
        TEST(an_orderly_end_waits_until_a_paused_connection_is_resumed),
        TEST(bytes_behind_an_upgrade_go_to_the_new_handler_in_the_same_turn),
        TEST(a_peer_that_does_not_read_is_ended_at_the_bound),
        TEST(a_burst_beyond_the_bound_is_no_fault_of_a_peer_whose_socket_takes_it),
        TEST(what_the_socket_did_not_take_leaves_in_order_when_the_peer_reads),
        TEST(urgent_bytes_overtake_at_a_message_boundary),
        TEST(urgent_bytes_that_can_not_leave_stay_within_their_bound),
        TEST(output_of_one_turn_arrives_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
