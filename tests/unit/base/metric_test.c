#include "base/metric.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SETS = 2 };

static const struct {
    const char *kind;
    const char *name;
    const char *help;
} rows[] = {
#define METRIC(id, kind, name, labels, help) {#kind, name, help},
#include "base/metric.def"
#undef METRIC
};

struct fixture {
    struct metric_set *sets[SETS];
    struct buf text;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){{metric_set_new(), metric_set_new()}, BUF_EMPTY};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    metric_set_free(fixture->sets[0]);
    metric_set_free(fixture->sets[1]);
    metric_set_free(NULL);
    buf_free(&fixture->text);
    return 0;
}

/* The text holds this line, whole. */
static void assert_line(struct fixture *fixture, const char *line)
{
    struct str rest;
    struct str found;

    buf_clear(&fixture->text);
    metric_format(fixture->sets, SETS, &fixture->text);
    rest = buf_str(&fixture->text);
    while (str_split(&rest, '\n', &found)) {
        if (str_eq(found, str_of(line)))
            return;
    }
    fail_msg("no line \"%s\"", line);
}

static void counters_and_gauges_are_summed_over_the_sets(void **state)
{
    struct fixture *fixture = *state;

    metric_add(fixture->sets[0], METRIC_DISPATCH_401, 2);
    metric_add(fixture->sets[1], METRIC_DISPATCH_401, 3);
    metric_add(fixture->sets[0], METRIC_LINK_APP, 1);
    metric_add(fixture->sets[1], METRIC_LINK_APP, -1);
    metric_set_to(fixture->sets[1], METRIC_CERT_EXPIRY, 1800000000);
    assert_int_equal(metric_total(fixture->sets, SETS, METRIC_DISPATCH_401), 5);
    assert_int_equal(metric_total(fixture->sets, 1, METRIC_DISPATCH_401), 2);
    assert_line(fixture, "switchyard_dispatch_answers_total{code=\"401\"} 5");
    assert_line(fixture, "switchyard_dispatch_answers_total{code=\"402\"} 0");
    assert_line(fixture, "switchyard_links{kind=\"app\"} 0");
    assert_line(fixture, "switchyard_certificate_expiry_seconds 1800000000");
}

static void a_missing_set_counts_nothing(void **state)
{
    struct fixture *fixture = *state;

    metric_add(NULL, METRIC_DISPATCH_0, 1);
    metric_set_to(NULL, METRIC_CERT_EXPIRY, 1);
    metric_observe_us(NULL, METRIC_COMMAND_SECONDS, 1);
    assert_int_equal(metric_total(fixture->sets, SETS, METRIC_DISPATCH_0), 0);
    assert_int_equal(metric_total(fixture->sets, 0, METRIC_DISPATCH_0), 0);
}

static void a_histogram_counts_every_duration_up_to_each_bound(void **state)
{
    struct fixture *fixture = *state;

    metric_observe_us(fixture->sets[0], METRIC_COMMAND_SECONDS, 0);
    metric_observe_us(fixture->sets[0], METRIC_COMMAND_SECONDS, 50);
    metric_observe_us(fixture->sets[1], METRIC_COMMAND_SECONDS, 51);
    metric_observe_us(fixture->sets[1], METRIC_COMMAND_SECONDS, 10000000);
    metric_observe_us(fixture->sets[0], METRIC_COMMAND_SECONDS, 10000001);
    assert_int_equal(metric_total(fixture->sets, SETS, METRIC_COMMAND_SECONDS), 5);
    assert_line(fixture, "# TYPE switchyard_command_seconds histogram");
    assert_line(fixture, "switchyard_command_seconds_bucket{le=\"0.00005\"} 2");
    assert_line(fixture, "switchyard_command_seconds_bucket{le=\"0.0001\"} 3");
    assert_line(fixture, "switchyard_command_seconds_bucket{le=\"5\"} 3");
    assert_line(fixture, "switchyard_command_seconds_bucket{le=\"10\"} 4");
    assert_line(fixture, "switchyard_command_seconds_bucket{le=\"+Inf\"} 5");
    assert_line(fixture, "switchyard_command_seconds_sum 20.000102");
    assert_line(fixture, "switchyard_command_seconds_count 5");
}

static void every_name_is_introduced_once(void **state)
{
    struct fixture *fixture = *state;
    struct str rest;
    struct str line;
    size_t helps = 0;
    size_t names = 0;

    assert_line(fixture, "# HELP switchyard_dispatch_answers_total Dispatch answers by code.");
    assert_line(fixture, "# TYPE switchyard_dispatch_answers_total counter");
    assert_line(fixture, "# TYPE switchyard_links gauge");
    rest = buf_str(&fixture->text);
    while (str_split(&rest, '\n', &line))
        helps += str_starts(line, STR("# HELP "));
    for (size_t i = 0; i < METRIC_COUNT; i++)
        names += i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0;
    assert_int_equal(helps, names);
    assert_int_equal(fixture->text.ptr[fixture->text.len - 1], '\n');
}

/* Prometheus wants the rows of a name together, of one kind, and units and _total in the name. */
static void the_table_keeps_to_the_rules_of_prometheus(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const char *name = rows[i].name;
        const bool is_first = i == 0 || strcmp(name, rows[i - 1].name) != 0;
        const bool is_total = strstr(name, "_total") != NULL;

        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        assert_int_equal(is_total, strcmp(rows[i].kind, "COUNTER") == 0);
        assert_int_equal(rows[i].help[0] != '\0', is_first);
        if (!is_first)
            assert_string_equal(rows[i].kind, rows[i - 1].kind);
        for (size_t j = i + 1; is_first && j < METRIC_COUNT; j++)
            assert_true(strcmp(rows[j].name, name) != 0 || strcmp(rows[j - 1].name, name) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counters_and_gauges_are_summed_over_the_sets, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_missing_set_counts_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_histogram_counts_every_duration_up_to_each_bound, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_name_is_introduced_once, set_up, tear_down),
        cmocka_unit_test(the_table_keeps_to_the_rules_of_prometheus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
