#include "twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define REGISTER                                                                                   \
    "{\"action\":\"register\",\"deviceid\":\"1000ffffff\",\"apikey\":\"" TWIN_OWNER                \
    "\",\"userAgent\":\"device\",\"version\":2,\"romVersion\":\"1.0\",\"model\":\"m\",\"ts\":1}"

enum { PINGS = 2500 };

/* It may try again on the same link, but a peer that was never let in must not hold a place, and
 * part of a message, for as long as it cares to ping. */
static void a_refused_device_is_not_kept_by_pings(void **state)
{
    struct twin *twin = *state;
    struct twin_client device;
    int pings = 0;

    twin_connect(twin, 0, &device);
    twin_say(&device, REGISTER);
    twin_await(&device, "\"error\":404");
    while (!twin_was_sent(&device, "\x03\xe8idle") && pings++ < PINGS)
        twin_ping(&device);
    assert_true(pings < PINGS);
    twin_hang_up(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refused_device_is_not_kept_by_pings, twin_open_impatient,
                                        twin_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
