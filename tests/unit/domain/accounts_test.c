#include "household.h"
#include "store/store_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_command_goes_to_the_device_and_its_ack_to_the_app(void **state)
{
    struct household home;
    struct witness a;
    struct witness b;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_app(&a, &home, OWNER);
    witness_app(&b, &home, OWNER);
    witness_device(&d, &home, DEVICE);
    witness_was_told(&d, "open no error\n");
    witness_was_told(&a, "online " DEVICE "\n");
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_was_told(&d, "command {\"switch\":\"on\"}\n");
    witness_was_told(&a, "");
    witness_ack(&d, 0);
    household_settle(&home);
    witness_was_told(&a, "ok " DEVICE " seq=s1\n");
    witness_was_told(&b, "online " DEVICE "\napp set " DEVICE " {\"switch\":\"on\"} seq=s1\n");
    witness_query(&a, DEVICE, NULL);
    witness_was_told(&a, "ok " DEVICE " seq=q params={\"switch\":\"on\"}\n");
    witness_leave(&a);
    witness_leave(&b);
    witness_leave(&d);
    household_close(&home);
}

static void nothing_is_told_before_the_commit(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_ack(&d, 0);
    assert_false(accounts_are_idle(home.accounts));
    witness_was_told(&a, "");
    household_settle(&home);
    witness_was_told(&a, "ok " DEVICE " seq=s1\n");
    /* The same again changes nothing, so there is nothing to wait for. */
    witness_update(&a, DEVICE, "s2", "{\"switch\":\"on\"}");
    witness_ack(&d, 0);
    witness_was_told(&a, "ok " DEVICE " seq=s2\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void an_offline_device_is_answered_at_once_and_can_be_queried(void **state)
{
    struct household home;
    struct witness a;

    (void)state;
    household_open(&home);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    household_settle(&home);
    witness_was_told(&a, "offline " DEVICE " seq=s1\n");
    witness_query(&a, DEVICE, "[\"switch\"]");
    witness_was_told(&a, "ok " DEVICE " seq=q params={\"switch\":\"off\"}\n");
    witness_leave(&a);
    household_close(&home);
}

static void unknown_and_foreign_devices_are_forbidden(void **state)
{
    struct household home;
    struct witness a;

    (void)state;
    household_open(&home);
    witness_app(&a, &home, OWNER);
    witness_update(&a, "INVALID DEVICE", "s1", "{}");
    household_settle(&home); /* two readers: look-ups of two devices end in any order */
    witness_update(&a, "1000009999", "s2", "{}");
    witness_query(&a, "1000009999", NULL);
    household_settle(&home);
    witness_was_told(&a,
                     "forbidden INVALID DEVICE seq=s1\n"
                     "forbidden 1000009999 seq=s2\n"
                     "forbidden 1000009999 seq=q\n");
    witness_leave(&a);
    household_close(&home);
}

static void a_silent_device_times_out_once_and_a_late_ack_still_counts(void **state)
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
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    assert_int_equal(home.wake_ms, home.now_ms + HOUSEHOLD_COMMAND_MS);
    household_wait(&home, HOUSEHOLD_COMMAND_MS - 1);
    witness_was_told(&a, "");
    household_wait(&home, 1);
    witness_was_told(&a, "timeout " DEVICE " seq=s1\n");
    witness_was_told(&b, "");
    witness_ack(&d, 0);
    household_settle(&home);
    witness_query(&b, DEVICE, NULL);
    witness_was_told(&b, "app set " DEVICE
                         " {\"switch\":\"on\"} seq=s1\n"
                         "ok " DEVICE " seq=q params={\"switch\":\"on\"}\n");
    witness_leave(&a);
    witness_leave(&b);
    witness_leave(&d);
    household_close(&home);
}

/* Firmware that names no sequence means the command that it was given last, not one that it never
 * answered: else one lost answer would put all that follow off by one. */
static void an_answer_without_a_sequence_counts_for_a_command_that_still_waits(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    household_wait(&home, HOUSEHOLD_COMMAND_MS);
    witness_update(&a, DEVICE, "s2", "{\"power\":\"on\"}");
    buf_clear(&a.told);
    d.sequence[0] = '\0';
    witness_ack(&d, 0);
    household_settle(&home);
    witness_was_told(&a, "ok " DEVICE " seq=s2\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void a_command_that_timed_out_gives_way_though_an_earlier_one_still_waits(void **state)
{
    struct household home;
    struct witness a;
    struct witness b;
    struct witness d;
    char sequence[8];

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_app(&b, &home, OWNER);
    for (int i = 1; i < HOUSEHOLD_PENDING; i++) {
        snprintf(sequence, sizeof sequence, "s%d", i);
        witness_update(&a, DEVICE, sequence, "{\"a\":1}");
    }
    household_wait(&home, HOUSEHOLD_COMMAND_MS - 1);
    witness_update(&b, DEVICE, "s4", "{\"a\":2}");
    household_wait(&home, 1);
    witness_update(&b, DEVICE, "s5", "{\"a\":3}");
    witness_was_told(&b, "");
    witness_leave(&a);
    witness_leave(&b);
    witness_leave(&d);
    household_close(&home);
}

static void on_assigned(void *ctx, enum err err)
{
    bool *is_done = ctx;

    assert_int_equal(err, ERR_NONE);
    *is_done = true;
}

/* The new owner commits first, and the notice of it is still on its way to this worker. */
static void a_change_does_not_reach_a_device_that_is_another_accounts_by_now(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;
    bool is_assigned = false;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    assert_int_equal(store_device_assign(home.store, home.mailbox, STR(DEVICE), STR(OTHER),
                                         on_assigned, &is_assigned),
                     ERR_NONE);
    witness_ack(&d, 0);
    household_settle(&home);
    assert_true(is_assigned);
    witness_was_told(&a, "failed " DEVICE
                         " seq=s1\n"
                         "offline " DEVICE "\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void a_device_error_reaches_the_app_and_changes_nothing(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_ack(&d, 404);
    witness_query(&a, DEVICE, NULL);
    witness_was_told(&a, "device error " DEVICE
                         " seq=s1 error=404\n"
                         "ok " DEVICE " seq=q params={\"switch\":\"off\"}\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void commands_under_way_are_bounded(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;
    char sequence[8];

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    for (int i = 0; i <= HOUSEHOLD_PENDING; i++) {
        snprintf(sequence, sizeof sequence, "s%d", i);
        witness_update(&a, DEVICE, sequence, "{\"a\":1}");
    }
    witness_was_told(&a, "busy " DEVICE " seq=s4\n");
    /* Those that have timed out give way to new ones. */
    household_wait(&home, HOUSEHOLD_COMMAND_MS);
    buf_clear(&a.told);
    buf_clear(&d.told);
    witness_update(&a, DEVICE, "s5", "{\"a\":2}");
    witness_was_told(&d, "command {\"a\":2}\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void a_report_is_acked_and_pushed_to_every_session(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    buf_clear(&d.told);
    witness_app(&a, &home, OWNER);
    assert_int_equal(witness_report(&d, "{\"rssi\":-31}"), ERR_NONE);
    assert_int_equal(witness_report(&d, "17"), ERR_INVALID);
    household_settle(&home);
    witness_was_told(&d, "reported no error\n");
    witness_was_told(&a, "report " DEVICE " {\"rssi\":-31}\n");
    witness_leave(&a);
    witness_leave(&d);
    household_close(&home);
}

static void changes_made_during_a_commit_share_the_next_row(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;
    int64_t rows;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, DEVICE);
    buf_clear(&d.told);
    witness_app(&a, &home, OWNER);
    rows = metric_total(&home.metrics, 1, METRIC_STORE_CHANGE);
    assert_int_equal(witness_report(&d, "{\"n\":1}"), ERR_NONE);
    assert_int_equal(witness_report(&d, "{\"n\":2}"), ERR_NONE);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_ack(&d, 0);
    assert_int_equal(witness_report(&d, "{\"n\":3}"), ERR_NONE);
    household_settle(&home);
    assert_int_equal(metric_total(&home.metrics, 1, METRIC_STORE_CHANGE), rows + 2);
    witness_was_told(&d,
                     "command {\"switch\":\"on\"}\n"
                     "reported no error\nreported no error\nreported no error\n");
    witness_was_told(&a, "report " DEVICE " {\"n\":1}\nreport " DEVICE
                         " {\"n\":2}\n"
                         "ok " DEVICE " seq=s1\nreport " DEVICE " {\"n\":3}\n");
    witness_leave(&d);
    witness_leave(&a);
    household_settle(&home);
    witness_app(&a, &home, OWNER);
    witness_query(&a, DEVICE, NULL);
    household_settle(&home);
    witness_was_told(&a, "ok " DEVICE " seq=q params={\"switch\":\"on\",\"n\":3}\n");
    witness_leave(&a);
    household_close(&home);
}

static void a_second_link_takes_over_without_a_notice(void **state)
{
    struct household home;
    struct witness a;
    struct witness d1;
    struct witness d2;

    (void)state;
    household_open(&home);
    witness_app(&a, &home, OWNER);
    witness_device(&d1, &home, DEVICE);
    witness_device(&d2, &home, DEVICE);
    witness_was_told(&d1, "open no error\nend replaced\n");
    witness_leave(&d1);
    witness_was_told(&a, "online " DEVICE "\n");
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_was_told(&d2, "open no error\ncommand {\"switch\":\"on\"}\n");
    witness_leave(&d2);
    witness_was_told(&a, "offline " DEVICE "\n");
    witness_leave(&a);
    household_close(&home);
}

static void a_link_for_another_owner_is_not_opened(void **state)
{
    struct household home;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_device(&d, &home, "1000009999");
    witness_was_told(&d, "open not found\n");
    witness_leave(&d);
    household_close(&home);
}

static void too_many_sessions_end_the_oldest(void **state)
{
    struct household home;
    struct witness apps[HOUSEHOLD_SESSIONS + 1];

    (void)state;
    household_open(&home);
    for (size_t i = 0; i <= HOUSEHOLD_SESSIONS; i++)
        witness_app(&apps[i], &home, OWNER);
    witness_was_told(&apps[0], "end limit\n");
    witness_was_told(&apps[1], "");
    for (size_t i = 0; i <= HOUSEHOLD_SESSIONS; i++)
        witness_leave(&apps[i]);
    household_close(&home);
}

static void a_revoked_token_ends_its_sessions(void **state)
{
    struct household home;
    struct witness a;
    struct bus_event event = {.topic = BUS_TOKEN_REVOKED, .account = OWNER};

    (void)state;
    household_open(&home);
    witness_app(&a, &home, OWNER);
    snprintf(event.subject, sizeof event.subject, "ffff010203040506");
    accounts_on_event(home.accounts, &event);
    witness_was_told(&a, "");
    snprintf(event.subject, sizeof event.subject, "abcd010203040506");
    accounts_on_event(home.accounts, &event);
    witness_was_told(&a, "end revoked\n");
    witness_leave(&a);
    household_close(&home);
}

static void a_device_given_away_is_offline_and_its_commands_forbidden(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;
    struct bus_event event = {.topic = BUS_DEVICE_CHANGED, .subject = DEVICE, .account = OWNER};

    (void)state;
    household_open(&home);
    witness_app(&a, &home, OWNER);
    witness_device(&d, &home, DEVICE);
    buf_clear(&a.told);
    buf_clear(&d.told);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    accounts_on_event(home.accounts, &event);
    witness_was_told(&a, "forbidden " DEVICE " seq=s1\noffline " DEVICE "\n");
    witness_was_told(&d, "command {\"switch\":\"on\"}\nend revoked\n");
    witness_leave(&d);
    witness_leave(&a);
    household_close(&home);
}

static void an_operator_lists_and_kicks(void **state)
{
    struct household home;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    witness_app(&a, &home, OWNER);
    witness_device(&d, &home, DEVICE);
    buf_clear(&a.told);
    buf_clear(&d.told);
    assert_int_equal(accounts_kick(home.accounts, 99, STR_EMPTY), 0);
    assert_int_equal(accounts_kick(home.accounts, 0, STR(DEVICE)), 1);
    witness_was_told(&d, "end kicked\n");
    witness_was_told(&a, "offline " DEVICE "\n");
    witness_leave(&d);
    assert_int_equal(accounts_kick(home.accounts, 7, STR_EMPTY), 1);
    witness_was_told(&a, "end kicked\n");
    witness_leave(&a);
    household_close(&home);
}

static void a_session_that_leaves_early_does_not_stop_its_command(void **state)
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
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_leave(&a);
    witness_ack(&d, 0);
    household_settle(&home);
    witness_was_told(&b, "app set " DEVICE " {\"switch\":\"on\"} seq=s1\n");
    witness_leave(&b);
    witness_leave(&d);
    household_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_goes_to_the_device_and_its_ack_to_the_app),
        cmocka_unit_test(nothing_is_told_before_the_commit),
        cmocka_unit_test(an_offline_device_is_answered_at_once_and_can_be_queried),
        cmocka_unit_test(unknown_and_foreign_devices_are_forbidden),
        cmocka_unit_test(a_silent_device_times_out_once_and_a_late_ack_still_counts),
        cmocka_unit_test(an_answer_without_a_sequence_counts_for_a_command_that_still_waits),
        cmocka_unit_test(a_command_that_timed_out_gives_way_though_an_earlier_one_still_waits),
        cmocka_unit_test(a_change_does_not_reach_a_device_that_is_another_accounts_by_now),
        cmocka_unit_test(a_device_error_reaches_the_app_and_changes_nothing),
        cmocka_unit_test(commands_under_way_are_bounded),
        cmocka_unit_test(a_report_is_acked_and_pushed_to_every_session),
        cmocka_unit_test(changes_made_during_a_commit_share_the_next_row),
        cmocka_unit_test(a_second_link_takes_over_without_a_notice),
        cmocka_unit_test(a_link_for_another_owner_is_not_opened),
        cmocka_unit_test(too_many_sessions_end_the_oldest),
        cmocka_unit_test(a_revoked_token_ends_its_sessions),
        cmocka_unit_test(a_device_given_away_is_offline_and_its_commands_forbidden),
        cmocka_unit_test(an_operator_lists_and_kicks),
        cmocka_unit_test(a_session_that_leaves_early_does_not_stop_its_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
