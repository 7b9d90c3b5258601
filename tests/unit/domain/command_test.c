#include "household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void an_upgrade_goes_to_the_device_and_changes_nothing(void **state)
{
    struct household home;
    struct witness a;
    struct witness b;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_app(&b, &home, OWNER);
    witness_upgrade(&a, DEVICE, "s1", "[{}]");
    witness_was_told(&a, "invalid " DEVICE " seq=s1\n");
    witness_upgrade(&a, DEVICE, "s2", "{\"version\":\"2\"}");
    witness_was_told(&d, "open no error\nupgrade {\"version\":\"2\"}\n");
    witness_ack(&d, 0);
    witness_was_told(&a, "ok " DEVICE " seq=s2\n");
    witness_query(&a, DEVICE, NULL);
    witness_was_told(&a, "ok " DEVICE " seq=q params={\"switch\":\"off\"}\n");
    witness_was_told(&b, "");
    witness_leave(&a);
    witness_leave(&b);
    witness_leave(&d);
    household_close(&home);
}

static void what_a_device_can_not_read_is_refused_and_forgotten(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    d.max_params = 4;
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_was_told(&a, "too large " DEVICE " seq=s1\n");
    household_wait(&home, HOUSEHOLD_COMMAND_MS);
    witness_was_told(&a, "");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgrade_goes_to_the_device_and_changes_nothing),
        cmocka_unit_test(what_a_device_can_not_read_is_refused_and_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
