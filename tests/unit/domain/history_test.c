#include "domain/history.h"

#include "domain/history_entry.h"
#include "household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEEP = 4 };

struct archive {
    struct household *home;
    struct metric_set *metrics;
    struct history *history;
    int wakes;
    bool is_found;
    struct buf lines;
};

static void wake(void *ctx)
{
    struct archive *archive = ctx;

    archive->wakes++;
}

static void open_archive(struct archive *archive, struct household *home)
{
    struct history_config config = {.keep = KEEP, .wake = wake, .ctx = archive};
    struct device_watcher watcher;

    household_open(home);
    *archive = (struct archive){.home = home, .metrics = metric_set_new()};
    config.store = home->store;
    config.mailbox = home->mailbox;
    config.metrics = archive->metrics;
    archive->history = history_new(&config);
    watcher = history_watcher(archive->history);
    device_event_watch(&home->watchers, &watcher);
}

static void close_archive(struct archive *archive)
{
    household_close(archive->home);
    history_free(archive->history);
    metric_set_free(archive->metrics);
    buf_free(&archive->lines);
}

static void flush(struct archive *archive)
{
    history_flush(archive->history);
    while (!history_is_idle(archive->history))
        mailbox_deliver(archive->home->mailbox);
}

static void put_line(struct buf *out, const struct device_event *event)
{
    buf_printf(out, "%s", device_event_name(event->kind));
    if (event->kind == DEVICE_OFFLINE)
        buf_printf(out, " %s", device_event_loss_name(event->loss));
    if (event->kind == DEVICE_COMMAND)
        buf_printf(out, " %s outcome=%d error=%d us=%d by='" STR_FMT "' " STR_FMT,
                   device_event_source_name(event->source), event->outcome, (int)event->error,
                   (int)event->latency_us, STR_ARG(event->account), STR_ARG(event->params));
    if (event->peer.len > 0)
        buf_printf(out, " " STR_FMT " " STR_FMT, STR_ARG(event->peer), STR_ARG(event->model));
    buf_append_byte(out, '\n');
}

static void on_found(void *ctx, enum err err, struct str entries)
{
    struct archive *archive = ctx;
    struct str entry;
    struct device_event event;

    assert_int_equal(err, ERR_NONE);
    while (store_history_next(&entries, &entry)) {
        assert_true(history_entry_read(entry, &event));
        assert_int_equal(event.at_ms, 1545219251000);
        put_line(&archive->lines, &event);
    }
    archive->is_found = true;
}

static void archive_has(struct archive *archive, const char *lines)
{
    archive->is_found = false;
    buf_clear(&archive->lines);
    assert_int_equal(history_find(archive->history, STR(DEVICE), STR(OWNER), on_found, archive),
                     ERR_NONE);
    while (!archive->is_found)
        mailbox_deliver(archive->home->mailbox);
    buf_append_byte(&archive->lines, '\0');
    assert_string_equal(archive->lines.ptr, lines);
}

static void what_happened_is_kept_with_its_end_and_by_whom(void **state)
{
    struct household home;
    struct archive archive;
    struct witness a;
    struct witness d;

    (void)state;
    open_archive(&archive, &home);
    witness_device(&d, &home, DEVICE);
    assert_int_equal(archive.wakes, 1);
    witness_app(&a, &home, OWNER);
    witness_update(&a, DEVICE, "s1", "{\"switch\":\"on\"}");
    home.now_ms += 12;
    witness_ack(&d, 422);
    archive_has(&archive, "");
    assert_int_equal(archive.wakes, 1);
    flush(&archive);
    witness_leave(&d);
    assert_int_equal(archive.wakes, 2);
    flush(&archive);
    archive_has(&archive,
                "online 192.0.2.1:5000 M1\n"
                "command app outcome=1 error=422 us=12000 by='owner' {\"switch\":\"on\"}\n"
                "offline closed\n");
    assert_int_equal(metric_total(&archive.metrics, 1, METRIC_HISTORY_STORED), 3);
    witness_leave(&a);
    close_archive(&archive);
}

