#include "http/http_response.h"

#include "http/http_date.h"
#include "http/http_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool formats(const struct http_response *response, const struct http_envelope *envelope,
                    const char *expected)
{
    struct buf out = BUF_EMPTY;
    bool same;

    http_response_format(&out, response, envelope);
    same = str_eq(buf_str(&out), str_of(expected));
    buf_free(&out);
    return same;
}

static void a_head_is_written_as_firmware_reads_it(void **unused)
{
    (void)unused;
    assert_true(formats(&(struct http_response){.status = 200, .body = STR("{}")},
                        &(struct http_envelope){.server_name = STR_EMPTY},
                        "HTTP/1.1 200 OK\r\n"
                        "Content-Type: application/json\r\n"
                        "Content-Length: 2\r\n"
                        "\r\n"));
}

static void every_part_has_its_place(void **unused)
{
    (void)unused;
    assert_true(formats(&(struct http_response){.status = 405,
                                                .content_type = STR("text/plain"),
                                                .headers = STR("Allow: GET\r\nX: y\r\n")},
                        &(struct http_envelope){.server_name = STR("s"),
                                                .date = STR("Sun, 06 Nov 1994 08:49:37 GMT"),
                                                .connection = STR("close")},
                        "HTTP/1.1 405 Method Not Allowed\r\n"
                        "Server: s\r\n"
                        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                        "Content-Type: text/plain\r\n"
                        "Content-Length: 0\r\n"
                        "Connection: close\r\n"
                        "Allow: GET\r\n"
                        "X: y\r\n"
                        "\r\n"));
}

static void a_status_without_body_says_nothing_of_one(void **unused)
{
    (void)unused;
    assert_true(formats(&(struct http_response){.status = 204},
                        &(struct http_envelope){.server_name = STR_EMPTY},
                        "HTTP/1.1 204 No Content\r\n\r\n"));
    assert_false(http_response_has_body(304));
    assert_true(http_response_has_body(404));
}

static void a_date_is_the_standards_example(void **unused)
{
    char out[HTTP_DATE_CAP];

    (void)unused;
    http_date_format(784111777, out);
    assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
    http_date_format(0, out);
    assert_string_equal(out, "Thu, 01 Jan 1970 00:00:00 GMT");
    http_date_format(253402300799, out);
    assert_string_equal(out, "Fri, 31 Dec 9999 23:59:59 GMT");
    http_date_format(INT64_MAX, out);
    assert_string_equal(out, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void an_unknown_status_still_has_a_phrase(void **unused)
{
    (void)unused;
    assert_string_equal(http_status_text(431), "Request Header Fields Too Large");
    assert_string_equal(http_status_text(299), "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_written_as_firmware_reads_it),
        cmocka_unit_test(every_part_has_its_place),
        cmocka_unit_test(a_status_without_body_says_nothing_of_one),
        cmocka_unit_test(a_date_is_the_standards_example),
        cmocka_unit_test(an_unknown_status_still_has_a_phrase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
