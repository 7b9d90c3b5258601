#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool is_valid(const char *text)
{
    return utf8_is_valid(text, strlen(text));
}

static void characters_of_every_length_are_valid(void **unused)
{
    (void)unused;
    assert_true(is_valid(""));
    assert_true(is_valid("plain ASCII, longer than eight bytes"));
    assert_true(is_valid("\xc2\x80\xdf\xbf"));
    assert_true(is_valid("\xe0\xa0\x80\xec\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
    assert_true(is_valid("\xf0\x90\x80\x80\xf1\x80\x80\x80\xf4\x8f\xbf\xbf"));
    assert_true(utf8_is_valid("a\0b", 3));
}

static void what_rfc_3629_forbids_is_refused(void **unused)
{
    static const char *const bad[] = {
        "\x80",             /* a continuation byte alone */
        "\xbf",             /* the last of them */
        "\xc0\xaf",         /* overlong in two bytes */
        "\xc1\xbf",         /* the longest of those */
        "\xe0\x80\xaf",     /* overlong in three bytes */
        "\xe0\x9f\xbf",     /* the longest of those */
        "\xf0\x8f\xbf\xbf", /* overlong in four bytes */
        "\xed\xa0\x80",     /* the first surrogate */
        "\xed\xbf\xbf",     /* the last surrogate */
        "\xf4\x90\x80\x80", /* past U+10FFFF */
        "\xf5\x80\x80\x80", /* no such lead byte */
        "\xfe",             /* never used */
        "\xff",             /* never used */
        "\xc3(",            /* a character broken off */
        "\xe2\x82(",        /* the same, later */
        "eight ascii bytes and then \xff",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(is_valid(bad[i]));
}

static void a_text_that_ends_inside_a_character_is_refused(void **unused)
{
    (void)unused;
    assert_false(is_valid("abc\xc3"));
    assert_false(is_valid("\xe2\x82"));
    assert_false(is_valid("\xf0\x9f\x98"));
}

static void any_split_of_the_bytes_gives_the_same_answer(void **unused)
{
    static const char text[] = "a\xc3\xa9 plain run of ascii \xe2\x82\xac\xf0\x9f\x98\x80z";
    const size_t len = sizeof text - 1;

    (void)unused;
    for (size_t split = 0; split <= len; split++) {
        uint8_t state = UTF8_DONE;

        assert_true(utf8_feed(&state, text, split));
        assert_int_equal(state == UTF8_DONE, utf8_is_valid(text, split));
        assert_true(utf8_feed(&state, text + split, len - split));
        assert_int_equal(state, UTF8_DONE);
    }
}

/* Counts by RFC 3629: 1920 of two bytes, 61440 of three (no surrogates), 1048576 of four. */
static void byte_by_byte_exactly_the_scalar_values_are_accepted(void **unused)
{
    size_t accepted = 0;

    (void)unused;
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        uint8_t state = UTF8_DONE;
        const char first = (char)(pair >> 8);
        const char second = (char)(pair & 0xff);

        if (!utf8_feed(&state, &first, 1) || state == UTF8_DONE)
            continue;
        if (!utf8_feed(&state, &second, 1))
            continue;
        if (state == UTF8_DONE)
            accepted += 1;
        else if (utf8_feed(&state, "\x80", 1) && state == UTF8_DONE)
            accepted += 64;
        else if (utf8_feed(&state, "\xbf", 1) && state == UTF8_DONE)
            accepted += 4096;
    }
    assert_int_equal(accepted, 1920 + 61440 + 1048576);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_of_every_length_are_valid),
        cmocka_unit_test(what_rfc_3629_forbids_is_refused),
        cmocka_unit_test(a_text_that_ends_inside_a_character_is_refused),
        cmocka_unit_test(any_split_of_the_bytes_gives_the_same_answer),
        cmocka_unit_test(byte_by_byte_exactly_the_scalar_values_are_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
