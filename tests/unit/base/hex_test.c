#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_byte_is_a_digit_or_is_not(void **unused)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";

    (void)unused;
    for (int byte = 0; byte < 256; byte++) {
        struct str all = str_of(digits);
        size_t at = str_find(all, (char)byte);

        assert_int_equal(hex_digit((char)byte), at == all.len ? -1 : (int)(at % 16));
    }
}

static void a_text_is_read_as_bytes(void **unused)
{
    static const uint8_t wanted[] = {0x00, 0x9f, 0xaB, 0xff};
    uint8_t out[4];

    (void)unused;
    assert_true(hex_parse(STR("009FaBff"), out, sizeof out));
    assert_memory_equal(out, wanted, sizeof out);
    assert_true(hex_parse(STR_EMPTY, out, 0));
}

static void a_text_of_another_length_or_kind_changes_nothing(void **unused)
{
    static const char *const texts[] = {"", "1", "12", "12345", "123g", " 123", "0x12", "-123"};
    uint8_t out[2] = {7, 8};

    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(hex_parse(str_of(texts[i]), out, sizeof out));
        assert_true(out[0] == 7 && out[1] == 8);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_a_digit_or_is_not),
        cmocka_unit_test(a_text_is_read_as_bytes),
        cmocka_unit_test(a_text_of_another_length_or_kind_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
