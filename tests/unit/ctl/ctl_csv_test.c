#include "ctl/ctl_csv.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All rows as "line:field|field;" and at the end "." or "!line problem". */
static void read_all(const char *text, size_t len, struct buf *out)
{
    char *copy = malloc(len + 1);
    struct ctl_csv csv;
    enum ctl_csv_answer answer;
    struct ctl_csv_row row;

    memcpy(copy, text, len);
    csv = ctl_csv_of(copy, len);
    while ((answer = ctl_csv_next(&csv, &row)) == CTL_CSV_ROW) {
        buf_printf(out, "%zu:", row.line);
        for (size_t i = 0; i < row.count; i++)
            buf_printf(out, "%s" STR_FMT, i == 0 ? "" : "|", STR_ARG(row.fields[i]));
        buf_append_byte(out, ';');
    }
    if (answer == CTL_CSV_END)
        buf_append_byte(out, '.');
    else
        buf_printf(out, "!%zu %s", row.line, row.problem);
    free(copy);
}

static void check(const char *text, const char *wanted)
{
    struct buf out = BUF_EMPTY;

    read_all(text, strlen(text), &out);
    if (!str_eq(buf_str(&out), str_of(wanted)))
        fail_msg("%s was read as %.*s", text, STR_ARG(buf_str(&out)));
    buf_free(&out);
}

static void rows_and_fields_are_separated(void **state)
{
    (void)state;
    check("a,b\nc,d\n", "1:a|b;2:c|d;.");
    check("a,b\r\nc,d\r\n", "1:a|b;2:c|d;.");
    check("a,,\n,,\n", "1:a||;2:||;.");
    check(" a , b ", "1: a | b ;.");
}

static void the_last_line_needs_no_end(void **state)
{
    (void)state;
    check("a,b\nc,d", "1:a|b;2:c|d;.");
    check("a,", "1:a|;.");
    check("", ".");
}

static void quoted_fields_hold_commas_quotes_and_line_ends(void **state)
{
    (void)state;
    check("\"a,b\",c\n", "1:a,b|c;.");
    check("\"say \"\"hi\"\"\",x\n", "1:say \"hi\"|x;.");
    check("\"a\nb\",c\nd,e\n", "1:a\nb|c;3:d|e;.");
    check("\"\",\"\"\"\"\n", "1:|\";.");
}

static void empty_lines_and_a_byte_order_mark_are_skipped(void **state)
{
    (void)state;
    check(
        "\xef\xbb\xbf"
        "a,b\n\n\r\nc,d\n\n",
        "1:a|b;4:c|d;.");
    check("\n\n", ".");
}

static void a_carriage_return_inside_is_kept(void **state)
{
    (void)state;
    check("a\rb,c\n", "1:a\rb|c;.");
    check("a\r", "1:a\r;.");
}

static void what_breaks_the_quoting_is_refused_with_its_line(void **state)
{
    (void)state;
    check("a\n\"b\n", "1:a;!2 a quoted field has no end");
    check("a\n\"b\"c\n", "1:a;!2 something stands behind a quoted field");
    check("a\"b\n", "!1 a quote stands inside a field that does not begin with one");
}

static void columns_have_a_bound(void **state)
{
    (void)state;
    check("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n", "1:1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16;.");
    check("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n", "!1 too many columns");
}

static void every_prefix_is_read_without_surprise(void **state)
{
    const char *text =
        "\xef\xbb\xbf"
        "id,\"n\"\"m\"\r\n1,\"a\nb\"\r\n\n2,c";

    (void)state;
    for (size_t len = 0; len <= strlen(text); len++) {
        struct buf out = BUF_EMPTY;

        read_all(text, len, &out);
        assert_true(out.ptr[out.len - 1] == '.' || memchr(out.ptr, '!', out.len) != NULL);
        buf_free(&out);
    }
    check(text, "1:id|n\"m;2:1|a\nb;5:2|c;.");
}

static void a_formula_is_guarded_and_comes_back_as_it_was(void **state)
{
    static const char *const formulas[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''@x"};
    static const char *const others[] = {"", "'", "lamp", "'lamp'", "a=b", "1-2", "\xc3\xa9="};
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++) {
        assert_true(ctl_csv_is_formula(str_of(formulas[i])));
        snprintf(text, sizeof text, "'%s", formulas[i]);
        assert_true(str_eq(ctl_csv_unguarded(str_of(text)), str_of(formulas[i])));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(ctl_csv_is_formula(str_of(others[i])));
        assert_true(str_eq(ctl_csv_unguarded(str_of(others[i])), str_of(others[i])));
    }
    assert_true(str_eq(ctl_csv_unguarded(STR("=1")), STR("=1")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_fields_are_separated),
        cmocka_unit_test(the_last_line_needs_no_end),
        cmocka_unit_test(quoted_fields_hold_commas_quotes_and_line_ends),
        cmocka_unit_test(empty_lines_and_a_byte_order_mark_are_skipped),
        cmocka_unit_test(a_carriage_return_inside_is_kept),
        cmocka_unit_test(what_breaks_the_quoting_is_refused_with_its_line),
        cmocka_unit_test(columns_have_a_bound),
        cmocka_unit_test(every_prefix_is_read_without_surprise),
        cmocka_unit_test(a_formula_is_guarded_and_comes_back_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
