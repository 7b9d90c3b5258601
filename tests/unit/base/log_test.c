#include "base/log.h"

#include "base/buf.h"
#include "base/json.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { MEMBERS = 8, STAMP_LEN = 24 };

/* A log into a file in memory, and what was read back from it. */
struct fixture {
    int fd;
    struct log *log;
    struct buf text;
};

static struct fixture open_log(enum log_level level, enum log_form form, unsigned per_second)
{
    const int fd = memfd_create("log", 0);

    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
    return (struct fixture){fd, log_new(fd, level, form, per_second), BUF_EMPTY};
}

static struct str read_back(struct fixture *fixture)
{
    ssize_t len;

    buf_clear(&fixture->text);
    while ((len = pread(fixture->fd, buf_reserve(&fixture->text, 4096), 4096,
                        (off_t)fixture->text.len)) > 0)
        fixture->text.len += (size_t)len;
    return buf_str(&fixture->text);
}

static void close_log(struct fixture *fixture)
{
    log_free(fixture->log);
    buf_free(&fixture->text);
    close(fixture->fd);
}

/* The log holds one line: a time, then this. */
static void assert_only_line(struct fixture *fixture, const char *text)
{
    struct str line = read_back(fixture);

    assert_true(line.len > STAMP_LEN + 1);
    assert_int_equal(line.ptr[STAMP_LEN - 1], 'Z');
    assert_int_equal(line.len - STAMP_LEN - 1, strlen(text));
    assert_memory_equal(line.ptr + STAMP_LEN + 1, text, strlen(text));
}

static void a_line_is_time_level_event_and_pairs(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 0);

    (void)unused;
    log_info(fixture.log, "device.online", "device=%s node=%s", "1000", "a");
    assert_only_line(&fixture, "info device.online device=1000 node=a\n");
    close_log(&fixture);
}

static void an_event_without_pairs_ends_with_its_name(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 0);

    (void)unused;
    log_error(fixture.log, "server.stop", "%s", "");
    assert_only_line(&fixture, "error server.stop\n");
    close_log(&fixture);
}

static void only_levels_that_are_on_are_written(void **unused)
{
    struct fixture fixture = open_log(LOG_WARN, LOG_TEXT, 0);

    (void)unused;
    log_info(fixture.log, "a", "n=%d", 1);
    log_debug(fixture.log, "a", "n=%d", 2);
    assert_int_equal(read_back(&fixture).len, 0);
    assert_true(log_is_on(fixture.log, LOG_WARN));
    assert_false(log_is_on(fixture.log, LOG_INFO));

    log_set_level(fixture.log, LOG_DEBUG);
    assert_true(log_is_on(fixture.log, LOG_DEBUG));
    log_debug(fixture.log, "a", "n=%d", 3);
    assert_only_line(&fixture, "debug a n=3\n");
    close_log(&fixture);
}

static void no_log_is_accepted(void **unused)
{
    (void)unused;
    log_error(NULL, "a", "n=%d", 1);
    log_warn(NULL, "a", "n=%d", 1);
    log_info(NULL, "a", "n=%d", 1);
    log_debug(NULL, "a", "n=%d", 1);
    assert_false(log_is_on(NULL, LOG_ERROR));
    log_free(NULL);
}

static void levels_have_names_that_read_back(void **unused)
{
    enum log_level level = LOG_WARN;

    (void)unused;
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        assert_true(log_level_parse(str_of(log_level_name((enum log_level)i)), &level));
        assert_int_equal(level, i);
    }
    assert_false(log_level_parse(STR("Info"), &level));
    assert_false(log_level_parse(STR("inf"), &level));
    assert_false(log_level_parse(STR_EMPTY, &level));
    assert_int_equal(level, LOG_DEBUG);
}

static void a_line_stays_one_line_whatever_is_in_it(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 0);

    (void)unused;
    log_warn(fixture.log, "a", "peer=%s", "x\n2026 forged\x1b[2J\x7f");
    assert_only_line(&fixture, "warn a peer=x?2026 forged?[2J?\n");
    close_log(&fixture);
}

static void a_long_line_is_cut(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 0);
    char value[3 * LOG_BODY_CAP];
    struct str line;

    (void)unused;
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    log_info(fixture.log, "a", "value=%s", value);
    line = read_back(&fixture);
    assert_int_equal(line.len, STAMP_LEN + strlen(" info a ") + LOG_BODY_CAP - 1 + 1);
    assert_int_equal(line.ptr[line.len - 1], '\n');
    close_log(&fixture);
}

