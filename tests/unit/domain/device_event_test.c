#include "household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Who watches: a line for each event. */
struct log_book {
    struct household *home;
    struct buf lines;
    bool was_answered; /* the store had answered all when the last event came */
};

static void on_event(void *ctx, const struct device_event *event)
{
    struct log_book *book = ctx;

    assert_true(str_eq(event->deviceid, STR(DEVICE)));
    assert_true(str_eq(event->owner, STR(OWNER)));
    assert_true(event->at_ms > 0);
    book->was_answered = accounts_are_idle(book->home->accounts);
    buf_printf(&book->lines, "%s", device_event_name(event->kind));
    if (event->kind == DEVICE_OFFLINE)
        buf_printf(&book->lines, " %s", device_event_loss_name(event->loss));
    if (event->kind == DEVICE_UPDATE)
        buf_printf(&book->lines, " %s " STR_FMT "%s", device_event_source_name(event->source),
                   STR_ARG(event->params), event->is_change ? "" : " same");
    if (event->kind == DEVICE_COMMAND)
        buf_printf(&book->lines, " outcome=%d error=%d us=%d by=" STR_FMT, event->outcome,
                   (int)event->error, (int)event->latency_us, STR_ARG(event->account));
    if (event->peer.len > 0)
        buf_printf(&book->lines, " " STR_FMT " " STR_FMT, STR_ARG(event->peer),
                   STR_ARG(event->model));
    buf_append_byte(&book->lines, '\n');
}

static void watch(struct log_book *book, struct household *home, unsigned kinds)
{
    const struct device_watcher watcher = {kinds, on_event, book};

    *book = (struct log_book){.home = home};
    device_event_watch(&home->watchers, &watcher);
}

static void book_says(struct log_book *book, const char *lines)
{
    buf_append_byte(&book->lines, '\0');
    assert_string_equal(book->lines.ptr, lines);
    buf_clear(&book->lines);
}

static void presence_is_told_with_its_reason(void **state)
{
    struct household home;
    struct log_book book;
    struct witness d;
    struct witness newer;

    (void)state;
    household_open(&home);
    watch(&book, &home, ~0U);
    witness_device(&d, &home, DEVICE);
    book_says(&book, "online 192.0.2.1:5000 M1\n");
    witness_device(&newer, &home, DEVICE);
    witness_leave(&d);
    book_says(&book, "replaced 192.0.2.1:5000 M1\n");
    assert_int_equal(accounts_kick(home.accounts, 0, STR(DEVICE)), 1);
    book_says(&book, "offline kicked\n");
    witness_leave(&newer);
    book_says(&book, "");
    witness_device(&d, &home, DEVICE);
    witness_leave(&d);
    book_says(&book, "online 192.0.2.1:5000 M1\noffline closed\n");
    buf_free(&book.lines);
    household_close(&home);
}

static void a_device_that_is_taken_away_is_offline_as_revoked(void **state)
{
    struct bus_event event = {.topic = BUS_DEVICE_CHANGED, .subject = DEVICE};
    struct household home;
    struct log_book book;
    struct witness d;

    (void)state;
    household_open(&home);
    watch(&book, &home, DEVICE_EVENT_BIT(DEVICE_OFFLINE));
    witness_device(&d, &home, DEVICE);
    accounts_on_event(home.accounts, &event);
    book_says(&book, "offline revoked\n");
    witness_leave(&d);
    book_says(&book, "");
    buf_free(&book.lines);
    household_close(&home);
}

static void a_change_is_told_before_the_store_has_it(void **state)
{
    struct household home;
    struct log_book book;
    struct witness d;

    (void)state;
    household_open(&home);
    watch(&book, &home, DEVICE_EVENT_BIT(DEVICE_UPDATE));
    witness_device(&d, &home, DEVICE);
    assert_true(accounts_are_idle(home.accounts));
    assert_int_equal(witness_report(&d, "{\"switch\":\"on\"}"), ERR_NONE);
    assert_true(book.was_answered); /* nothing had been handed in for it yet */
    assert_false(accounts_are_idle(home.accounts));
    book_says(&book, "update device {\"switch\":\"on\"}\n");
    household_settle(&home);
    assert_int_equal(witness_report(&d, "{\"switch\":\"on\"}"), ERR_NONE);
    book_says(&book, "update device {\"switch\":\"on\"} same\n");
    assert_int_equal(witness_report(&d, "[1]"), ERR_INVALID);
    book_says(&book, "");
    witness_leave(&d);
    buf_free(&book.lines);
    household_close(&home);
}

