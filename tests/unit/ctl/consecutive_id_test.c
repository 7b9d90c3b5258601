#include "ctl/consecutive_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const char *first, uint64_t index, const char *wanted)
{
    char id[CONSECUTIVE_ID_CAP];

    consecutive_id(first, index, id);
    assert_string_equal(id, wanted);
}

static void ids_count_on_in_hexadecimal(void **state)
{
    (void)state;
    expect("1000000009", 1, "100000000a");
    expect("10000000ff", 2, "1000000101");
    expect("ABCD", 0, "ABCD");
    expect("ABCD", 1, "abce");
}

static void they_keep_their_length(void **state)
{
    (void)state;
    expect("0009", 7, "0010");
    expect("ff", 1, "100");
}

static void what_is_no_number_has_nothing_behind_it(void **state)
{
    (void)state;
    expect("lamp", 3, "lamp");
    expect("", 3, "");
    expect("12345678901234567", 1, "12345678901234567");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_count_on_in_hexadecimal),
        cmocka_unit_test(they_keep_their_length),
        cmocka_unit_test(what_is_no_number_has_nothing_behind_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