/* The member's decoded text; the log holds one line, and that is a JSON object. */
static void assert_member(struct fixture *fixture, struct str key, const char *text)
{
    struct json_member members[MEMBERS];
    char decoded[2 * LOG_BODY_CAP];
    size_t count;

    assert_int_equal(json_scan_object(read_back(fixture), members, MEMBERS, &count), ERR_NONE);
    assert_int_equal(fixture->text.ptr[fixture->text.len - 1], '\n');
    assert_true(json_to_text(json_find(members, count, key), decoded, sizeof decoded));
    assert_string_equal(decoded, text);
}

static void pairs_become_members_of_json(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_JSON, 0);
    char quoted[64];

    (void)unused;
    log_info(fixture.log, "device.online", "device=%s name=%s eq=a=b empty= last=%d", "1000",
             log_quote(STR("caf\xc3\xa9 \"x\"\n"), quoted, sizeof quoted), -1);
    assert_member(&fixture, STR("level"), "info");
    assert_member(&fixture, STR("event"), "device.online");
    assert_member(&fixture, STR("device"), "1000");
    assert_member(&fixture, STR("name"), "caf\xc3\xa9 \"x\"\n");
    assert_member(&fixture, STR("eq"), "a=b");
    assert_member(&fixture, STR("empty"), "");
    assert_member(&fixture, STR("last"), "-1");
    close_log(&fixture);
}

static void what_is_no_pair_is_the_text_of_json(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_JSON, 0);

    (void)unused;
    log_info(fixture.log, "a", "n=%d then plain words=here\n", 1);
    assert_member(&fixture, STR("n"), "1");
    assert_member(&fixture, STR("text"), "then plain words=here\n");
    close_log(&fixture);
}

static void values_that_only_look_quoted_are_kept_whole(void **unused)
{
    static const char *const odd[] = {"\"",      "\"open",    "\"a\"b", "\"\\\"",
                                      "\"\\x\"", "\"\xff\"x", "\n\"a\""};
    static const char *const kept[] = {
        "\"", "\"open", "\"a\"b", "\"\\\"", "\"\\x\"", "\"\xef\xbf\xbd\"x", "\n\"a\""};

    (void)unused;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct fixture fixture = open_log(LOG_INFO, LOG_JSON, 0);

        log_info(fixture.log, "a", "v=%s", odd[i]);
        assert_member(&fixture, STR("v"), kept[i]);
        close_log(&fixture);
    }
}

static void a_quoted_value_that_was_cut_is_still_json(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_JSON, 0);
    char wide[2 * LOG_BODY_CAP];
    char quoted[2 * LOG_BODY_CAP];
    struct json_member members[MEMBERS];
    size_t count;

    (void)unused;
    for (size_t i = 0; i < sizeof wide; i += 2)
        memcpy(wide + i, "\xc3\xa9", 2);
    log_quote((struct str){wide, sizeof wide}, quoted, sizeof quoted);
    log_info(fixture.log, "a", "n=1 v=%s", quoted);
    log_info(fixture.log, "a", "n=12 v=%s", quoted);
    for (struct str rest = read_back(&fixture), line; str_split(&rest, '\n', &line);) {
        assert_int_equal(json_scan_object(line, members, MEMBERS, &count), ERR_NONE);
        assert_int_equal(count, 5);
    }
    close_log(&fixture);
}

static void assert_quoted(struct str text, size_t cap, const char *expected)
{
    char out[64];

    assert_ptr_equal(log_quote(text, out, cap), out);
    assert_string_equal(out, expected);
}