static void a_command_is_told_with_its_outcome_once(void **state)
{
    struct household home;
    struct log_book book;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    watch(&book, &home, DEVICE_EVENT_BIT(DEVICE_COMMAND) | DEVICE_EVENT_BIT(DEVICE_UPDATE));
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s0", "{\"switch\":\"on\"}");
    household_settle(&home);
    book_says(&book, "command outcome=2 error=0 us=0 by=" OWNER "\n"); /* COMMAND_OFFLINE */
    witness_device(&d, &home, DEVICE);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    home.now_ms += 12;
    witness_ack(&d, 0);
    book_says(&book, "update app {\"switch\":\"on\"}\n");
    household_settle(&home);
    book_says(&book, "command outcome=0 error=0 us=12000 by=" OWNER "\n");
    witness_update(&a, DEVICE, "s2", "{\"switch\":\"off\"}");
    witness_ack(&d, 422);
    book_says(&book, "command outcome=1 error=422 us=0 by=" OWNER "\n"); /* COMMAND_DEVICE_ERROR */
    witness_update(&a, "1000009999", "s3", "{\"switch\":\"off\"}");
    witness_query(&a, DEVICE, NULL);
    household_settle(&home);
    book_says(&book, "");
    witness_leave(&a);
    witness_leave(&d);
    buf_free(&book.lines);
    household_close(&home);
}

static void a_late_answer_changes_the_device_but_not_the_commands_end(void **state)
{
    struct household home;
    struct log_book book;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    watch(&book, &home, DEVICE_EVENT_BIT(DEVICE_COMMAND) | DEVICE_EVENT_BIT(DEVICE_UPDATE));
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    household_wait(&home, HOUSEHOLD_COMMAND_MS);
    book_says(&book, "command outcome=3 error=0 us=4000000 by=" OWNER "\n"); /* COMMAND_TIMEOUT */
    witness_ack(&d, 0);
    household_settle(&home);
    book_says(&book, "update app {\"switch\":\"on\"}\n");
    witness_leave(&a);
    witness_leave(&d);
    buf_free(&book.lines);
    household_close(&home);
}

static void who_has_left_is_not_named(void **state)
{
    struct household home;
    struct log_book book;
    struct witness a;
    struct witness d;

    (void)state;
    household_open(&home);
    watch(&book, &home, DEVICE_EVENT_BIT(DEVICE_COMMAND));
    witness_device(&d, &home, DEVICE);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    witness_leave(&a);
    witness_ack(&d, 0);
    household_settle(&home);
    book_says(&book, "command outcome=0 error=0 us=0 by=\n");
    witness_leave(&d);
    buf_free(&book.lines);
    household_close(&home);
}

static void each_watcher_hears_only_its_kinds(void **state)
{
    struct household home;
    struct log_book presence;
    struct log_book updates;
    struct witness d;

    (void)state;
    household_open(&home);
    watch(&presence, &home, DEVICE_EVENT_BIT(DEVICE_ONLINE) | DEVICE_EVENT_BIT(DEVICE_OFFLINE));
    watch(&updates, &home, DEVICE_EVENT_BIT(DEVICE_UPDATE));
    assert_false(device_event_is_watched(NULL, DEVICE_UPDATE));
    assert_false(device_event_is_watched(&home.watchers, DEVICE_COMMAND));
    witness_device(&d, &home, DEVICE);
    assert_int_equal(witness_report(&d, "{\"a\":1}"), ERR_NONE);
    household_settle(&home);
    witness_leave(&d);
    book_says(&presence, "online 192.0.2.1:5000 M1\noffline closed\n");
    book_says(&updates, "update device {\"a\":1}\n");
    buf_free(&presence.lines);
    buf_free(&updates.lines);
    household_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presence_is_told_with_its_reason),
        cmocka_unit_test(a_device_that_is_taken_away_is_offline_as_revoked),
        cmocka_unit_test(a_change_is_told_before_the_store_has_it),
        cmocka_unit_test(a_command_is_told_with_its_outcome_once),
        cmocka_unit_test(a_late_answer_changes_the_device_but_not_the_commands_end),
        cmocka_unit_test(who_has_left_is_not_named),
        cmocka_unit_test(each_watcher_hears_only_its_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
