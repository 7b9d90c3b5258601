#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_str(struct str str, const char *text)
{
    assert_true(str_eq(str, str_of(text)));
}

static void a_view_is_made_of_a_text_or_of_nothing(void **unused)
{
    (void)unused;
    assert_int_equal(str_of("abc").len, 3);
    assert_int_equal(str_of("").len, 0);
    assert_int_equal(str_of(NULL).len, 0);
    assert_int_equal(STR("a\0b").len, 3);
    assert_true(str_eq(STR_EMPTY, STR("")));
}

static void a_part_is_clipped_to_what_is_there(void **unused)
{
    (void)unused;
    assert_str(str_sub(STR("abcdef"), 2, 3), "cde");
    assert_str(str_sub(STR("abcdef"), 2, SIZE_MAX), "cdef");
    assert_str(str_sub(STR("abcdef"), 6, 1), "");
    assert_str(str_sub(STR("abcdef"), SIZE_MAX, SIZE_MAX), "");
    assert_str(str_sub(STR_EMPTY, 0, 1), "");
    assert_str(str_sub(STR_EMPTY, 1, 1), "");
}

static void white_space_is_trimmed_at_both_ends_only(void **unused)
{
    (void)unused;
    assert_str(str_trim(STR(" \t\r\na b\n\r\t ")), "a b");
    assert_str(str_trim(STR("ab")), "ab");
    assert_str(str_trim(STR(" \n ")), "");
    assert_str(str_trim(STR_EMPTY), "");
    assert_str(str_trim(STR("\va")), "\va");
}

static void equality_is_bytewise_or_without_ascii_case(void **unused)
{
    (void)unused;
    assert_true(str_eq(STR("a\0b"), STR("a\0b")));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_false(str_eq(STR("abc"), STR("ab")));
    assert_false(str_eq(STR("Host"), STR("host")));
    assert_true(str_eq_nocase(STR("Content-Length"), STR("cONTENT-lENGTH")));
    assert_false(str_eq_nocase(STR("abc"), STR("abd")));
    assert_false(str_eq_nocase(STR("abc"), STR("abcd")));
    assert_true(str_eq_nocase(STR_EMPTY, STR_EMPTY));
}

static void a_text_starts_with_its_prefixes(void **unused)
{
    (void)unused;
    assert_true(str_starts(STR("Bearer x"), STR("Bearer ")));
    assert_true(str_starts(STR("a"), STR("a")));
    assert_true(str_starts(STR("a"), STR_EMPTY));
    assert_true(str_starts(STR_EMPTY, STR_EMPTY));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_false(str_starts(STR("xa"), STR("a")));
}

static void the_order_is_that_of_unsigned_bytes_and_shorter_first(void **unused)
{
    (void)unused;
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("b"), STR("a")) > 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
    assert_int_equal(str_cmp(STR_EMPTY, STR("")), 0);
    assert_true(str_cmp(STR_EMPTY, STR("a")) < 0);
}

static void a_byte_is_found_or_the_length_tells_it_is_not(void **unused)
{
    (void)unused;
    assert_int_equal(str_find(STR("a=b=c"), '='), 1);
    assert_int_equal(str_find(STR("abc"), '='), 3);
    assert_int_equal(str_find(STR("a\0b"), '\0'), 1);
    assert_int_equal(str_find(STR_EMPTY, '='), 0);
}

static void splitting_gives_the_parts_in_turn(void **unused)
{
    struct str rest = STR("a,,b,");
    struct str head;

    (void)unused;
    assert_true(str_split(&rest, ',', &head));
    assert_str(head, "a");
    assert_str(rest, ",b,");
    assert_true(str_split(&rest, ',', &head));
    assert_str(head, "");
    assert_true(str_split(&rest, ',', &head));
    assert_str(head, "b");
    assert_false(str_split(&rest, ',', &head));
    rest = STR("whole");
    assert_true(str_split(&rest, ',', &head));
    assert_str(head, "whole");
    assert_int_equal(rest.len, 0);
}

static void only_digits_that_fit_are_a_number(void **unused)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1a",
                                      "0x",
                                      "1.",
                                      "/",
                                      ":",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    uint64_t value = 77;

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_to_u64(str_of(bad[i]), &value));
    assert_true(value == 77);
    assert_true(str_to_u64(STR("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_true(str_to_u64(STR("007"), &value));
    assert_true(value == 7);
}

static void a_number_becomes_its_digits(void **unused)
{
    static const struct {
        uint64_t number;
        const char *digits;
    } cases[] = {
        {0, "0"},
        {9, "9"},
        {10, "10"},
        {1790000000000, "1790000000000"},
        {UINT64_MAX, "18446744073709551615"},
    };
    char out[STR_U64_CAP];

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(str_eq(str_from_u64(cases[i].number, out), str_of(cases[i].digits)));
}

static void a_copy_that_does_not_fit_leaves_the_empty_text(void **unused)
{
    char out[4] = "xyz";

    (void)unused;
    assert_true(str_copy(STR("abc"), out, sizeof out));
    assert_string_equal(out, "abc");
    assert_false(str_copy(STR("abcd"), out, sizeof out));
    assert_string_equal(out, "");
    assert_true(str_copy(STR_EMPTY, out, 1));
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_is_made_of_a_text_or_of_nothing),
        cmocka_unit_test(a_part_is_clipped_to_what_is_there),
        cmocka_unit_test(white_space_is_trimmed_at_both_ends_only),
        cmocka_unit_test(equality_is_bytewise_or_without_ascii_case),
        cmocka_unit_test(a_text_starts_with_its_prefixes),
        cmocka_unit_test(the_order_is_that_of_unsigned_bytes_and_shorter_first),
        cmocka_unit_test(a_byte_is_found_or_the_length_tells_it_is_not),
        cmocka_unit_test(splitting_gives_the_parts_in_turn),
        cmocka_unit_test(only_digits_that_fit_are_a_number),
        cmocka_unit_test(a_number_becomes_its_digits),
        cmocka_unit_test(a_copy_that_does_not_fit_leaves_the_empty_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
