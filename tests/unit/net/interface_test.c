#include "net/interface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_loopback_address_is_among_them(void **state)
{
    struct address found[64];
    size_t count = interface_addresses(found, 64);
    size_t loopbacks = 0;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_false(address_is_any(&found[i]));
        assert_int_equal(found[i].port, 0);
        loopbacks += address_is_loopback(&found[i]);
    }
    assert_true(loopbacks > 0);
}

static void no_more_are_told_than_fit(void **state)
{
    struct address found[1];

    (void)state;
    assert_int_equal(interface_addresses(found, 1), 1);
    assert_int_equal(interface_addresses(found, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loopback_address_is_among_them),
        cmocka_unit_test(no_more_are_told_than_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
