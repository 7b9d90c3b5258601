#include "server/config.h"

#include "base/log.h"
#include "server/config_check.h"
#include "server/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Everything a configuration is made of. */
struct world {
    char directory[64];
    char file[96];
    char *variables[8];
    struct environment environment;
    struct flags flags;
    struct problem problem;
};

static int open_world(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof world);
    snprintf(world.directory, sizeof world.directory, "/tmp/config_test.XXXXXX");
    if (mkdtemp(world.directory) == NULL)
        return -1;
    snprintf(world.file, sizeof world.file, "%s/switchyard.yaml", world.directory);
    world.environment = (struct environment){world.variables};
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;

    unlink(world->file);
    return rmdir(world->directory);
}

static enum err load(struct world *world, const char *yaml, struct config **out)
{
    struct config_inputs inputs = {.environment = &world->environment, .flags = &world->flags};

    if (yaml != NULL) {
        assert_int_equal(file_replace(world->file, str_of(yaml), NULL), ERR_NONE);
        inputs.file = world->file;
    }
    return config_load(&inputs, &world->problem, out);
}

static struct config *accept(struct world *world, const char *yaml)
{
    struct config *config = NULL;

    if (load(world, yaml, &config))
        fail_msg("%s", world->problem.text);
    return config;
}

static void refuse(struct world *world, const char *yaml, size_t line, const char *says)
{
    struct config *config = NULL;

    assert_int_equal(load(world, yaml, &config), ERR_INVALID);
    assert_null(config);
    if (world->problem.line != line || strstr(world->problem.text, says) == NULL)
        fail_msg("want line %zu \"%s\", got line %zu \"%s\"", line, says, world->problem.line,
                 world->problem.text);
}

static void give_flag(struct world *world, const char *path, const char *text)
{
    const struct option *option = option_find(str_of(path));

    assert_non_null(option);
    world->flags.given[world->flags.count++] = (struct flag){option, str_of(text)};
}

static const struct config_source *source_of(const struct config *config, const char *path)
{
    return &config->sources[option_index(option_find(str_of(path)))];
}

static void the_defaults_fit_each_other(void **state)
{
    struct config *config = accept(*state, NULL);

    assert_int_equal(config->listen_tls.count, 1);
    assert_int_equal(config->listen_tls.items[0].port, 8080);
    assert_int_equal(config->heartbeat_interval, 145000);
    assert_int_equal(config->heartbeat_slack, 8000);
    assert_int_equal(config->command_timeout, 4000);
    assert_int_equal(config->limits_message_bytes, 65536);
    assert_false(config->dispatch_anonymous);
    assert_string_equal(config->data, "data");
    assert_int_equal(config->log_level, LOG_INFO);
    config_free(config);
}

static void flags_come_before_variables_before_the_file(void **state)
{
    struct world *world = *state;
    char variable[] = "SWITCHYARD_WORKERS=2";
    struct config *config = accept(world, "workers: 1\n");

    assert_int_equal(config->workers, 1);
    assert_int_equal(source_of(config, "workers")->origin, CONFIG_FILE);
    assert_int_equal(source_of(config, "workers")->line, 1);
    config_free(config);

    world->variables[0] = variable;
    config = accept(world, "workers: 1\n");
    assert_int_equal(config->workers, 2);
    assert_int_equal(source_of(config, "workers")->origin, CONFIG_ENVIRONMENT);
    config_free(config);

    give_flag(world, "workers", "3");
    config = accept(world, "workers: 1\n");
    assert_int_equal(config->workers, 3);
    assert_int_equal(source_of(config, "workers")->origin, CONFIG_FLAG);
    assert_int_equal(source_of(config, "drain")->origin, CONFIG_DEFAULT);
    config_free(config);
}

/* A value that is valid, and another than the default. */
static const char *other_value(const struct option *option)
{
    static const char *const values[] = {
        [OPTION_STRING] = "x",
        [OPTION_INT] = "17",
        [OPTION_BOOL] = "true",
        [OPTION_ADDRESSES] = "127.0.0.1:17,[::1]:18",
        [OPTION_TEXTS] = "one.example,two.example",
        [OPTION_CERTIFICATES] = "a.pem:a.key,b.pem:b.key",
        [OPTION_LEVEL] = "debug",
        [OPTION_SENDER] = "log",
        [OPTION_FORM] = "json",
        [OPTION_PROXY] = "all",
        [OPTION_SESSIONS] = "account",
        [OPTION_SIGN_INS] = "app",
        [OPTION_DURATION] = "62s",
        [OPTION_SIZE] = "65537",
    };

    if (strcmp(option->path, "store.commit") == 0)
        return "62ms";
    if (strcmp(option->path, "command.timeout") == 0)
        return "17s";
    if (option->type == OPTION_SIZE && option->high < 65537)
        return "12KiB";
    if (option->type == OPTION_SIZE && option->low > 65537)
        return "17MiB";
    return values[option->type];
}

