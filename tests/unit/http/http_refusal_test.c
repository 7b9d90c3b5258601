#include "http/http_server.h"

#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

static void a_path_is_404_and_a_method_405_and_both_leave_it_open(void **state)
{
    const char *got;

    peer_connect(*state);
    got = peer_ask(*state, GET("/nothing"));
    assert_true(peer_has(got, "HTTP/1.1 404 Not Found\r\n"));
    assert_true(peer_has(got, "\r\n\r\n{\"error\":404,\"reason\":\"Not Found\"}"));
    got = peer_ask(*state, "DELETE /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    assert_true(peer_has(got, "HTTP/1.1 405 Method Not Allowed\r\n"));
    assert_true(peer_has(got, "\r\nAllow: POST, GET, HEAD\r\n"));
    got = peer_ask(*state, GET("/only-post"));
    assert_true(peer_has(got, "\r\nAllow: POST\r\n"));
    assert_true(peer_has(peer_ask(*state, GET("/echo")), "200 OK"));
    assert_int_equal(peer_metric(*state, METRIC_HTTP_REQUEST), 4);
    assert_int_equal(peer_metric(*state, METRIC_HTTP_REFUSED), 3);
}

static void a_refusal_of_what_can_not_be_read_closes(void **state)
{
    static const struct {
        const char *text;
        const char *status;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400 Bad Request"},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"
         "\r\n1\r\nx\r\n0\r\n\r\n",
         "400 Bad Request"},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
         "400 Bad Request"},
        {"POST /echo HTTP/1.0\r\n\r\n", "411 Length Required"},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 65\r\n\r\n", "413 Content Too Large"},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n",
         "413 Content Too Large"},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n",
         "415 Unsupported Media Type"},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nExpect: x\r\nContent-Length: 2\r\n\r\n",
         "417 Expectation Failed"},
        {"BREW /echo HTTP/1.1\r\nHost: h\r\n\r\n", "501 Not Implemented"},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505 HTTP Version Not Supported"},
    };
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got;

        peer_connect(peer);
        got = peer_ask(peer, rows[i].text);
        assert_int_equal(peer_times(got, "HTTP/1.1 "), 1);
        assert_true(peer_has(got, rows[i].status) && peer_has(got, "\r\nConnection: close\r\n"));
        assert_true(peer_has(got, "{\"error\":"));
        assert_true(peer_is_closed(peer));
        close(peer->fd);
    }
    peer_connect(peer);
}

static void heads_past_their_limits_are_414_and_431(void **state)
{
    struct peer *peer = *state;
    char text[2 * MAX_HEAD];

    peer_connect(peer);
    memset(text, 'a', sizeof text);
    memcpy(text, "GET /", 5);
    assert_true(
        peer_has(peer_ask_bytes(peer, (struct str){text, MAX_LINE + 10}), "414 URI Too Long"));
    assert_true(peer_is_closed(peer));
    close(peer->fd);
    peer_connect(peer);
    memcpy(text, "GET / HTTP/1.1\r\nX: ", 19);
    assert_true(peer_has(peer_ask_bytes(peer, (struct str){text, MAX_HEAD}),
                         "431 Request Header Fields Too Large"));
    assert_true(peer_is_closed(peer));
}

static void an_expected_100_is_sent_once_and_only_when_wanted(void **state)
{
    struct peer *peer = *state;
    const char *got;

    peer_connect(peer);
    got = peer_ask(peer,
                   "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                   "Content-Length: 4\r\n\r\n");
    assert_string_equal(got, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_string_equal(peer_ask(peer, "ab"), "");
    got = peer_ask(peer, "cd");
    assert_true(peer_has(got, "[abcd]") && !peer_has(got, "100 Continue"));
    got = peer_ask(peer,
                   "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                   "Content-Length: 1\r\n\r\nx");
    assert_true(peer_has(got, "[x]") && !peer_has(got, "100 Continue"));
    got = peer_ask(peer,
                   "POST /nothing HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                   "Content-Length: 4\r\n\r\n");
    assert_true(peer_has(got, "404 Not Found") && !peer_has(got, "100 Continue"));
    assert_true(peer_is_closed(peer));
}

static void too_late_an_answer_is_503_and_then_dropped(void **state)
{
    struct peer *peer = *state;
    const char *got;

    peer->config.answer_ms = 1;
    peer_connect(peer);
    got = peer_ask(peer, GET("/late"));
    assert_true(peer_has(got, "503 Service Unavailable") && peer_has(got, "{\"error\":503"));
    assert_true(peer_is_closed(peer));
    http_exchange_respond(peer->exchange,
                          &(struct http_response){.status = 200, .body = STR("late")});
    peer->exchange = NULL;
    assert_string_equal(peer_ask(peer, ""), "");
}

static void a_slow_request_is_408(void **state)
{
    struct peer *peer = *state;
    const char *got;

    peer->config.request_ms = 1;
    peer_connect(peer);
    got = peer_ask(peer, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel");
    assert_true(peer_has(got, "408 Request Timeout") && peer_has(got, "\r\nConnection: close\r\n"));
    assert_true(peer_is_closed(peer));
}

static void an_idle_connection_is_closed_without_a_word(void **state)
{
    struct peer *peer = *state;

    peer->config.keep_alive_ms = 1;
    peer_connect(peer);
    assert_true(peer_is_closed(peer));
    assert_int_equal(peer->got.len, 0);
    assert_int_equal(peer_metric(peer, METRIC_CLOSE_IDLE), 1);
    close(peer->fd);
    peer_connect(peer);
    assert_string_equal(peer_ask(peer, "\r\n\r\n"), ""); /* empty lines are no request */
    assert_true(peer_is_closed(peer));
}

#define WITH_PEER(test) cmocka_unit_test_setup_teardown(test, peer_set_up, peer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PEER(a_path_is_404_and_a_method_405_and_both_leave_it_open),
        WITH_PEER(a_refusal_of_what_can_not_be_read_closes),
        WITH_PEER(heads_past_their_limits_are_414_and_431),
        WITH_PEER(an_expected_100_is_sent_once_and_only_when_wanted),
        WITH_PEER(too_late_an_answer_is_503_and_then_dropped),
        WITH_PEER(a_slow_request_is_408),
        WITH_PEER(an_idle_connection_is_closed_without_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
