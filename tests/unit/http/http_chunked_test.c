#include "http/http_chunked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_BODY = 1000, CAP = 64 * 1024 };

static char data[CAP];
static struct str body;
static size_t taken;
static unsigned status;

/* Scans in one piece and with one byte more each time; both must agree. Joins what is whole. */
static enum http_parse decode(const char *text, size_t len)
{
    struct http_chunked chunked = {0};
    struct http_chunked steps = {0};
    enum http_parse part = HTTP_PARSE_MORE;
    unsigned part_status = 0;
    enum http_parse whole;

    assert_true(len <= CAP);
    memcpy(data, text, len);
    for (size_t i = 0; i <= len && part == HTTP_PARSE_MORE; i++)
        part = http_chunked_scan(&steps, (struct str){data, i}, MAX_BODY, &part_status);
    status = 0;
    whole = http_chunked_scan(&chunked, (struct str){data, len}, MAX_BODY, &status);
    assert_memory_equal(data, text, len);
    assert_int_equal(part, whole);
    assert_true(whole != HTTP_PARSE_BAD || status == part_status);
    if (whole != HTTP_PARSE_DONE)
        return whole;
    assert_int_equal(steps.at, chunked.at);
    taken = chunked.at;
    body = http_chunked_join(data, &chunked);
    assert_int_equal(body.len, chunked.body_bytes);
    return HTTP_PARSE_DONE;
}

static bool gives(const char *text, const char *expected)
{
    return decode(text, strlen(text)) == HTTP_PARSE_DONE && str_eq(body, str_of(expected));
}

static unsigned refusal(const char *text)
{
    return decode(text, strlen(text)) == HTTP_PARSE_BAD ? status : 0;
}

static void chunks_are_joined(void **unused)
{
    (void)unused;
    assert_true(gives("0\r\n\r\n", ""));
    assert_true(gives("5\r\nhello\r\n0\r\n\r\n", "hello"));
    assert_true(gives("1\r\n{\r\nA\r\n0123456789\r\n0001\r\n}\r\n000\r\n\r\n", "{0123456789}"));
    assert_true(gives("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"));
}

static void what_follows_the_body_is_not_taken(void **unused)
{
    (void)unused;
    assert_true(gives("3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "abc"));
    assert_int_equal(taken, 13);
}

static void extensions_and_trailers_are_dropped(void **unused)
{
    (void)unused;
    assert_true(gives("3;a=b;c=\"d\"\r\nabc\r\n0 ;x\r\nDigest: 1\r\nX:\r\n\r\n", "abc"));
}

static void a_body_that_has_not_ended_waits(void **unused)
{
    static const char text[] = "3\r\nabc\r\n0\r\nA: b\r\n\r\n";

    (void)unused;
    for (size_t len = 0; len < strlen(text); len++)
        assert_int_equal(decode(text, len), HTTP_PARSE_MORE);
    assert_int_equal(decode(text, strlen(text)), HTTP_PARSE_DONE);
}

static void bad_framing_is_refused(void **unused)
{
    static const char *const bad[] = {
        "\r\n",           "x\r\n",          "-1\r\n",    "0x1\r\n",
        " 1\r\n",         "1 \r\n",         "1\n",       "1\r\na\n",
        "1\r\nab\r\n",    "1;\x01\r\n",     "1\r\na\rX", "1q\r\n",
        "0\r\nA : b\r\n", "0\r\n fold\r\n", "0\r\n\n",   "1;a\rb\r\na\r\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(refusal(bad[i]), 400);
}

static void a_body_past_its_limit_is_413_before_it_comes(void **unused)
{
    (void)unused;
    assert_int_equal(refusal("3e9\r\n"), 413);
    assert_int_equal(refusal("ffffffffffffffff\r\n"), 413);
    assert_int_equal(refusal("fffffffffffffffffffffff\r\n"), 413);
    assert_int_equal(refusal("1\r\na\r\n3e8\r\n"), 413);
}

static void a_body_at_its_limit_passes(void **unused)
{
    char text[MAX_BODY + 32];
    size_t len = 5;

    (void)unused;
    memset(text, 'x', sizeof text);
    memcpy(text, "3E8\r\n", 5);
    memcpy(text + len + MAX_BODY, "\r\n0\r\n\r\n", 7);
    assert_int_equal(decode(text, len + MAX_BODY + 7), HTTP_PARSE_DONE);
    assert_int_equal(body.len, MAX_BODY);
}

static void a_line_without_end_is_refused(void **unused)
{
    char text[HTTP_CHUNKED_MAX_LINE];

    (void)unused;
    memset(text, 'a', sizeof text);
    text[0] = '1';
    text[1] = ';';
    assert_int_equal(decode(text, sizeof text - 1), HTTP_PARSE_MORE);
    assert_int_equal(decode(text, sizeof text), HTTP_PARSE_BAD);
    assert_int_equal(status, 400);
}

static void framing_is_bounded_whatever_the_body(void **unused)
{
    static char text[CAP] = "0\r\n";
    size_t len = 3;

    (void)unused;
    while (len <= HTTP_CHUNKED_MAX_FRAMING) {
        memcpy(text + len, "a: b\r\n", 6);
        len += 6;
    }
    assert_int_equal(decode(text, len), HTTP_PARSE_BAD);
    assert_int_equal(status, 413);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_joined),
        cmocka_unit_test(what_follows_the_body_is_not_taken),
        cmocka_unit_test(extensions_and_trailers_are_dropped),
        cmocka_unit_test(a_body_that_has_not_ended_waits),
        cmocka_unit_test(bad_framing_is_refused),
        cmocka_unit_test(a_body_past_its_limit_is_413_before_it_comes),
        cmocka_unit_test(a_body_at_its_limit_passes),
        cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(framing_is_bounded_whatever_the_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