static void check_given(const struct config *config, const struct option *option,
                        enum config_origin origin)
{
    struct option_items wanted = {.at = {str_of(other_value(option))}, .count = 1};
    struct option_items got;

    if (option_value_is_list(option))
        assert_true(option_value_split(str_of(other_value(option)), &wanted));
    config_items(config, option, &got);
    assert_int_equal(got.count, wanted.count);
    for (size_t i = 0; i < got.count; i++)
        assert_true(str_eq(got.at[i], wanted.at[i]));
    assert_int_equal(config->sources[option_index(option)].origin, origin);
}

static void every_option_is_reached_by_the_file(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);
        char yaml[256];
        struct config *config = config_new();

        config_free(config);
        if (strcmp(option->path, "advertise.ip") == 0)
            continue; /* "x" is no address: see names_are_checked */
        snprintf(yaml, sizeof yaml, "%s: \"%s\"\n", option->path, other_value(option));
        config = accept(world, yaml);
        check_given(config, option, CONFIG_FILE);
        config_free(config);
    }
}

static void every_option_is_reached_by_its_variable(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);
        char name[OPTION_NAME_CAP];
        char variable[256];

        if (strcmp(option->path, "advertise.ip") == 0)
            continue;
        snprintf(variable, sizeof variable, "%s=%s", option_env(option, name), other_value(option));
        world->variables[0] = variable;

        struct config *config = accept(world, NULL);

        check_given(config, option, CONFIG_ENVIRONMENT);
        config_free(config);
    }
    world->variables[0] = NULL;
}

static void every_option_is_reached_by_its_flag(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);
        char name[OPTION_NAME_CAP];
        char word[256];
        char *argv[] = {word};

        if (strcmp(option->path, "advertise.ip") == 0)
            continue;
        snprintf(word, sizeof word, "--%s=%s", option_flag(option, name), other_value(option));
        assert_int_equal(flags_parse(1, argv, NULL, &world->flags), ERR_NONE);

        struct config *config = accept(world, NULL);

        check_given(config, option, CONFIG_FLAG);
        config_free(config);
    }
}

static void a_complaint_names_what_the_person_wrote(void **state)
{
    struct world *world = *state;
    char variable[] = "SWITCHYARD_HEARTBEAT_INTERVAL=soon";

    refuse(world, "\nworkers: many\n", 2, "workers: \"many\" is not a whole number");
    world->variables[0] = variable;
    refuse(world, "workers: 2\n", 0, "SWITCHYARD_HEARTBEAT_INTERVAL: \"soon\" is not a duration");
    world->variables[0] = NULL;
    give_flag(world, "limits.head_bytes", "1");
    refuse(world, NULL, 0, "--limits-head-bytes: \"1\" is not a size");
}

static void a_long_bad_value_is_cut(void **state)
{
    struct world *world = *state;
    char yaml[600] = "workers: ";

    memset(yaml + 9, 'x', sizeof yaml - 10);
    refuse(world, yaml, 1, "is not a whole number, 0 to 64");
}

static void options_must_fit_each_other(void **state)
{
    struct world *world = *state;

    refuse(world, "listen:\n  tls: []\n", 2, "nobody could connect");
    refuse(world, "limits:\n  head_bytes: 1KiB\n  line_bytes: 2KiB\n", 3,
           "must not be larger than limits.head_bytes");
    refuse(world, "limits:\n  queued_bytes: 4KiB\n", 2,
           "must not be smaller than limits.message_bytes");
    refuse(world, "heartbeat:\n  interval: 145500ms\n", 2, "expected whole seconds");
}

static void names_are_checked(void **state)
{
    struct world *world = *state;
    static const char *const bad_ips[] = {"x", "1.2.3", "0.0.0.0", "[::1]", "::1%lo", "1.2.3.4:5"};
    static const char *const good_ips[] = {"192.0.2.7", "2001:db8::7", "127.0.0.1"};
    char yaml[96];

    for (size_t i = 0; i < sizeof bad_ips / sizeof bad_ips[0]; i++) {
        snprintf(yaml, sizeof yaml, "advertise: {ip: \"%s\"}\n", bad_ips[i]);
        refuse(world, yaml, 1, "expected an IP address");
    }
    for (size_t i = 0; i < sizeof good_ips / sizeof good_ips[0]; i++) {
        snprintf(yaml, sizeof yaml, "advertise: {ip: \"%s\"}\n", good_ips[i]);
        config_free(accept(world, yaml));
    }
    refuse(world, "advertise: {domain: 'a b'}\n", 1, "expected letters");
    refuse(world, "node: {id: 'a/b'}\n", 1, "expected letters");
    refuse(world, "node: {region: 'e\"u'}\n", 1, "expected letters");
}

