#include "base/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_was_packed_is_read_in_its_order(void **state)
{
    struct buf bytes = BUF_EMPTY;
    struct pack_reader reader;

    (void)state;
    pack_int(&bytes, -1);
    pack_text(&bytes, STR("one"));
    pack_text(&bytes, STR_EMPTY);
    pack_int(&bytes, INT64_MIN);
    reader = (struct pack_reader){.rest = buf_str(&bytes)};
    assert_int_equal(pack_read_int(&reader), -1);
    assert_true(str_eq(pack_read_text(&reader), STR("one")));
    assert_int_equal(pack_read_text(&reader).len, 0);
    assert_false(pack_is_whole(&reader));
    assert_true(pack_read_int(&reader) == INT64_MIN);
    assert_true(pack_is_whole(&reader));
    buf_free(&bytes);
}

static void every_cut_is_noticed(void **state)
{
    struct buf bytes = BUF_EMPTY;

    (void)state;
    pack_int(&bytes, 7);
    pack_text(&bytes, STR("text"));
    for (size_t len = 0; len < bytes.len; len++) {
        struct pack_reader reader = {.rest = str_sub(buf_str(&bytes), 0, len)};

        (void)pack_read_int(&reader);
        assert_int_equal(pack_read_text(&reader).len, 0);
        assert_false(pack_is_whole(&reader));
    }
    buf_free(&bytes);
}

static void a_length_that_lies_gives_nothing_from_there_on(void **state)
{
    static const int64_t lies[] = {-1, 9, INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct buf bytes = BUF_EMPTY;
        struct pack_reader reader;

        pack_int(&bytes, lies[i]);
        pack_int(&bytes, 5);
        reader = (struct pack_reader){.rest = buf_str(&bytes)};
        assert_int_equal(pack_read_text(&reader).len, 0);
        assert_int_equal(pack_read_int(&reader), 0);
        assert_false(pack_is_whole(&reader));
        buf_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_packed_is_read_in_its_order),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(a_length_that_lies_gives_nothing_from_there_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
