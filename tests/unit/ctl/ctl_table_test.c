#include "ctl/ctl_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_CAP = 256 * 1024 };

/* What is printed between begin and end. */
static char text[TEXT_CAP];

static FILE *begin(void)
{
    FILE *file = fmemopen(text, sizeof text, "w");

    memset(text, 0, sizeof text);
    assert_non_null(file);
    return file;
}

static void columns_are_aligned_by_characters(void **state)
{
    FILE *file = begin();
    struct ctl_table *table = ctl_table_new(file, false);

    (void)state;
    ctl_table_row(table, STR("{\"id\":\"A1\",\"name\":\"K\\u00fcche\",\"last\":\"x\"}"));
    ctl_table_row(table, STR("{\"id\":\"A22222\",\"name\":\"Hall\",\"last\":\"y\"}"));
    ctl_table_finish(table);
    fclose(file);
    assert_string_equal(text,
                        "ID      NAME   LAST\n"
                        "A1      K\xc3\xbc"
                        "che  x\n"
                        "A22222  Hall   y\n");
}

static void values_are_made_readable_by_their_names(void **state)
{
    FILE *file = begin();

    (void)state;
    ctl_table_object(
        file,
        STR("{\"created_at\":\"2026-01-31T12:00:05.123Z\",\"online_at\":null,"
            "\"uptime_ms\":93784005,\"short_ms\":12,\"run_ms\":184005,\"memory_bytes\":5242880,"
            "\"small_bytes\":12,\"is_on\":true,\"off\":false,\"none\":\"\","
            "\"list\":[\"a\",\"b\"],\"empty\":[],\"count\":5,\"back_ms\":-5,"
            "\"params\":{\"switch\":\"on\"}}"),
        false);
    fclose(file);
    assert_string_equal(text,
                        "created  2026-01-31 12:00:05Z\n"
                        "online   -\n"
                        "uptime   1d 2h\n"
                        "short    12ms\n"
                        "run      3m 4s\n"
                        "memory   5.0 MiB\n"
                        "small    12 B\n"
                        "is on    yes\n"
                        "off      no\n"
                        "none     -\n"
                        "list     a, b\n"
                        "empty    -\n"
                        "count    5\n"
                        "back     -5\n"
                        "params   {\"switch\":\"on\"}\n");
}

static void nothing_that_steers_a_terminal_is_printed(void **state)
{
    FILE *file = begin();

    (void)state;
    ctl_table_object(file, STR("{\"a\":\"x\\u001b[2Jy\\nz\\u0007\",\"b\":\"\\u009b1m\\u00e9\"}"),
                     false);
    fclose(file);
    assert_string_equal(text, "a  x?[2Jy?z?\nb  ?1m\xc3\xa9\n");
}

static void a_row_without_some_member_shows_a_dash(void **state)
{
    FILE *file = begin();
    struct ctl_table *table = ctl_table_new(file, false);

    (void)state;
    ctl_table_row(table, STR("{\"a\":1,\"b\":2}"));
    ctl_table_row(table, STR("{\"b\":3,\"c\":4}"));
    ctl_table_finish(table);
    fclose(file);
    assert_string_equal(text, "A  B\n1  2\n-  3\n");
}

static void an_empty_table_prints_nothing_and_an_empty_array_itself(void **state)
{
    FILE *file = begin();

    (void)state;
    ctl_table_finish(ctl_table_new(file, false));
    fflush(file);
    assert_string_equal(text, "");
    ctl_table_finish(ctl_table_new(file, true));
    fclose(file);
    assert_string_equal(text, "[]\n");
}

static void a_long_table_keeps_its_columns_growing(void **state)
{
    enum { ROWS = CTL_TABLE_BLOCK + 1 };
    FILE *file = begin();
    struct ctl_table *table = ctl_table_new(file, false);
    int lines = 0;

    (void)state;
    for (int i = 0; i < ROWS; i++)
        ctl_table_row(table,
                      i == 0 ? STR("{\"a\":\"wide one\",\"b\":1}") : STR("{\"a\":\"n\",\"b\":2}"));
    ctl_table_finish(table);
    fclose(file);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, ROWS + 1);
    assert_memory_equal(text, "A         B\nwide one  1\nn         2\n", 36);
    assert_non_null(strstr(text, "\nn         2\n"));
    assert_null(strstr(text, "\nn  2"));
}

static void json_passes_through_byte_for_byte(void **state)
{
    FILE *file = begin();
    struct ctl_table *table = ctl_table_new(file, true);

    (void)state;
    ctl_table_row(table, STR("{\"a\":\"\\u001b\"}"));
    ctl_table_row(table, STR("{\"b\":1.50}"));
    ctl_table_finish(table);
    ctl_table_object(file, STR("{\"c\":null}"), true);
    fclose(file);
    assert_string_equal(text, "[\n{\"a\":\"\\u001b\"},\n{\"b\":1.50}\n]\n{\"c\":null}\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned_by_characters),
        cmocka_unit_test(values_are_made_readable_by_their_names),
        cmocka_unit_test(nothing_that_steers_a_terminal_is_printed),
        cmocka_unit_test(a_row_without_some_member_shows_a_dash),
        cmocka_unit_test(an_empty_table_prints_nothing_and_an_empty_array_itself),
        cmocka_unit_test(a_long_table_keeps_its_columns_growing),
        cmocka_unit_test(json_passes_through_byte_for_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
