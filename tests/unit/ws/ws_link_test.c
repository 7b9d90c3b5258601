#include "ws/ws_link.h"

#include "link_peer.h"
#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void pong_to_text_ping(struct link_peer *peer, struct ws_link *link)
{
    (void)peer;
    assert_true(ws_link_send_urgent(link, STR("pong")));
}

static void the_pings_of_firmware_are_answered(void **state)
{
    struct link_peer *peer = *state;

    peer->do_on_text = pong_to_text_ping;
    ANSWERS("\x89\x80" ZERO, "\x8A\x00");
    ANSWERS("\x81\x84" ZERO "ping", "\x81\x04pong");
    ANSWERS("\x81\x84\xB2\x39\x85\xA6\xC2\x50\xEB\xC1", "\x81\x04pong");
    ANSWERS("\x89\x83" ZERO "abc",
            "\x8A\x03"
            "abc");
    ANSWERS("\x8A\x80" ZERO, "");
    assert_true(link_peer_told(peer, "ping ping "));
    assert_int_equal(peer->frames, 5);
}

static void messages_come_out_whatever_the_arrivals(void **state)
{
    static const char bytes[] =
        "\x81\x82" ZERO "ab\x01\x81" ZERO "c\x89\x80" ZERO "\x80\x81" ZERO "d\x81\x80" ZERO;
    struct link_peer *peer = *state;

    for (size_t i = 0; i < sizeof bytes - 1; i++)
        link_peer_exchange(peer, (struct str){bytes + i, 1});
    link_peer_exchange(peer, (struct str){bytes, sizeof bytes - 1});
    assert_true(link_peer_told(peer, "ab cd  ab cd  "));
}

static void a_frame_is_sent_with_the_shortest_header(void **state)
{
    struct link_peer *peer = *state;
    char text[70000];
    struct str got;

    memset(text, 'x', sizeof text);
    assert_true(ws_link_send(peer->link, (struct str){text, 118}));
    got = link_peer_exchange(peer, STR(""));
    assert_int_equal(got.len, 120);
    assert_memory_equal(got.ptr, "\x81\x76x", 3);
    assert_true(ws_link_send(peer->link, (struct str){text, 181}));
    got = link_peer_exchange(peer, STR(""));
    assert_int_equal(got.len, 185);
    assert_memory_equal(got.ptr, "\x81\x7E\x00\xB5x", 5);
    assert_true(ws_link_send(peer->link, (struct str){text, 30000}));
    assert_int_equal(link_peer_exchange(peer, STR("")).len, 30004);
    assert_true(ws_link_ping(peer->link, STR_EMPTY));
    ANSWERS("", "\x89\x00");
}

static void a_pong_passes_what_is_queued(void **state)
{
    struct link_peer *peer = *state;

    link_peer_exchange(peer, STR("\x8A\x80" ZERO)); /* nothing is queued by then */
    assert_true(ws_link_send(peer->link, STR("one")));
    assert_true(ws_link_send(peer->link, STR("two")));
    assert_true(ws_link_send_urgent(peer->link, STR("pong")));
    ANSWERS("", "\x81\x04pong\x81\x03one\x81\x03two");
}

/* As when a ping comes in one piece with the upgrade request. */
static void a_pong_does_not_pass_the_upgrades_response(void **state)
{
    struct link_peer *peer = *state;

    assert_true(conn_send(ws_link_conn(peer->link), STR("101.")));
    assert_true(ws_link_send_urgent(peer->link, STR("pong")));
    ANSWERS("", "101.\x81\x04pong");
}

static void pause_link(struct link_peer *peer, struct ws_link *link)
{
    (void)peer;
    ws_link_pause(link);
}

static void a_paused_link_gives_nothing_until_it_is_resumed(void **state)
{
    struct link_peer *peer = *state;

    peer->do_on_text = pause_link;
    ANSWERS("\x81\x81" ZERO "a\x81\x81" ZERO "b", "");
    ANSWERS("\x89\x80" ZERO, "");
    assert_true(link_peer_told(peer, "a "));
    ws_link_resume(peer->link);
    ANSWERS("", "");
    assert_true(link_peer_told(peer, "a b "));
    peer->do_on_text = NULL;
    ws_link_resume(peer->link);
    ANSWERS("", "\x8A\x00");
}

static void a_link_that_says_much_is_heard_a_part_at_a_turn(void **state)
{
    enum { MANY = 100, A_TURN = 16 };
    struct link_peer *peer = *state;

    loopback_settle(peer->loop);
    for (int i = 0; i < MANY; i++)
        loopback_send(peer->fd, "\x81\x81" ZERO "a", 7);
    for (int before = 0; peer->frames < MANY; before = peer->frames) {
        loop_turn(peer->loop, -1);
        assert_in_range(peer->frames - before, 0, A_TURN);
    }
    assert_int_equal(peer->story.len, 2 * MANY);
    ANSWERS("\x89\x80" ZERO, "\x8A\x00");
}

/* Its end has come with all it had to say. */
static void a_link_that_ends_behind_much_is_heard_to_its_end(void **state)
{
    enum { MANY = 100 };
    struct link_peer *peer = *state;

    for (int i = 0; i < MANY; i++)
        loopback_send(peer->fd, "\x81\x81" ZERO "a", 7);
    loopback_send(peer->fd, "\x88\x80" ZERO, 6);
    shutdown(peer->fd, SHUT_WR);
    loopback_run_until(peer->loop, &peer->closed);
    assert_int_equal(peer->story.len, 2 * MANY);
    assert_int_equal(peer->code, WS_CODE_NONE);
}

