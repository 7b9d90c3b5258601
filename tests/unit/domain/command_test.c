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

static void commands_wait_for_a_device_that_takes_one_at_a_time(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_slow_device(&d, &home, (struct device_pace){.at_once = 1});
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"a\":1}");
    witness_update(&a, DEVICE, "s2", "{\"a\":2}");
    witness_update(&a, DEVICE, "s3", "{\"a\":3}");
    witness_was_told(&d, "command {\"a\":1}\n");
    witness_ack(&d, 0);
    witness_was_told(&d, "command {\"a\":2}\n");
    d.sequence[0] = '\0'; /* an answer without a sequence is for what was sent */
    witness_ack(&d, 417);
    witness_was_told(&d, "command {\"a\":3}\n");
    witness_ack(&d, 0);
    household_settle(&home);
    witness_was_told(&d, "");
    witness_was_told(&a, "device error " DEVICE
                         " seq=s2 error=417\n"
                         "ok " DEVICE " seq=s1\nok " DEVICE " seq=s3\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void a_silent_device_lets_the_next_command_go_when_its_time_is_over(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_slow_device(&d, &home, (struct device_pace){.at_once = 1});
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"a\":1}");
    household_wait(&home, HOUSEHOLD_COMMAND_MS / 2);
    witness_update(&a, DEVICE, "s2", "{\"a\":2}");
    witness_was_told(&d, "command {\"a\":1}\n");
    household_wait(&home, HOUSEHOLD_COMMAND_MS / 2);
    witness_was_told(&a, "timeout " DEVICE " seq=s1\n");
    witness_was_told(&d, "command {\"a\":2}\n");
    witness_update(&a, DEVICE, "s3", "{\"a\":3}");
    /* The time of one that waits runs, too; it never reaches the device then. */
    household_wait(&home, HOUSEHOLD_COMMAND_MS);
    witness_was_told(&a, "timeout " DEVICE " seq=s2\ntimeout " DEVICE " seq=s3\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void no_command_comes_between_a_report_and_its_answer(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_slow_device(&d, &home, (struct device_pace){.one_exchange = true});
    witness_app(&a, &home, OWNER);
    assert_int_equal(witness_report(&d, "{\"b\":1}"), ERR_NONE);
    witness_update(&a, DEVICE, "s1", "{\"a\":1}");
    witness_update(&a, DEVICE, "s2", "{\"a\":2}");
    witness_was_told(&d, "");
    household_settle(&home);
    witness_was_told(&d, "reported no error\ncommand {\"a\":1}\ncommand {\"a\":2}\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void what_waits_for_a_device_that_goes_is_offline(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_slow_device(&d, &home, (struct device_pace){.at_once = 1});
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"a\":1}");
    witness_update(&a, DEVICE, "s2", "{\"a\":2}");
    witness_leave(&d);
    witness_was_told(&a, "offline " DEVICE " seq=s2\noffline " DEVICE "\n");
    /* What was sent on the lost link holds up nothing. */
    witness_slow_device(&d, &home, (struct device_pace){.at_once = 1});
    witness_update(&a, DEVICE, "s3", "{\"a\":3}");
    witness_was_told(&d, "command {\"a\":3}\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void a_newer_link_is_sent_what_waited_for_the_older(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;
    struct witness newer;

    (void)state;
    household_open(&home);
    witness_slow_device(&d, &home, (struct device_pace){.at_once = 1});
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"a\":1}");
    witness_update(&a, DEVICE, "s2", "{\"a\":2}");
    witness_device(&newer, &home, DEVICE);
    witness_was_told(&newer, "open no error\ncommand {\"a\":2}\n");
    witness_ack(&newer, 0);
    household_settle(&home);
    witness_was_told(&a, "ok " DEVICE " seq=s2\n");
    witness_leave(&a);
    witness_leave(&d);
    witness_leave(&newer);
    household_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgrade_goes_to_the_device_and_changes_nothing),
        cmocka_unit_test(what_a_device_can_not_read_is_refused_and_forgotten),
        cmocka_unit_test(commands_wait_for_a_device_that_takes_one_at_a_time),
        cmocka_unit_test(a_silent_device_lets_the_next_command_go_when_its_time_is_over),
        cmocka_unit_test(no_command_comes_between_a_report_and_its_answer),
        cmocka_unit_test(what_waits_for_a_device_that_goes_is_offline),
        cmocka_unit_test(a_newer_link_is_sent_what_waited_for_the_older),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
