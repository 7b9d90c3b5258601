#include "http/http_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum http_parse parse(const char *text, size_t len, struct http_reply *out)
{
    return http_reply_parse((struct str){text, len}, 200, out);
}

static void a_reply_is_done_with_its_last_byte(void **state)
{
    static const char text[] = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nX: y\r\n\r\nbodyNEXT";
    size_t len = sizeof text - 1 - 4;
    struct http_reply reply;

    (void)state;
    for (size_t i = 0; i < len; i++)
        assert_int_equal(parse(text, i, &reply), HTTP_PARSE_MORE);
    assert_int_equal(parse(text, len, &reply), HTTP_PARSE_DONE);
    assert_int_equal(reply.status, 200);
    assert_true(str_eq(reply.body, STR("body")));
    assert_int_equal(parse(text, len + 4, &reply), HTTP_PARSE_DONE);
    assert_int_equal(reply.taken_bytes, len);
}

static void what_is_no_reply_is_refused(void **state)
{
    static const char *const bad[] = {
        "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 199\r\n\r\n",
    };
    struct http_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse(bad[i], strlen(bad[i]), &reply), HTTP_PARSE_BAD);
}

static void an_endless_head_is_refused(void **state)
{
    char text[200];
    struct http_reply reply;

    (void)state;
    memset(text, 'a', sizeof text);
    assert_int_equal(parse(text, sizeof text - 1, &reply), HTTP_PARSE_MORE);
    assert_int_equal(parse(text, sizeof text, &reply), HTTP_PARSE_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_done_with_its_last_byte),
        cmocka_unit_test(what_is_no_reply_is_refused),
        cmocka_unit_test(an_endless_head_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
