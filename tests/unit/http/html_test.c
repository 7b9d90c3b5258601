#include "http/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check(void (*append)(struct buf *out, struct str text), struct str text,
                  const char *expected)
{
    struct buf out = BUF_EMPTY;

    append(&out, text);
    buf_append_byte(&out, '\0');
    assert_string_equal(out.ptr, expected);
    buf_free(&out);
}

static void a_text_can_not_end_its_attribute_or_begin_a_tag(void **state)
{
    (void)state;
    check(html_append_text, STR("\"><script>'&amp;"), "&quot;&gt;&lt;script&gt;&#39;&amp;amp;");
    check(html_append_text, STR("a\r\n\tb\0c"), "abc");
    check(html_append_text, STR("\xc3\xa4 = \xe2\x82\xac"), "\xc3\xa4 = \xe2\x82\xac");
    check(html_append_text, STR_EMPTY, "");
}

static void a_value_can_not_add_to_a_query(void **state)
{
    (void)state;
    check(html_append_query, STR("a b&c=d#e"), "a%20b%26c%3Dd%23e");
    check(html_append_query, STR("\r\n\0\xff"), "%0D%0A%00%FF");
    check(html_append_query, STR("aZ09-._~"), "aZ09-._~");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_can_not_end_its_attribute_or_begin_a_tag),
        cmocka_unit_test(a_value_can_not_add_to_a_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