static void only_the_newest_are_written(void **state)
{
    struct household home;
    struct archive archive;
    char text[32];
    struct device_event event = {.kind = DEVICE_COMMAND,
                                 .deviceid = STR(DEVICE),
                                 .owner = STR(OWNER),
                                 .at_ms = 1545219251000};

    (void)state;
    open_archive(&archive, &home);
    for (int i = 0; i < 5 * KEEP; i++) {
        snprintf(text, sizeof text, "{\"n\":%d}", i);
        event.params = str_of(text);
        device_event_tell(&home.watchers, &event);
    }
    flush(&archive);
    archive_has(&archive,
                "command app outcome=0 error=0 us=0 by='' {\"n\":16}\n"
                "command app outcome=0 error=0 us=0 by='' {\"n\":17}\n"
                "command app outcome=0 error=0 us=0 by='' {\"n\":18}\n"
                "command app outcome=0 error=0 us=0 by='' {\"n\":19}\n");
    assert_true(metric_total(&archive.metrics, 1, METRIC_HISTORY_STORED) < 2 * KEEP);
    close_archive(&archive);
}

static void long_texts_are_left_out_and_others_are_named(void **state)
{
    struct household home;
    struct archive archive;
    char text[HISTORY_PARAMS_MAX + 1];
    struct device_event event = {.kind = DEVICE_COMMAND,
                                 .deviceid = STR(DEVICE),
                                 .owner = STR(OWNER),
                                 .account = STR(OTHER),
                                 .at_ms = 1545219251000,
                                 .source = DEVICE_SOURCE_REST};

    (void)state;
    open_archive(&archive, &home);
    memset(text, ' ', sizeof text);
    event.params = (struct str){text, sizeof text};
    device_event_tell(&home.watchers, &event);
    flush(&archive);
    archive_has(&archive, "command rest outcome=0 error=0 us=0 by='" OTHER "' \n");
    close_archive(&archive);
}

static void the_next_owner_does_not_get_it(void **state)
{
    struct household home;
    struct archive archive;
    struct device_event event = {.kind = DEVICE_ONLINE,
                                 .deviceid = STR(DEVICE),
                                 .owner = STR(OTHER),
                                 .at_ms = 1545219251000};

    (void)state;
    open_archive(&archive, &home);
    device_event_tell(&home.watchers, &event);
    event.owner = STR(OWNER);
    event.kind = DEVICE_OFFLINE;
    device_event_tell(&home.watchers, &event);
    assert_int_equal(metric_total(&archive.metrics, 1, METRIC_HISTORY_DROPPED), 1);
    flush(&archive);
    archive_has(&archive, "offline closed\n");
    close_archive(&archive);
}

static void memory_has_a_bound(void **state)
{
    struct household home;
    struct archive archive;
    char id[16];
    struct device_event event = {.kind = DEVICE_ONLINE, .owner = STR(OTHER)};

    (void)state;
    open_archive(&archive, &home);
    for (int i = 0; i < HISTORY_BYTES_MAX / 32; i++) {
        snprintf(id, sizeof id, "%d", i);
        event.deviceid = str_of(id);
        device_event_tell(&home.watchers, &event);
    }
    /* The store takes 64 calls at once here, of some hundred devices each. */
    assert_true(metric_total(&archive.metrics, 1, METRIC_HISTORY_DROPPED) > 0);
    while (!history_is_idle(archive.history))
        mailbox_deliver(home.mailbox);
    close_archive(&archive);
}

static void what_we_did_not_write_is_not_read(void **state)
{
    struct device_event event;

    (void)state;
    assert_false(history_entry_read(STR_EMPTY, &event));
    assert_false(history_entry_read(STR("\x02"
                                        "1234567"
                                        "12345678"),
                                    &event));
    assert_false(history_entry_read(STR("\x01"
                                        "\x00"
                                        "123456"),
                                    &event));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happened_is_kept_with_its_end_and_by_whom),
        cmocka_unit_test(only_the_newest_are_written),
        cmocka_unit_test(long_texts_are_left_out_and_others_are_named),
        cmocka_unit_test(the_next_owner_does_not_get_it),
        cmocka_unit_test(memory_has_a_bound),
        cmocka_unit_test(what_we_did_not_write_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