static void a_missing_or_huge_file_is_told(void **state)
{
    struct world *world = *state;
    struct config_inputs inputs = {
        .file = "/nonexistent/a.yaml", .environment = &world->environment, .flags = &world->flags};
    struct config *config = NULL;

    assert_int_equal(config_load(&inputs, &world->problem, &config), ERR_IO);
    assert_non_null(strstr(world->problem.text, "/nonexistent/a.yaml: can't open"));

    char *huge = calloc(1, 256 * 1024 + 2);

    memset(huge, '#', 256 * 1024 + 1);
    assert_int_equal(load(world, huge, &config), ERR_TOO_LARGE);
    free(huge);
    assert_null(config);
}

static void variables_that_are_no_options_are_listed(void **state)
{
    struct world *world = *state;
    char typo[] = "SWITCHYARD_LISTEN_TSL=:1";
    char good[] = "SWITCHYARD_LISTEN_TLS=:1";
    char ours[] = "SWITCHYARD_CONFIG=a.yaml";
    char other[] = "SWITCHYARDS=3";
    struct buf text = BUF_EMPTY;

    world->variables[0] = typo;
    world->variables[1] = good;
    world->variables[2] = ours;
    world->variables[3] = other;
    config_check_environment(&world->environment, &text);
    buf_append_byte(&text, '\0');
    assert_string_equal(text.ptr,
                        "SWITCHYARD_LISTEN_TSL: no such option; did you mean "
                        "SWITCHYARD_LISTEN_TLS?\n");
    buf_free(&text);
}

static void a_change_of_an_option_is_seen(void **state)
{
    struct world *world = *state;
    struct config *one = accept(world, "log: {level: warn}\nlisten: {tls: [':1', ':2']}\n");
    struct config *other = accept(world, "log: {level: debug}\nlisten.tls: ':1,:2'\n");

    assert_false(config_is_same(one, other, option_find(STR("log.level"))));
    assert_true(config_is_same(one, other, option_find(STR("listen.tls"))));
    assert_true(config_is_same(one, other, option_find(STR("workers"))));
    config_free(one);
    config_free(other);
}

static void files_stand_in_the_data_directory_unless_told(void **state)
{
    struct config *config = accept(*state, "data: /srv/yard\n");
    char path[CONFIG_PATH_CAP];

    assert_string_equal(config_path(config, "", "ports.json", path), "/srv/yard/ports.json");
    assert_string_equal(config_path(config, "/run/x", "ports.json", path), "/run/x");
    config_free(config);
}

static void a_sender_of_codes_needs_what_it_sends_by(void **state)
{
    struct world *world = *state;

    refuse(world, "verification:\n  sender: smtp\n", 0,
           "verification.url: verification.sender needs ");
    refuse(world, "verification:\n  sender: webhook\n  url: smtp://mail.example.org\n", 0,
           "verification.url: verification.sender needs ");
    refuse(world, "verification:\n  sender: smtp\n  url: smtp://mail.example.org\n", 0,
           "verification.from: verification.sender: smtp needs ");
    config_free(accept(world,
                       "verification:\n  sender: smtp\n  url: smtp://mail.example.org\n"
                       "  from: house@example.org\n"));
}

#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_sender_of_codes_needs_what_it_sends_by),
        WORLD_TEST(the_defaults_fit_each_other),
        WORLD_TEST(flags_come_before_variables_before_the_file),
        WORLD_TEST(every_option_is_reached_by_the_file),
        WORLD_TEST(every_option_is_reached_by_its_variable),
        WORLD_TEST(every_option_is_reached_by_its_flag),
        WORLD_TEST(a_complaint_names_what_the_person_wrote),
        WORLD_TEST(a_long_bad_value_is_cut),
        WORLD_TEST(options_must_fit_each_other),
        WORLD_TEST(names_are_checked),
        WORLD_TEST(a_missing_or_huge_file_is_told),
        WORLD_TEST(variables_that_are_no_options_are_listed),
        WORLD_TEST(a_change_of_an_option_is_seen),
        WORLD_TEST(files_stand_in_the_data_directory_unless_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
