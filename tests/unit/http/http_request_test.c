#include "http/http_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct http_limits limits = {
    .max_head_bytes = 8192, .max_line_bytes = 2048, .max_body_bytes = 65536};

static struct http_request request; /* too large to copy about */
static size_t head_bytes;
static unsigned status;

/* Parses the text in one piece and in growing pieces, byte by byte: both must agree. */
static enum http_parse parse(struct str text)
{
    enum http_parse whole;
    unsigned whole_status;

    status = 0;
    whole = http_request_parse(text, &limits, &request, &head_bytes, &status);
    whole_status = status;
    for (size_t len = 0; len <= text.len; len++) {
        enum http_parse part =
            http_request_parse(str_sub(text, 0, len), &limits, &request, &head_bytes, &status);

        if (part == HTTP_PARSE_MORE)
            continue;
        assert_int_equal(part, whole);
        assert_true(part == HTTP_PARSE_DONE || status == whole_status);
        assert_true(part == HTTP_PARSE_BAD || len >= head_bytes);
        return part;
    }
    assert_int_equal(whole, HTTP_PARSE_MORE);
    return HTTP_PARSE_MORE;
}

/* The status that `text` is refused with, or 0. */
static unsigned refusal(const char *text)
{
    return parse(str_of(text)) == HTTP_PARSE_BAD ? status : 0;
}

static bool is_done(const char *text)
{
    return parse(str_of(text)) == HTTP_PARSE_DONE;
}

static bool is_text(struct str got, const char *expected)
{
    return str_eq(got, str_of(expected));
}

static void a_request_is_taken_apart(void **unused)
{
    static const char text[] =
        "POST /dispatch/app?a=b&c HTTP/1.1\r\n"
        "Host: eu-disp.coolkit.cc:8080\r\n"
        "Content-Type:application/json \t\r\n"
        "Content-Length: 12\r\n"
        "\r\n"
        "{\"version\":8";

    (void)unused;
    assert_true(is_done(text));
    assert_true(is_text(request.method, "POST"));
    assert_true(is_text(request.target, "/dispatch/app?a=b&c"));
    assert_true(is_text(request.path, "/dispatch/app"));
    assert_true(is_text(request.query, "a=b&c"));
    assert_int_equal(request.minor, 1);
    assert_int_equal(request.header_count, 3);
    assert_true(is_text(request.headers[1].name, "Content-Type"));
    assert_true(is_text(request.headers[1].value, "application/json"));
    assert_int_equal(request.body_kind, HTTP_BODY_LENGTH);
    assert_int_equal(request.body_bytes, 12);
    assert_true(request.keep_alive);
    assert_false(request.expects_continue);
    assert_false(request.is_upgrade);
    assert_int_equal(head_bytes, strlen(text) - 12);
}

static void headers_are_found_whatever_their_case(void **unused)
{
    (void)unused;
    assert_true(
        is_done("GET / HTTP/1.1\r\nhost: h\r\nAUTHORIZATION: Bearer null\r\nempty:\r\n\r\n"));
    assert_true(is_text(http_request_header(&request, STR("Authorization")), "Bearer null"));
    assert_non_null(http_request_header(&request, STR("Empty")).ptr);
    assert_null(http_request_header(&request, STR("Absent")).ptr);
}

