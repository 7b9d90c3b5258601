#include "bench/bench_result.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MEMBERS_MAX = 32, PAGE_CAP = 64 * 1024 };

/* Three runs of 2 s: 1,000, 3,000 and 2,000 operations that cost 10 us, a quarter of it kernel. */
static const struct bench_result three = {
    .scenario = "commands",
    .main = "commands",
    .pid = 7,
    .runs = 3,
    .samples = {{1000, 0, 2000000, {10000, 30, 10}},
                {3000, 1, 2000000, {30000, 30, 10}},
                {2000, 0, 2000000, {20000, 30, 10}}},
};

static void the_median_stands_between_the_extremes(void **state)
{
    double odd[] = {3, 1, 2};
    double even[] = {4, 1, 2, 9};
    double one[] = {5};

    (void)state;
    assert_float_equal(bench_result_spread(odd, 3).median, 2, 0);
    assert_float_equal(bench_result_spread(even, 4).median, 3, 0);
    assert_float_equal(even[0], 1, 0);
    assert_float_equal(bench_result_spread(even, 4).high, 9, 0);
    assert_float_equal(bench_result_spread(one, 1).low, 5, 0);
}

static void runs_are_summed_and_their_figures_spread(void **state)
{
    struct buf text = BUF_EMPTY;

    (void)state;
    bench_result_json(&three, &text);
    buf_append_byte(&text, '\0');
    assert_string_equal(
        text.ptr,
        "{\"scenario\":\"commands\",\"pid\":7,\"runs\":3,\"operations\":6000,\"errors\":1,"
        "\"seconds\":6.000,"
        "\"per_second\":{\"median\":1000.000,\"low\":500.000,\"high\":1500.000},"
        "\"cpu_us\":{\"median\":10.000,\"low\":10.000,\"high\":10.000},"
        "\"user_us\":{\"median\":7.500,\"low\":7.500,\"high\":7.500},"
        "\"system_us\":{\"median\":2.500,\"low\":2.500,\"high\":2.500},"
        "\"busy\":{\"median\":0.010,\"low\":0.005,\"high\":0.015}}\n");
    buf_free(&text);
}

static void what_does_not_apply_is_absent(void **state)
{
    struct bench_result bare = three;
    struct buf text = BUF_EMPTY;

    (void)state;
    bare.pid = 0;
    bench_result_json(&bare, &text);
    bench_result_table(&bare, &text);
    buf_append_byte(&text, '\0');
    assert_null(strstr(text.ptr, "pid"));
    assert_null(strstr(text.ptr, "cpu"));
    assert_null(strstr(text.ptr, "CPU"));
    assert_null(strstr(text.ptr, "links"));
    assert_non_null(strstr(text.ptr, "\"per_second\""));
    buf_free(&text);
}

static void nothing_done_is_no_division_by_nothing(void **state)
{
    static const struct bench_result none = {.scenario = "dispatch", .pid = 7, .runs = 1};
    struct buf text = BUF_EMPTY;

    (void)state;
    bench_result_json(&none, &text);
    buf_append_byte(&text, '\0');
    assert_null(strstr(text.ptr, "nan"));
    assert_null(strstr(text.ptr, "inf"));
    buf_free(&text);
}

/* Everything that a result may have. */
static void fill(struct bench_result *result)
{
    static const char *const names[] = {"ping", "commands"};

    result->main = "commands";
    result->links = 3;
    result->has_rss = true;
    result->may_resume = true;
    result->part_count = 2;
    snprintf(result->tls, sizeof result->tls, "TLSv1.3 X");
    bench_histogram_add(&result->late, 3);
    for (size_t i = 0; i < result->part_count; i++) {
        result->parts[i].name = names[i];
        result->parts[i].operations = 60 * (i + 1);
        bench_histogram_add(&result->parts[i].latency, 10 * (i + 1));
    }
}

