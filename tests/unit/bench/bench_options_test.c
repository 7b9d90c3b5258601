#include "bench/bench_options.h"

#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { WORDS_MAX = 16, WORD_CAP = 32 };

/* The words of one command line, split at its spaces. */
struct line {
    char words[WORDS_MAX][WORD_CAP];
    char *argv[WORDS_MAX];
    int argc;
};

static void split(const char *text, struct line *out)
{
    out->argc = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        assert_true(out->argc < WORDS_MAX && len < WORD_CAP);
        memcpy(out->words[out->argc], text, len);
        out->words[out->argc][len] = '\0';
        out->argv[out->argc] = out->words[out->argc];
        out->argc++;
        text += len + (text[len] == ' ');
    }
}

/* The status that a line which runs nothing ends with; -1 when it runs. */
static int status_of(const char *text)
{
    struct bench_options options;
    struct line line;
    int status = -1;

    split(text, &line);
    return bench_options_parse(line.argc, line.argv, &options, &status) ? -1 : status;
}

static void a_complete_line_is_taken(void **state)
{
    struct bench_options options;
    struct line line;
    int status;

    (void)state;
    split("bench idle --server [::1]:1 --id 1000 --key k --connections 7 --hold --speaks echo",
          &line);
    assert_true(bench_options_parse(line.argc, line.argv, &options, &status));
    assert_int_equal(options.scenario, BENCH_IDLE);
    assert_string_equal(options.server, "[::1]:1");
    assert_string_equal(bench_options_scenario_name(options.scenario), "idle");
    assert_int_equal(options.connections, 7);
    assert_true(options.hold);
    assert_int_equal(options.speaks, BENCH_ECHO);
    assert_int_equal(options.runs, 1);
    assert_false(options.json);
}

static void a_mixture_asks_dispatch_with_new_connections(void **state)
{
    struct bench_options options;
    struct line line;
    int status;

    (void)state;
    split("bench mixed --server a:1 --id 1 --key k --token t --appid a", &line);
    assert_true(bench_options_parse(line.argc, line.argv, &options, &status));
    assert_true(options.connect_each);
    assert_int_equal(options.tls, BENCH_TLS_ANY);
}

static void the_manual_shows_the_help_as_it_is(void **state)
{
    static char page[64 * 1024];
    FILE *file = fopen(SOURCE_ROOT "/docs/bench.md", "r");

    (void)state;
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    assert_non_null(strstr(page, bench_options_usage()));
}

static void a_scenario_says_what_it_needs(void **state)
{
    (void)state;
    assert_int_equal(status_of("bench dispatch --server a:1 --token t --appid a"), -1);
    assert_int_equal(status_of("bench dispatch --server a:1 --token t"), CTL_USAGE);
    assert_int_equal(status_of("bench dispatch --token t --appid a"), CTL_USAGE);
    assert_int_equal(status_of("bench commands --server a:1 --token t --appid a"), CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1"), CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1 --key k --apps"), CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --token t --appid a --apps"), -1);
    assert_int_equal(status_of("bench connect --server a:1 --id 1 --key k"), -1);
    assert_int_equal(status_of("bench storm --server a:1 --id 1 --key k --resume"), -1);
    assert_int_equal(status_of("bench storm --server a:1"), CTL_USAGE);
    assert_int_equal(status_of("bench mixed --server a:1 --id 1 --key k"), CTL_USAGE);
    assert_int_equal(status_of("bench pong-under-load --server a:1 --id 1 --key k"), CTL_USAGE);
    assert_int_equal(status_of("bench commands --server a:1 --id 1 --key k --speaks mqtt"), -1);
}

#define PAIRS "bench commands --server a:1 --token t --appid a --id 1 --key k "

static void devices_are_for_commands_and_at_least_one_for_each_app(void **state)
{
    (void)state;
    assert_int_equal(status_of(PAIRS "--connections 4 --devices 4"), -1);
    assert_int_equal(status_of(PAIRS "--connections 4 --devices 3"), CTL_USAGE);
    assert_int_equal(status_of(PAIRS "--speaks mqtt"), -1);
    assert_int_equal(status_of(PAIRS "--speaks mqtt --devices 64"), CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1 --key k --devices 64"), CTL_USAGE);
}

static void what_can_not_be_measured_is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("bench"), CTL_USAGE);
    assert_int_equal(status_of("bench dispach --server a:1"), CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1 --key k --connections 1000001"),
                     CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1 --key k --processes 33"), CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1 --key k --resume"), CTL_USAGE);
    assert_int_equal(status_of("bench connect --server a:1 --id 1 --key k --tls 1.1"), CTL_USAGE);
    assert_int_equal(status_of("bench connect --server a:1 --id 1 --key k --size 31"), CTL_USAGE);
    assert_int_equal(status_of("bench connect --server a:1 --id 1 --key k --size 16385"),
                     CTL_USAGE);
    assert_int_equal(
        status_of("bench mixed --server a:1 --id 1 --key k --token t --appid a --speaks echo"),
        CTL_USAGE);
    assert_int_equal(status_of("bench dispatch --server a:1 --token t --appid a --resume"),
                     CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1 --key k --for 0"), CTL_USAGE);
    assert_int_equal(status_of("bench idle --server a:1 --id 1 --key k --runs 2"), CTL_USAGE);
    assert_int_equal(status_of("bench dispatch --server a:1 --token t --appid a --runs 100"),
                     CTL_USAGE);
    assert_int_equal(status_of("bench dispatch --server a:1 --token t --appid a --speaks echo"),
                     CTL_USAGE);
}

static void help_is_no_failure(void **state)
{
    (void)state;
    assert_int_equal(status_of("bench --help"), CTL_OK);
    assert_int_equal(status_of("bench idle -h"), CTL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complete_line_is_taken),
        cmocka_unit_test(a_mixture_asks_dispatch_with_new_connections),
        cmocka_unit_test(the_manual_shows_the_help_as_it_is),
        cmocka_unit_test(a_scenario_says_what_it_needs),
        cmocka_unit_test(devices_are_for_commands_and_at_least_one_for_each_app),
        cmocka_unit_test(what_can_not_be_measured_is_refused),
        cmocka_unit_test(help_is_no_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
