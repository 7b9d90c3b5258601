#include "server/config_print.h"

#include "server/config_yaml.h"
#include "server/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { PAGE_MAX_BYTES = 1024 * 1024 };

/* The source tree, from the command line: where the texts made from the table are kept. */
struct tree {
    const char *root;
};

static void check_file(const struct tree *tree, const char *name, const struct buf *wanted,
                       const char *verb)
{
    struct buf found = BUF_EMPTY;
    char path[512];

    snprintf(path, sizeof path, "%s/%s", tree->root, name);
    assert_int_equal(file_read(path, PAGE_MAX_BYTES, &found, NULL), ERR_NONE);
    if (!str_eq(buf_str(&found), buf_str(wanted)))
        fail_msg("%s is behind: switchyard config %s > %s", name, verb, name);
    buf_free(&found);
}

static void the_sample_file_is_up_to_date(void **state)
{
    struct buf text = BUF_EMPTY;

    config_print_defaults(&text);
    check_file(*state, "etc/switchyard.yaml", &text, "defaults");
    buf_free(&text);
}

static void the_manual_is_up_to_date(void **state)
{
    struct buf text = BUF_EMPTY;

    config_print_manual(&text);
    check_file(*state, "docs/options.md", &text, "manual");
    buf_free(&text);
}

static void reads_back_as_defaults(const struct buf *text)
{
    struct config *config = config_new();
    struct config *defaults = config_new();
    struct problem problem;

    if (config_yaml_apply(config, buf_str(text), &problem))
        fail_msg("line %zu: %s", problem.line, problem.text);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        assert_true(config_is_same(config, defaults, option_at(i)));
        assert_int_equal(config->sources[i].origin, CONFIG_FILE);
    }
    config_free(config);
    config_free(defaults);
}

static void the_sample_file_says_every_default(void **state)
{
    struct buf text = BUF_EMPTY;

    (void)state;
    config_print_defaults(&text);
    reads_back_as_defaults(&text);
    buf_free(&text);
}

static void what_show_prints_is_a_configuration(void **state)
{
    struct config *config = config_new();
    struct buf text = BUF_EMPTY;

    (void)state;
    config_print_values(config, NULL, &text);
    reads_back_as_defaults(&text);
    buf_free(&text);
    config_free(config);
}

static void show_tells_where_a_value_comes_from(void **state)
{
    struct config *config = config_new();
    struct config_given given = {.option = option_find(STR("node.id")), .origin = CONFIG_FLAG};
    struct buf text = BUF_EMPTY;

    (void)state;
    assert_int_equal(config_set_text(config, &given, STR("a\"b\\c"), NULL), ERR_NONE);
    given =
        (struct config_given){.option = option_find(STR("workers")), .origin = CONFIG_ENVIRONMENT};
    assert_int_equal(config_set_text(config, &given, STR("2"), NULL), ERR_NONE);
    given = (struct config_given){
        .option = option_find(STR("drain")), .origin = CONFIG_FILE, .line = 7};
    assert_int_equal(config_set_text(config, &given, STR("2s"), NULL), ERR_NONE);
    config_print_values(config, "a.yaml", &text);
    buf_append_byte(&text, '\0');
    assert_non_null(strstr(text.ptr, "node.id: \"a\\\"b\\\\c\" "));
    assert_non_null(strstr(text.ptr, "# --node-id\n"));
    assert_non_null(strstr(text.ptr, "# SWITCHYARD_WORKERS\n"));
    assert_non_null(strstr(text.ptr, "# a.yaml:7\n"));
    assert_non_null(strstr(text.ptr, "# default\n"));
    buf_free(&text);
    config_free(config);
}

static void help_and_manual_name_every_option(void **state)
{
    struct buf help = BUF_EMPTY;
    struct buf manual = BUF_EMPTY;

    (void)state;
    config_print_flags(&help);
    config_print_manual(&manual);
    buf_append_byte(&help, '\0');
    buf_append_byte(&manual, '\0');
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char name[OPTION_NAME_CAP];

        assert_non_null(strstr(help.ptr, option_flag(option_at(i), name)));
        assert_non_null(strstr(manual.ptr, option_flag(option_at(i), name)));
        assert_non_null(strstr(manual.ptr, option_env(option_at(i), name)));
        assert_non_null(strstr(manual.ptr, option_at(i)->path));
    }
    buf_free(&help);
    buf_free(&manual);
}

int main(int argc, char **argv)
{
    struct tree tree = {argc > 1 ? argv[1] : "."};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_sample_file_is_up_to_date, &tree),
        cmocka_unit_test_prestate(the_manual_is_up_to_date, &tree),
        cmocka_unit_test(the_sample_file_says_every_default),
        cmocka_unit_test(what_show_prints_is_a_configuration),
        cmocka_unit_test(show_tells_where_a_value_comes_from),
        cmocka_unit_test(help_and_manual_name_every_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