static void parts_have_their_own_rates_and_latencies(void **state)
{
    struct bench_result full = three;
    struct buf text = BUF_EMPTY;

    (void)state;
    fill(&full);
    bench_result_json(&full, &text);
    buf_append_byte(&text, '\0');
    assert_non_null(strstr(text.ptr, ",\"tls\":\"TLSv1.3 X\","));
    assert_non_null(strstr(
        text.ptr, "},\"latency_us\":{\"p50\":20,\"p99\":20,\"p999\":20,\"max\":20},\"late_us\":{"));
    assert_non_null(strstr(text.ptr,
                           ",\"parts\":{\"ping\":{\"operations\":60,\"errors\":0,"
                           "\"per_second\":10.000,\"latency_us\":{\"p50\":10,"));
    assert_non_null(strstr(text.ptr, "\"commands\":{\"operations\":120,"));
    buf_free(&text);
}

static void what_stands_beside_a_load_has_no_cost_of_its_own(void **state)
{
    struct bench_result beside = three;
    struct buf text = BUF_EMPTY;

    (void)state;
    beside.is_beside = true;
    bench_result_json(&beside, &text);
    buf_append_byte(&text, '\0');
    assert_null(strstr(text.ptr, "cpu_us"));
    assert_null(strstr(text.ptr, "user_us"));
    assert_non_null(strstr(text.ptr, "\"busy\""));
    buf_free(&text);
}

static void a_table_shows_all_of_it(void **state)
{
    static const char *const wanted[] = {
        "commands: 6000 operations, 1 errors, 3 runs, 6.0 s, TLSv1.3 X\n",
        "operations a second            1000.0        500.0       1500.0\n",
        "links                               3\n",
        "sessions resumed                    0\n",
        "ping                               60           10            0\n",
        "commands                        20 us        20 us        20 us        20 us\n",
        "(generator was late)             3 us",
    };
    struct bench_result full = three;
    struct buf text = BUF_EMPTY;

    (void)state;
    fill(&full);
    bench_result_table(&full, &text);
    buf_append_byte(&text, '\0');
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strstr(text.ptr, wanted[i]) == NULL)
            fail_msg("\"%s\" is not in:\n%s", wanted[i], text.ptr);
    }
    buf_free(&text);
}

static void read_page(char out[PAGE_CAP])
{
    FILE *file = fopen(SOURCE_ROOT "/docs/bench.md", "r");

    assert_non_null(file);
    out[fread(out, 1, PAGE_CAP - 1, file)] = '\0';
    fclose(file);
}

static void every_key_stands_in_the_documentation(void **state)
{
    struct bench_result full = three;
    struct json_member members[MEMBERS_MAX];
    struct buf text = BUF_EMPTY;
    static char page[PAGE_CAP];
    char row[64];
    size_t count;

    (void)state;
    fill(&full);
    bench_result_json(&full, &text);
    read_page(page);
    assert_int_equal(json_scan_object(str_trim(buf_str(&text)), members, MEMBERS_MAX, &count),
                     ERR_NONE);
    for (size_t i = 0; i < count; i++) {
        snprintf(row, sizeof row, "\n| `" STR_FMT "` |", STR_ARG(members[i].key));
        if (strstr(page, row) == NULL)
            fail_msg("docs/bench.md has no row for " STR_FMT, STR_ARG(members[i].key));
    }
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_stands_between_the_extremes),
        cmocka_unit_test(runs_are_summed_and_their_figures_spread),
        cmocka_unit_test(what_does_not_apply_is_absent),
        cmocka_unit_test(nothing_done_is_no_division_by_nothing),
        cmocka_unit_test(parts_have_their_own_rates_and_latencies),
        cmocka_unit_test(what_stands_beside_a_load_has_no_cost_of_its_own),
        cmocka_unit_test(a_table_shows_all_of_it),
        cmocka_unit_test(every_key_stands_in_the_documentation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