static void every_form_of_target_gives_its_path(void **unused)
{
    (void)unused;
    assert_true(is_done("GET http://h:8080/api/ws?x HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(is_text(request.path, "/api/ws"));
    assert_true(is_text(request.query, "x"));
    assert_true(is_done("GET HTTPS://h HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(is_text(request.path, "/"));
    assert_true(is_done("GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(is_text(request.path, "/"));
    assert_true(is_text(request.query, "q"));
    assert_true(is_done("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(is_text(request.path, "*"));
}

static void what_firmware_and_clients_send_is_accepted(void **unused)
{
    (void)unused;
    /* Opulinks: the key's line ends in a bare LF. */
    assert_true(
        is_done("GET /api/ws HTTP/1.1\r\nHost: 192.168.1.10:443\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nOrigin: http://192.168.1.10:443\r\n"
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"));
    assert_true(request.is_upgrade);
    assert_true(is_text(http_request_header(&request, STR("Sec-WebSocket-Key")),
                        "AAAAAAAAAAAAAAAAAAAAAA=="));
    /* ESP: a constant host, "upgrade" in lower case. */
    assert_true(
        is_done("GET /api/ws HTTP/1.1\r\nHost: iotgo.iteadstudio.com\r\n"
                "Connection: upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Key: ITEADTmobiM0x1DabcEsnw==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"));
    assert_true(request.is_upgrade);
    /* HASS: an empty body with its length; ewelink-api-next: Date in milliseconds. */
    assert_true(is_done("POST /dispatch/app HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"));
    assert_int_equal(request.body_bytes, 0);
    assert_true(
        is_done("GET /dispatch/app HTTP/1.1\r\nhost: h\r\nx-ck-nonce: diu2gsmi\r\n"
                "date: 1795386118170\r\n\r\n"));
    /* A POST without any length has no body (RFC 9112 section 6.3). */
    assert_true(is_done("POST /dispatch/app HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_int_equal(request.body_kind, HTTP_BODY_NONE);
    assert_true(is_done("\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n"));
}

static void a_connection_lives_on_as_the_version_says(void **unused)
{
    (void)unused;
    assert_true(is_done("GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n"));
    assert_false(request.keep_alive);
    assert_true(is_done("GET / HTTP/1.0\r\n\r\n"));
    assert_int_equal(request.minor, 0);
    assert_false(request.keep_alive);
    assert_true(is_done("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    assert_true(request.keep_alive);
    assert_true(is_done("GET / HTTP/1.9\r\nHost: h\r\n\r\n"));
    assert_int_equal(request.minor, 1);
}

static void an_upgrade_needs_both_headers_and_http_1_1(void **unused)
{
    (void)unused;
    assert_true(
        is_done("GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n"
                "Upgrade: h2c, WebSocket\r\n\r\n"));
    assert_true(request.is_upgrade);
    assert_true(is_done("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n\r\n"));
    assert_false(request.is_upgrade);
    assert_true(is_done("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"));
    assert_false(request.is_upgrade);
    assert_true(is_done("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
    assert_false(request.is_upgrade);
}

static void an_expectation_is_seen_or_refused(void **unused)
{
    (void)unused;
    assert_true(
        is_done("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n"
                "Content-Length: 5\r\n\r\n"));
    assert_true(request.expects_continue);
    assert_true(is_done("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
    assert_false(request.expects_continue);
    assert_int_equal(refusal("POST / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n"), 417);
}

static void a_body_without_a_length_is_411_where_one_must_come(void **unused)
{
    (void)unused;
    assert_int_equal(refusal("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n"), 411);
    assert_int_equal(refusal("POST / HTTP/1.0\r\n\r\n"), 411);
    assert_true(is_done("POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n"));
}

static void a_bad_request_line_is_refused(void **unused)
{
    static const char *const bad[] = {
        " GET / HTTP/1.1\r\n",
        "GET  / HTTP/1.1\r\n",
        "GET /  HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        "GET / HTTP/1.1\n",
        "GET /\r\n",
        "GET / http/1.1\r\n",
        "GET / HTTP/1\r\n",
        "GET / HTTP/11.1\r\n",
        "GET /a b HTTP/1.1\r\n",
        "GET /\x01 HTTP/1.1\r\n",
        "GET /#f HTTP/1.1\r\n",
        "GET /\xc3\xa9 HTTP/1.1\r\n",
        "GET ?q HTTP/1.1\r\n",
        "GET api HTTP/1.1\r\n",
        "GET * HTTP/1.1\r\n",
        "GET\t/ HTTP/1.1\r\n",
        "GE(T / HTTP/1.1\r\n",
        "\x16\x03\x01",
        "\r\rGET / HTTP/1.1\r\n",
        "\nGET / HTTP/1.1\r\n",
        "GET /\r HTTP/1.1\r\n",
        "GET ftp://h/ HTTP/1.1\r\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(refusal(bad[i]), 400);
}

static void other_versions_are_505_and_unknown_methods_501(void **unused)
{
    (void)unused;
    assert_int_equal(refusal("GET / HTTP/2.0\r\n"), 505);
    assert_int_equal(refusal("GET / HTTP/0.9\r\n"), 505);
    assert_int_equal(refusal("PRI * HTTP/2.0\r\n"), 505);
    assert_int_equal(refusal("BREW / HTTP/1.1\r\n"), 501);
    assert_int_equal(refusal("CONNECT h:443 HTTP/1.1\r\n"), 501);
    assert_int_equal(refusal("get / HTTP/1.1\r\n"), 501);
}

#define HEAD "POST / HTTP/1.1\r\nHost: h\r\n"

static void a_bad_header_is_refused(void **unused)
{
    static const char *const bad[] = {
        HEAD "Name : v\r\n",
        HEAD "Name\r\n",
        HEAD ": v\r\n",
        HEAD " fold\r\n",
        HEAD "A: b\r\n\tfold\r\n",
        HEAD "A: b\rc\r\n",
        HEAD "A: \x01\r\n",
        HEAD "A: \x7f\r\n",
        HEAD "A b: c\r\n",
        HEAD "A\xc3\xa9: c\r\n",
        HEAD "\n",
        HEAD "Host: h\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: u@h/x\r\n\r\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(refusal(bad[i]), 400);
    assert_int_equal(parse(STR(HEAD "A: b\0c\r\n")), HTTP_PARSE_BAD);
    assert_true(is_done(HEAD "A: caf\xc3\xa9 \t x\r\n\r\n"));
}

static void a_request_that_could_be_smuggled_is_refused(void **unused)
{
    static const char *const bad[] = {
        HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        HEAD "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
        HEAD "Content-Length: 5, 5\r\n\r\n",
        HEAD "Content-Length: +5\r\n\r\n",
        HEAD "Content-Length: -5\r\n\r\n",
        HEAD "Content-Length: 0x5\r\n\r\n",
        HEAD "Content-Length: 5 5\r\n\r\n",
        HEAD "Content-Length:\r\n\r\n",
        HEAD "Content-Length : 5\r\n\r\n",
        HEAD "Transfer-Encoding: chunked, gzip\r\n\r\n",
        HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n",
        HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD "Transfer-Encoding: chunked,\r\n\r\n",
        HEAD "Transfer-Encoding: ,chunked\r\n\r\n",
        HEAD "Transfer-Encoding:\r\n\r\n",
        HEAD "Transfer-Encoding\r\n : chunked\r\n\r\n",
        HEAD
        "Transfer-Encoding: \x0b"
        "chunked\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(refusal(bad[i]), 400);
}

static void only_chunked_is_a_known_coding(void **unused)
{
    (void)unused;
    assert_true(is_done(HEAD "Transfer-Encoding: Chunked\r\n\r\n"));
    assert_int_equal(request.body_kind, HTTP_BODY_CHUNKED);
    assert_int_equal(refusal(HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501);
    assert_int_equal(refusal(HEAD "Transfer-Encoding: gzip\r\n\r\n"), 501);
    assert_int_equal(refusal(HEAD "Transfer-Encoding: chunked;q=1\r\n\r\n"), 501);
}

static void a_body_past_its_limit_is_413(void **unused)
{
    (void)unused;
    assert_true(is_done(HEAD "Content-Length: 65536\r\n\r\n"));
    assert_int_equal(refusal(HEAD "Content-Length: 65537\r\n\r\n"), 413);
    assert_int_equal(refusal(HEAD "Content-Length: 99999999999999999999999\r\n\r\n"), 413);
}

/* "GET /aaa... HTTP/1.1\r\n" of len bytes without its CRLF, then `rest`. */
static struct str long_line(char *out, size_t len, const char *rest)
{
    memset(out, 'a', len);
    memcpy(out, "GET /", 5);
    memcpy(out + len - 9, " HTTP/1.1\r\n", 11);
    memcpy(out + len + 2, rest, strlen(rest));
    return (struct str){out, len + 2 + strlen(rest)};
}

static void a_request_line_past_its_limit_is_414(void **unused)
{
    static char text[4096];

    (void)unused;
    assert_int_equal(parse(long_line(text, 2048, "Host: h\r\n\r\n")), HTTP_PARSE_DONE);
    assert_int_equal(parse(long_line(text, 2049, "Host: h\r\n\r\n")), HTTP_PARSE_BAD);
    assert_int_equal(status, 414);
    memset(text, 'A', sizeof text);
    assert_int_equal(parse((struct str){text, sizeof text}), HTTP_PARSE_BAD);
    assert_int_equal(status, 414);
}

static void a_head_past_its_limit_is_431(void **unused)
{
    static const char start[] = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    static char text[9000];

    (void)unused;
    memset(text, 'x', sizeof text);
    memcpy(text, start, sizeof start - 1);
    memcpy(text + 8192 - 4, "\r\n\r\n", 4);
    assert_int_equal(parse((struct str){text, 8192}), HTTP_PARSE_DONE);
    assert_int_equal(head_bytes, 8192);
    memset(text + 8192 - 4, 'x', 4);
    memcpy(text + 8193 - 4, "\r\n\r\n", 4);
    assert_int_equal(parse((struct str){text, 8193}), HTTP_PARSE_BAD);
    assert_int_equal(status, 431);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 == 0 ? '\r' : '\n';
    assert_int_equal(parse((struct str){text, sizeof text}), HTTP_PARSE_BAD);
    assert_int_equal(status, 431);
}

static void too_many_headers_are_431(void **unused)
{
    static char text[2048] = "GET / HTTP/1.1\r\nHost: h\r\n";
    size_t len = strlen(text);

    (void)unused;
    for (size_t i = 1; i < HTTP_MAX_HEADERS; i++, len += 6)
        memcpy(text + len, "a: b\r\n", 6);
    memcpy(text + len, "\r\n", 2);
    assert_int_equal(parse((struct str){text, len + 2}), HTTP_PARSE_DONE);
    assert_int_equal(request.header_count, HTTP_MAX_HEADERS);
    memcpy(text + len, "a: b\r\n\r\n", 8);
    assert_int_equal(parse((struct str){text, len + 8}), HTTP_PARSE_BAD);
    assert_int_equal(status, 431);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(headers_are_found_whatever_their_case),
        cmocka_unit_test(every_form_of_target_gives_its_path),
        cmocka_unit_test(what_firmware_and_clients_send_is_accepted),
        cmocka_unit_test(a_connection_lives_on_as_the_version_says),
        cmocka_unit_test(an_upgrade_needs_both_headers_and_http_1_1),
        cmocka_unit_test(an_expectation_is_seen_or_refused),
        cmocka_unit_test(a_body_without_a_length_is_411_where_one_must_come),
        cmocka_unit_test(a_bad_request_line_is_refused),
        cmocka_unit_test(other_versions_are_505_and_unknown_methods_501),
        cmocka_unit_test(a_bad_header_is_refused),
        cmocka_unit_test(a_request_that_could_be_smuggled_is_refused),
        cmocka_unit_test(only_chunked_is_a_known_coding),
        cmocka_unit_test(a_body_past_its_limit_is_413),
        cmocka_unit_test(a_request_line_past_its_limit_is_414),
        cmocka_unit_test(a_head_past_its_limit_is_431),
        cmocka_unit_test(too_many_headers_are_431),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
