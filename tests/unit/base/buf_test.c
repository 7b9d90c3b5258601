#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_buf(const struct buf *buf, const char *text)
{
    assert_true(str_eq(buf_str(buf), str_of(text)));
    assert_true(buf->cap >= buf->len);
}

static void an_empty_buf_owns_nothing(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    assert_int_equal(buf_str(&buf).len, 0);
    buf_append(&buf, STR_EMPTY);
    assert_null(buf.ptr);
    buf_free(&buf);
    buf_free(&buf);
    assert_null(buf.ptr);
}

static void what_is_appended_stands_behind_what_was_there(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    buf_append(&buf, STR("ab"));
    buf_append_byte(&buf, 'c');
    buf_printf(&buf, "%d-%s", 42, "d");
    buf_printf(&buf, "%s", "");
    assert_buf(&buf, "abc42-d");
    buf_free(&buf);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, 0);
}

static void growing_keeps_every_byte(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    for (int i = 0; i < 10000; i++)
        buf_append_byte(&buf, (char)(i % 251));
    buf_printf(&buf, "%0500d", 0);
    assert_int_equal(buf.len, 10500);
    for (int i = 0; i < 10000; i++)
        assert_int_equal((unsigned char)buf.ptr[i], i % 251);
    assert_int_equal(buf.ptr[10499], '0');
    buf_free(&buf);
}

static void a_printed_text_that_fills_the_room_exactly_is_whole(void **unused)
{
    (void)unused;
    for (int len = 60; len < 70; len++) {
        struct buf buf = BUF_EMPTY;

        buf_printf(&buf, "%0*d", len, 7);
        assert_int_equal(buf.len, len);
        assert_int_equal(buf.ptr[len - 1], '7');
        buf_free(&buf);
    }
}

static void reserving_makes_room_and_keeps_the_length(void **unused)
{
    struct buf buf = BUF_EMPTY;
    char *room;

    (void)unused;
    buf_append(&buf, STR("ab"));
    room = buf_reserve(&buf, 1000);
    assert_int_equal(buf.len, 2);
    assert_ptr_equal(room, buf.ptr + 2);
    assert_true(buf.cap >= 1002);
    memset(room, 'x', 1000);
    assert_ptr_equal(buf_reserve(&buf, 1000), room);
    buf_free(&buf);
}

static void clearing_keeps_the_memory(void **unused)
{
    struct buf buf = BUF_EMPTY;
    const char *memory;

    (void)unused;
    buf_append(&buf, STR("abc"));
    memory = buf.ptr;
    buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    buf_append(&buf, STR("d"));
    assert_ptr_equal(buf.ptr, memory);
    assert_buf(&buf, "d");
    buf_free(&buf);
}

static void integers_are_appended_to_their_limits(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    buf_append_int(&buf, INT64_MIN);
    buf_append_int(&buf, -1);
    buf_append_int(&buf, 0);
    buf_append_int(&buf, INT64_MAX);
    assert_buf(&buf, "-9223372036854775808-109223372036854775807");
    buf_free(&buf);
}

static void consuming_moves_the_rest_to_the_front(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    buf_consume(&buf, 0);
    buf_append(&buf, STR("abcdef"));
    buf_consume(&buf, 0);
    assert_buf(&buf, "abcdef");
    buf_consume(&buf, 2);
    assert_buf(&buf, "cdef");
    buf_consume(&buf, 4);
    assert_buf(&buf, "");
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buf_owns_nothing),
        cmocka_unit_test(what_is_appended_stands_behind_what_was_there),
        cmocka_unit_test(growing_keeps_every_byte),
        cmocka_unit_test(a_printed_text_that_fills_the_room_exactly_is_whole),
        cmocka_unit_test(reserving_makes_room_and_keeps_the_length),
        cmocka_unit_test(clearing_keeps_the_memory),
        cmocka_unit_test(integers_are_appended_to_their_limits),
        cmocka_unit_test(consuming_moves_the_rest_to_the_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
