#include "base/json_out.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Every text the writer makes must be JSON; that is checked here, once for all tests. */
static void assert_written(struct buf *buf, const char *text)
{
    struct json_value value;

    assert_int_equal(json_scan(buf_str(buf), &value), ERR_NONE);
    assert_int_equal(buf->len, strlen(text));
    assert_memory_equal(buf->ptr, text, buf->len);
    buf_free(buf);
}

static void members_stand_in_the_order_of_the_calls(void **unused)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);

    (void)unused;
    json_out_object(&out, NULL);
    json_out_int(&out, "error", 0);
    json_out_str(&out, "reason", STR("fine"));
    json_out_bool(&out, "yes", true);
    json_out_bool(&out, "no", false);
    json_out_null(&out, "none");
    json_out_raw(&out, "params", STR("{ \"switch\": \"on\" }"));
    json_out_end_object(&out);
    assert_written(&buf,
                   "{\"error\":0,\"reason\":\"fine\",\"yes\":true,\"no\":false,\"none\":null,"
                   "\"params\":{ \"switch\": \"on\" }}");
}

static void containers_nest_with_commas_where_they_belong(void **unused)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);

    (void)unused;
    json_out_array(&out, NULL);
    json_out_object(&out, NULL);
    json_out_end_object(&out);
    json_out_object(&out, NULL);
    json_out_array(&out, "a");
    json_out_int(&out, NULL, 1);
    json_out_int(&out, NULL, 2);
    json_out_end_array(&out);
    json_out_object(&out, "b");
    json_out_end_object(&out);
    json_out_end_object(&out);
    json_out_str(&out, NULL, STR_EMPTY);
    json_out_end_array(&out);
    assert_written(&buf, "[{},{\"a\":[1,2],\"b\":{}},\"\"]");
}

static void an_empty_key_from_a_scan_stays_a_key(void **unused)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);

    (void)unused;
    json_out_object(&out, NULL);
    json_out_raw(&out, "", STR("1"));
    json_out_end_object(&out);
    assert_written(&buf, "{\"\":1}");
}

static void integers_are_written_to_their_limits(void **unused)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);

    (void)unused;
    json_out_array(&out, NULL);
    json_out_int(&out, NULL, 0);
    json_out_int(&out, NULL, -1);
    json_out_int(&out, NULL, 1506148500346);
    json_out_int(&out, NULL, INT64_MAX);
    json_out_int(&out, NULL, INT64_MIN);
    json_out_end_array(&out);
    assert_written(&buf, "[0,-1,1506148500346,9223372036854775807,-9223372036854775808]");
}

static void assert_string(struct str value, const char *text)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);

    json_out_str(&out, NULL, value);
    assert_written(&buf, text);
}

static void what_must_be_escaped_is_and_nothing_else(void **unused)
{
    (void)unused;
    assert_string(STR("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    assert_string(STR("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    assert_string(STR("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\"");
    assert_string(STR("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
                  "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

/* Each kind of byte that needs care, at every offset within the words the writer looks at. */
static void a_byte_that_needs_care_is_found_at_any_offset(void **unused)
{
    static const struct {
        const char *bytes;
        const char *text;
    } cases[] = {{"\"", "\\\""}, {"\x1f", "\\u001f"}, {"\\", "\\\\"}, {"\xff", "\xef\xbf\xbd"}};

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int at = 0; at < 20; at++) {
            char value[64];
            char text[64];
            int len = snprintf(value, sizeof value, "%.*s%s!", at, "abcdefghijklmnopqrst",
                               cases[i].bytes);

            snprintf(text, sizeof text, "\"%.*s%s!\"", at, "abcdefghijklmnopqrst", cases[i].text);
            assert_string((struct str){value, (size_t)len}, text);
        }
    }
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **unused)
{
    (void)unused;
    assert_string(STR("\xff"), "\"\xef\xbf\xbd\"");
    assert_string(STR("a\xc3z"), "\"a\xef\xbf\xbdz\"");
    assert_string(STR("a\xe2\x82"), "\"a\xef\xbf\xbd\"");
    assert_string(STR("\xe2\x82\xc3\xa9"), "\"\xef\xbf\xbd\xc3\xa9\"");
    assert_string(STR("\xc3\""), "\"\xef\xbf\xbd\\\"\"");
    assert_string(STR("\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_stand_in_the_order_of_the_calls),
        cmocka_unit_test(containers_nest_with_commas_where_they_belong),
        cmocka_unit_test(an_empty_key_from_a_scan_stays_a_key),
        cmocka_unit_test(integers_are_written_to_their_limits),
        cmocka_unit_test(what_must_be_escaped_is_and_nothing_else),
        cmocka_unit_test(a_byte_that_needs_care_is_found_at_any_offset),
        cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
