#include "http/http_server.h"

#include "loopback.h"
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void an_answer_has_the_form_that_firmware_needs(void **state)
{
    const char *got;

    peer_connect(*state);
    got = peer_ask(*state,
                   "POST /echo HTTP/1.1\r\nHost: eu-disp.coolkit.cc\r\n"
                   "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
    assert_true(peer_has(got, "HTTP/1.1 200 OK\r\n") && got == strstr(got, "HTTP/1.1 200 OK\r\n"));
    assert_true(peer_has(got, "\r\nContent-Length: 20\r\n"));
    assert_true(peer_has(got, "\r\nContent-Type: application/json\r\n"));
    assert_true(peer_has(got, "\r\nServer: switchyard\r\n"));
    assert_true(peer_has(got, "\r\nDate: ") && peer_has(got, " GMT\r\n"));
    assert_true(peer_has(got, "\r\n\r\nPOST /echo [{\"a\":1}]"));
    assert_false(peer_has(got, "Transfer-Encoding"));
    assert_true(strchr(got, '{') > strstr(got, "\r\n\r\n"));
}

static void a_request_byte_by_byte_is_answered_once_and_whole(void **state)
{
    static const char text[] = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    struct peer *peer = *state;

    peer_connect(peer);
    for (size_t i = 0; i < strlen(text); i++) {
        loop_turn(peer->loop, 0);
        peer_settle(peer);
        assert_int_equal(peer->got.len, 0);
        loopback_send(peer->fd, text + i, 1);
    }
    peer_settle(peer);
    buf_append_byte(&peer->got, '\0');
    assert_int_equal(peer_times(peer->got.ptr, "HTTP/1.1 200"), 1);
    assert_true(peer_has(peer->got.ptr, "[hello]"));
}

static void a_connection_is_kept_and_requests_are_pipelined(void **state)
{
    const char *got;

    peer_connect(*state);
    got = peer_ask(*state, GET("/echo") "\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
                                   "\r\n" GET("/nothing") GET("/echo"));
    assert_int_equal(peer_times(got, "HTTP/1.1 "), 4);
    assert_true(strstr(got, "GET /echo []") < strstr(got, "POST /echo [x]"));
    assert_true(strstr(got, "POST /echo [x]") < strstr(got, "404 Not Found"));
    got = peer_ask(*state, GET("/echo"));
    assert_int_equal(peer_times(got, "HTTP/1.1 200"), 1);
    assert_false(peer_has(got, "Connection:"));
    assert_false(peer_is_closed(*state));
}

static void a_connection_closes_when_either_side_says_so(void **state)
{
    peer_connect(*state);
    assert_true(
        peer_has(peer_ask(*state, "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
                 "\r\nConnection: close\r\n"));
    assert_true(peer_is_closed(*state));
}

static void a_handler_may_close_and_add_headers(void **state)
{
    const char *got;

    peer_connect(*state);
    got = peer_ask(*state, GET("/custom"));
    assert_true(peer_has(got, "HTTP/1.1 426 Upgrade Required\r\n"));
    assert_true(peer_has(got, "\r\nUpgrade: websocket\r\n"));
    assert_true(peer_has(got, "\r\nContent-Type: text/plain\r\n"));
    assert_true(peer_has(got, "\r\nConnection: close\r\n"));
    assert_true(peer_is_closed(*state));
}

static void http_1_0_is_answered_and_closed_unless_it_asks(void **state)
{
    const char *got;

    peer_connect(*state);
    got = peer_ask(*state, "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_true(peer_has(got, "HTTP/1.1 200 OK\r\n") &&
                peer_has(got, "\r\nConnection: keep-alive\r\n"));
    assert_true(
        peer_has(peer_ask(*state, "GET /echo HTTP/1.0\r\n\r\n"), "\r\nConnection: close\r\n"));
    assert_true(peer_is_closed(*state));
}

static void head_is_answered_without_the_body(void **state)
{
    const char *got;

    peer_connect(*state);
    got = peer_ask(*state, "HEAD /echo HTTP/1.1\r\nHost: h\r\n\r\n" GET("/echo"));
    assert_true(peer_has(got, "\r\nContent-Length: 13\r\n"));
    assert_false(peer_has(got, "HEAD /echo"));
    assert_true(peer_has(got, "GET /echo []"));
    got = peer_ask(*state, "HEAD /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(peer_has(got, "HTTP/1.1 404 Not Found\r\n"));
    assert_false(peer_has(got, "{"));
}

/* Head, body and framing each at its bound, and the last bytes apart: all of it is kept meanwhile.
 */
static void the_largest_request_fits_in_a_connections_input(void **state)
{
    struct peer *peer = *state;
    struct buf text = BUF_EMPTY;

    peer_connect(peer);
    buf_append(&text, STR("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX: "));
    while (text.len < MAX_HEAD - 4)
        buf_append_byte(&text, 'x');
    buf_append(&text, STR("\r\n\r\n"));
    for (int i = 0; i < MAX_BODY; i++)
        buf_printf(&text, "1;%0240d\r\nb\r\n", 0);
    assert_string_equal(peer_ask_bytes(peer, buf_str(&text)), "");
    assert_true(text.len > http_server_max_input(&peer->config.limits) * 9 / 10);
    assert_true(peer_has(peer_ask(peer, "0\r\n\r\n"), "bbbbbbbb]"));
    buf_free(&text);
}

static void a_chunked_body_is_joined(void **state)
{
    const char *got;

    peer_connect(*state);
    got = peer_ask(*state,
                   "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc");
    assert_string_equal(got, "");
    got = peer_ask(*state, "\r\n2\r\nde\r\n0\r\n\r\n" GET("/echo"));
    assert_true(peer_has(got, "[abcde]") && peer_has(got, "GET /echo []"));
}

static void an_answer_may_come_later_and_others_wait_for_it(void **state)
{
    struct peer *peer = *state;
    const char *got;

    peer_connect(peer);
    assert_string_equal(peer_ask(peer, GET("/late") GET("/echo")), "");
    assert_non_null(peer->exchange);
    http_exchange_respond(peer->exchange,
                          &(struct http_response){.status = 200, .body = STR("late")});
    peer->exchange = NULL;
    got = peer_ask(peer, GET("/echo"));
    assert_int_equal(peer_times(got, "HTTP/1.1 200"), 3);
    assert_true(strstr(got, "\r\n\r\nlate") < strstr(got, "GET /echo"));
}

static void an_answer_to_a_peer_that_left_is_dropped(void **state)
{
    struct peer *peer = *state;

    peer_connect(peer);
    peer_ask(peer, GET("/late"));
    peer_leave(peer);
    assert_null(http_exchange_conn(peer->exchange));
    http_exchange_respond(peer->exchange, &(struct http_response){.status = 200});
    peer->exchange = NULL;
}

static void an_exchange_may_outlive_its_server(void **state)
{
    struct peer *peer = *state;

    peer_connect(peer);
    peer_ask(peer, GET("/late"));
    peer_leave(peer);
    assert_non_null(peer->exchange); /* peer_tear_down() answers it, after freeing the server */
}

static void an_upgrade_gives_the_connection_and_what_follows_away(void **state)
{
    struct peer *peer = *state;
    const char *got;

    peer_connect(peer);
    got = peer_ask(peer,
                   "GET /upgrade HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                   "Upgrade: websocket\r\n\r\nbehind");
    assert_string_equal(got, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assert_int_equal(http_server_count(peer->server), 0);
    assert_true(str_eq(buf_str(&peer->taken_data), STR("behind")));
    peer_ask(peer, " more");
    assert_true(str_eq(buf_str(&peer->taken_data), STR("behind more")));
}

static void closing_all_spares_the_one_that_is_answered(void **state)
{
    struct peer *peer = *state;
    int busy;

    peer_connect(peer);
    peer_ask(peer, GET("/late"));
    busy = peer->fd;
    peer_connect(peer);
    assert_int_equal(http_server_count(peer->server), 2);
    http_server_close_all(peer->server);
    assert_true(peer_is_closed(peer));
    close(peer->fd);
    peer->fd = busy;
    assert_false(peer_is_closed(peer));
    http_exchange_respond(peer->exchange,
                          &(struct http_response){.status = 200, .body = STR("last")});
    peer->exchange = NULL;
    assert_true(peer_has(peer_ask(peer, ""), "\r\nConnection: close\r\n"));
    assert_true(peer_is_closed(peer));
}

/* Or else anybody who sends half a request would make a stop take as long as a request may. */
static void closing_all_waits_for_no_half_request(void **state)
{
    struct peer *peer = *state;

    peer_connect(peer);
    peer_ask(peer, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf");
    http_server_close_all(peer->server);
    assert_true(peer_has(peer_ask(peer, ""), "HTTP/1.1 503 "));
    assert_true(peer_is_closed(peer));
}

static void a_request_ahead_of_the_peers_end_is_answered(void **state)
{
    struct peer *peer = *state;

    peer_connect(peer);
    loopback_send(peer->fd, GET("/echo"), strlen(GET("/echo")));
    shutdown(peer->fd, SHUT_WR);
    assert_true(peer_has(peer_ask(peer, ""), "GET /echo []"));
    assert_true(peer_is_closed(peer));
}

#define WITH_PEER(test) cmocka_unit_test_setup_teardown(test, peer_set_up, peer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PEER(an_answer_has_the_form_that_firmware_needs),
        WITH_PEER(a_request_byte_by_byte_is_answered_once_and_whole),
        WITH_PEER(a_connection_is_kept_and_requests_are_pipelined),
        WITH_PEER(a_connection_closes_when_either_side_says_so),
        WITH_PEER(a_handler_may_close_and_add_headers),
        WITH_PEER(http_1_0_is_answered_and_closed_unless_it_asks),
        WITH_PEER(head_is_answered_without_the_body),
        WITH_PEER(the_largest_request_fits_in_a_connections_input),
        WITH_PEER(a_chunked_body_is_joined),
        WITH_PEER(an_answer_may_come_later_and_others_wait_for_it),
        WITH_PEER(an_answer_to_a_peer_that_left_is_dropped),
        WITH_PEER(an_exchange_may_outlive_its_server),
        WITH_PEER(an_upgrade_gives_the_connection_and_what_follows_away),
        WITH_PEER(closing_all_spares_the_one_that_is_answered),
        WITH_PEER(closing_all_waits_for_no_half_request),
        WITH_PEER(a_request_ahead_of_the_peers_end_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