static void values_are_quoted_where_they_must_be(void **unused)
{
    (void)unused;
    assert_quoted(STR("plain-1.0/x=y"), 64, "plain-1.0/x=y");
    assert_quoted(STR_EMPTY, 64, "\"\"");
    assert_quoted(STR("a b"), 64, "\"a b\"");
    assert_quoted(STR("a\"b\\"), 64, "\"a\\\"b\\\\\"");
    assert_quoted(STR("\n\0\x1b\x7f"), 64, "\"\\u000a\\u0000\\u001b\\u007f\"");
    assert_quoted(STR("caf\xc3\xa9\xc2\x9b\xc2\xa0"), 64, "\"caf\xc3\xa9\\u009b\xc2\xa0\"");
    assert_quoted(STR("\xff\xe2\x82"), 64, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void values_are_cut_to_the_room_between_characters(void **unused)
{
    (void)unused;
    assert_quoted(STR("plain"), 6, "plain");
    assert_quoted(STR("plain"), 5, "plai");
    assert_quoted(STR("a b"), 6, "\"a b\"");
    assert_quoted(STR("a b"), 5, "\"a \"");
    assert_quoted(STR("\xc3\xa9"), 5, "\"\xc3\xa9\"");
    assert_quoted(STR("\xc3\xa9"), 4, "\"\"");
    assert_quoted(STR("a\n"), 9, "\"a\"");
    assert_quoted(STR(" "), 3, "\"\"");
}

/* What follows `key` in the log, summed over all lines that have it; *lines: those without. */
static unsigned long sum_of(struct fixture *fixture, const char *key, size_t *lines)
{
    struct str rest = read_back(fixture);
    struct str line;
    unsigned long sum = 0;

    *lines = 0;
    while (str_split(&rest, '\n', &line)) {
        const char *at = memmem(line.ptr, line.len, key, strlen(key));

        *lines += at == NULL;
        sum += at == NULL ? 0 : strtoul(at + strlen(key), NULL, 10);
    }
    return sum;
}

static void lines_beyond_the_rate_are_counted_not_lost(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 2);
    size_t written;
    unsigned long suppressed;

    (void)unused;
    for (int i = 0; i < 3000; i++)
        log_info(fixture.log, "noisy", "n=%d", i);
    log_free(fixture.log);
    fixture.log = NULL;
    suppressed = sum_of(&fixture, "log.suppressed event=noisy count=", &written);
    assert_true(suppressed > 0);
    assert_int_equal(written + suppressed, 3000);
    close_log(&fixture);
}

static void more_events_than_the_table_holds_share_its_last_place(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 1);
    size_t written;
    unsigned long suppressed;

    (void)unused;
    for (int i = 0; i < 3000; i++) {
        char event[80];

        snprintf(event, sizeof event, "event%d.%060d", i, i);
        log_info(fixture.log, event, "n=%d", i);
    }
    log_free(fixture.log);
    fixture.log = NULL;
    suppressed = sum_of(&fixture, " count=", &written);
    assert_true(suppressed > 0);
    assert_int_equal(written + suppressed, 3000);
    close_log(&fixture);
}

static void a_quiet_event_is_not_held_back_by_a_noisy_one(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 1);
    size_t others;

    (void)unused;
    for (int i = 0; i < 100; i++)
        log_info(fixture.log, "noisy", "n=%d", i);
    log_info(fixture.log, "quiet", "n=%d", 7);
    assert_int_equal(sum_of(&fixture, " quiet n=", &others), 7);
    close_log(&fixture);
}

static void *write_lines(void *log)
{
    for (int i = 0; i < 500; i++)
        log_info(log, "thread", "text=%s", "abcdefghijklmnopqrstuvwxyz");
    return NULL;
}

static void lines_of_two_threads_do_not_mix(void **unused)
{
    struct fixture fixture = open_log(LOG_INFO, LOG_TEXT, 1000000);
    pthread_t thread;
    struct str rest;
    struct str line;
    size_t lines = 0;

    (void)unused;
    assert_int_equal(pthread_create(&thread, NULL, write_lines, fixture.log), 0);
    write_lines(fixture.log);
    pthread_join(thread, NULL);
    rest = read_back(&fixture);
    while (str_split(&rest, '\n', &line)) {
        assert_true(str_eq(str_sub(line, STAMP_LEN, line.len),
                           STR(" info thread text=abcdefghijklmnopqrstuvwxyz")));
        lines++;
    }
    assert_int_equal(lines, 1000);
    close_log(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_time_level_event_and_pairs),
        cmocka_unit_test(an_event_without_pairs_ends_with_its_name),
        cmocka_unit_test(only_levels_that_are_on_are_written),
        cmocka_unit_test(no_log_is_accepted),
        cmocka_unit_test(levels_have_names_that_read_back),
        cmocka_unit_test(a_line_stays_one_line_whatever_is_in_it),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(pairs_become_members_of_json),
        cmocka_unit_test(what_is_no_pair_is_the_text_of_json),
        cmocka_unit_test(values_that_only_look_quoted_are_kept_whole),
        cmocka_unit_test(a_quoted_value_that_was_cut_is_still_json),
        cmocka_unit_test(values_are_quoted_where_they_must_be),
        cmocka_unit_test(values_are_cut_to_the_room_between_characters),
        cmocka_unit_test(lines_beyond_the_rate_are_counted_not_lost),
        cmocka_unit_test(more_events_than_the_table_holds_share_its_last_place),
        cmocka_unit_test(a_quiet_event_is_not_held_back_by_a_noisy_one),
        cmocka_unit_test(lines_of_two_threads_do_not_mix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
