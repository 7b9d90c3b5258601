#include "base/chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

static bool is_stop(unsigned byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

/* Every byte at every place, among plain ones. */
static void each_byte_is_marked_for_what_it_is(void **unused)
{
    (void)unused;
    for (unsigned byte = 0; byte < 0x100; byte++) {
        for (size_t at = 0; at < CHUNK_BYTES; at++) {
            char bytes[CHUNK_BYTES + 1];
            struct chunk_marks marks;

            memset(bytes, 'x', sizeof bytes);
            bytes[at + 1] = (char)byte; /* off by one: alignment must not matter */
            marks = chunk_mark(bytes + 1);
            assert_int_equal(marks.stops != 0, is_stop(byte));
            assert_int_equal(marks.high != 0, byte >= 0x80);
            if (is_stop(byte))
                assert_int_equal(chunk_first(marks.stops), at);
        }
    }
}

/* All pairs of bytes side by side. */
static void the_first_stop_is_right_whatever_stands_beside_it(void **unused)
{
    (void)unused;
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        const unsigned low = pair & 0xff;
        const unsigned high = pair >> 8;
        char bytes[CHUNK_BYTES];
        struct chunk_marks marks;

        memset(bytes, 'x', sizeof bytes);
        bytes[3] = (char)low;
        bytes[4] = (char)high;
        marks = chunk_mark(bytes);
        if (!is_stop(low) && !is_stop(high))
            assert_true(marks.stops == 0);
        else
            assert_int_equal(chunk_first(marks.stops), is_stop(low) ? 3 : 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_is_marked_for_what_it_is),
        cmocka_unit_test(the_first_stop_is_right_whatever_stands_beside_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