/* The other loop, on a thread of its own. */
struct worker {
    struct loop *loop;
    struct link_peer *peer;
    pthread_t moved_to; /* the thread that on_arrived ran on */
};

static void on_arrived(void *ctx, struct ws_link *link)
{
    struct worker *worker = ctx;

    assert_ptr_equal(link, worker->peer->link);
    assert_ptr_equal(conn_loop(ws_link_conn(link)), worker->loop);
    worker->moved_to = pthread_self();
    worker->peer->arrived = 1;
    worker->peer->do_on_text = NULL;
}

static struct worker worker;

static void move_link(struct link_peer *peer, struct ws_link *link)
{
    ws_link_move(link, worker.loop, &peer->config, on_arrived, &worker);
    assert_false(ws_link_send(link, STR("nobody's")));
}

static void *run_until_closed(void *unused)
{
    (void)unused;
    loopback_run_until(worker.loop, &worker.peer->closed);
    loopback_settle(worker.loop);
    return NULL;
}

/* A fragment stands half assembled, and the bytes behind the move are in flight. */
static void a_link_moves_to_another_thread_with_all_it_holds(void **state)
{
    static const char bytes[] = "\x81\x81" ZERO "a\x01\x81" ZERO "b\x80\x82" ZERO "c";
    struct link_peer *peer = *state;
    pthread_t thread;
    char got[6];

    worker = (struct worker){.loop = loop_new(), .peer = peer};
    link_peer_exchange(peer, STR("\x01\x81" ZERO "x"));
    peer->do_on_text = move_link;
    loopback_send(peer->fd, "\x80\x81" ZERO "y", 7);
    loopback_send(peer->fd, bytes, sizeof bytes - 1);
    loopback_settle(peer->loop);
    assert_true(link_peer_told(peer, "xy "));
    pthread_create(&thread, NULL, run_until_closed, NULL);
    loopback_send(peer->fd, "d\x89\x80" ZERO "\x88\x80" ZERO, 13);
    loopback_receive(peer->fd, got, 4);
    assert_memory_equal(got, "\x8A\x00\x88\x00", 4);
    loopback_expect_end(peer->fd);
    close(peer->fd);
    peer->fd = -1;
    pthread_join(thread, NULL);
    assert_int_equal(peer->arrived, 1);
    assert_true(pthread_equal(worker.moved_to, thread));
    assert_true(link_peer_told(peer, "xy a bcd "));
    loop_free(worker.loop);
}

/* The masked frame in `got`, opened in place. */
static struct str unmask(struct str got, struct ws_frame *frame)
{
    assert_int_equal(ws_frame_parse(got, frame), WS_PARSE_DONE);
    assert_true(frame->masked);
    assert_int_equal(got.len, frame->header_bytes + frame->payload_bytes);
    return str_sub(got, frame->header_bytes, got.len);
}

static void a_client_masks_each_frame_anew(void **state)
{
    struct link_peer *peer = *state;
    struct ws_frame first;
    struct ws_frame second;
    char text[4];

    ws_link_send(peer->link, STR("ping"));
    memcpy(text, unmask(link_peer_exchange(peer, STR("")), &first).ptr, 4);
    ws_frame_mask(text, 4, first.mask, 0);
    assert_memory_equal(text, "ping", 4);
    ws_link_send(peer->link, STR("ping"));
    unmask(link_peer_exchange(peer, STR("")), &second);
    assert_memory_not_equal(first.mask, second.mask, 4);
}

static void a_client_refuses_masked_frames(void **state)
{
    struct link_peer *peer = *state;
    struct ws_frame frame;

    unmask(link_peer_exchange(peer, STR("\x81\x84" ZERO "ping")), &frame);
    assert_int_equal(frame.opcode, WS_CLOSE);
    link_peer_end(peer);
    assert_int_equal(peer->code, WS_CODE_PROTOCOL);
    assert_true(link_peer_told(peer, ""));
}

static void a_client_reads_and_answers_its_server(void **state)
{
    struct link_peer *peer = *state;
    struct ws_frame frame;

    unmask(link_peer_exchange(peer, STR("\x81\x02hi\x89\x01!")), &frame);
    assert_int_equal(frame.opcode, WS_PONG);
    assert_int_equal(frame.payload_bytes, 1);
    assert_true(link_peer_told(peer, "hi "));
    unmask(link_peer_exchange(peer, STR("\x88\x02\x03\xE8")), &frame);
    assert_int_equal(frame.opcode, WS_CLOSE);
}

#define AS_SERVER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, link_peer_open_server, link_peer_close)
#define AS_CLIENT(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, link_peer_open_client, link_peer_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AS_SERVER(the_pings_of_firmware_are_answered),
        AS_SERVER(messages_come_out_whatever_the_arrivals),
        AS_SERVER(a_frame_is_sent_with_the_shortest_header),
        AS_SERVER(a_pong_passes_what_is_queued),
        AS_SERVER(a_pong_does_not_pass_the_upgrades_response),
        AS_SERVER(a_paused_link_gives_nothing_until_it_is_resumed),
        AS_SERVER(a_link_that_says_much_is_heard_a_part_at_a_turn),
        AS_SERVER(a_link_that_ends_behind_much_is_heard_to_its_end),
        AS_SERVER(a_link_moves_to_another_thread_with_all_it_holds),
        AS_CLIENT(a_client_masks_each_frame_anew),
        AS_CLIENT(a_client_refuses_masked_frames),
        AS_CLIENT(a_client_reads_and_answers_its_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
