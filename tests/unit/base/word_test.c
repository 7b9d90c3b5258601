#include "base/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_first_byte_of_a_kind_is_found(void **unused)
{
    (void)unused;
    assert_int_equal(word_first(word_equal(word_load("abcdefgh"), 'a')), 0);
    assert_int_equal(word_first(word_equal(word_load("abcdefgh"), 'h')), 7);
    assert_int_equal(word_first(word_equal(word_load("ab\"de\"gh"), '"')), 2);
    assert_int_equal(word_first(word_below(word_load("abc\x1f\0fgh"), 0x20)), 3);
    assert_int_equal(word_first(word_load("abcde\xc3\xa9h") & WORD_HIGH), 5);
}

static void nothing_is_found_where_there_is_nothing(void **unused)
{
    (void)unused;
    assert_true(word_equal(word_load("abcdefgh"), 'x') == 0);
    assert_true(word_below(word_load("        "), 0x20) == 0);
    assert_true(word_below(word_load("\x80\xff\x7f\x20\x80\xff\x7f\x20"), 0x20) == 0);
    assert_true((word_load("abcdefg\x7f") & WORD_HIGH) == 0);
}

/* All pairs of bytes, so that a borrow from the first can't hide or forge the answer. */
static void the_first_is_right_whatever_stands_beside_it(void **unused)
{
    (void)unused;
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        const uint8_t low = (uint8_t)pair;
        const uint8_t high = (uint8_t)(pair >> 8);
        const char bytes[WORD_BYTES] = {'x', (char)low, (char)high, 'x', 'x', 'x', 'x', 'x'};
        const uint64_t mask = word_below(word_load(bytes), 0x20);

        if (low >= 0x20 && high >= 0x20)
            assert_true(mask == 0);
        else
            assert_int_equal(word_first(mask), low < 0x20 ? 1 : 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_byte_of_a_kind_is_found),
        cmocka_unit_test(nothing_is_found_where_there_is_nothing),
        cmocka_unit_test(the_first_is_right_whatever_stands_beside_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
