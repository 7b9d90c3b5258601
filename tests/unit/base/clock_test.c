#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_iso(int64_t wall_ms, const char *text)
{
    char out[CLOCK_ISO_CAP];

    clock_format_iso(wall_ms, out);
    assert_string_equal(out, text);
}

static void wall_times_are_written_as_iso_8601_in_utc(void **unused)
{
    (void)unused;
    assert_iso(0, "1970-01-01T00:00:00.000Z");
    assert_iso(1505607894955, "2017-09-17T00:24:54.955Z");
    assert_iso(951782400001, "2000-02-29T00:00:00.001Z");
    assert_iso(253402300799999, "9999-12-31T23:59:59.999Z");
}

static void durations_are_read_with_their_units(void **unused)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } cases[] = {
        {"0", 0},
        {"0s", 0},
        {"250ms", 250},
        {"145s", 145000},
        {"2m", 120000},
        {"1h30m", 5400000},
        {"30d", 2592000000},
        {"1d2h3m4s5ms", 93784005},
        {"1m1ms", 60001},
        {"007s", 7000},
        {"18446744073709551615ms", UINT64_MAX},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t ms = 77;

        assert_true(clock_parse_duration(str_of(cases[i].text), &ms));
        assert_true(ms == cases[i].ms);
    }
}

static void what_is_no_duration_is_refused(void **unused)
{
    static const char *const bad[] = {
        "",
        "5",
        "00",
        "s",
        "-1s",
        "+1s",
        "1.5s",
        "1 s",
        " 1s",
        "1s ",
        "1S",
        "1w",
        "1mss",
        "1s1s",
        "30m1h",
        "1h5",
        "1hm",
        "5ms5s",
        "1s\n1s",
        "s1",
        "18446744073709551616ms",
        "18446744073709552s",
        "18446744073709551s616ms",
        "213503982335d",
    };
    uint64_t ms = 77;

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clock_parse_duration(str_of(bad[i]), &ms));
    assert_false(clock_parse_duration(STR("1s\0"), &ms));
    assert_true(ms == 77);
}

static void durations_are_written_in_the_largest_unit_that_fits(void **unused)
{
    static const struct {
        uint64_t ms;
        const char *text;
    } cases[] = {
        {0, "0"},         {1, "1ms"},        {1500, "1500ms"},
        {145000, "145s"}, {5400000, "90m"},  {3600000, "1h"},
        {86400000, "1d"}, {90000000, "25h"}, {UINT64_MAX, "18446744073709551615ms"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CLOCK_DURATION_CAP];
        uint64_t ms = 77;

        assert_string_equal(clock_format_duration(cases[i].ms, text, sizeof text), cases[i].text);
        assert_true(clock_parse_duration(str_of(text), &ms));
        assert_true(ms == cases[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_times_are_written_as_iso_8601_in_utc),
        cmocka_unit_test(durations_are_read_with_their_units),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(durations_are_written_in_the_largest_unit_that_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
