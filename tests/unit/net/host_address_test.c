#include "net/host_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CAP = 64 };

static void what_is_listed_can_be_reached_from_outside(void **state)
{
    struct address found[CAP];
    size_t count = host_address_list(found, CAP);

    (void)state;
    assert_true(count <= CAP);
    for (size_t i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_CAP];
        struct address again;

        assert_false(address_is_any(&found[i]));
        assert_false(address_is_loopback(&found[i]));
        assert_int_equal(found[i].port, 0);
        assert_int_equal(address_parse(str_of(address_format(&found[i], text)), &again), ERR_NONE);
        assert_memory_equal(again.ip, found[i].ip, sizeof again.ip);
    }
}

static void no_more_are_listed_than_fit(void **state)
{
    struct address found[CAP];
    size_t all = host_address_list(found, CAP);

    (void)state;
    assert_int_equal(host_address_list(found, 0), 0);
    assert_int_equal(host_address_list(found, 1), all > 0 ? 1 : 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_listed_can_be_reached_from_outside),
        cmocka_unit_test(no_more_are_listed_than_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
