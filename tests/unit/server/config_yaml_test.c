#include "server/config_yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static struct config *accept(const char *text)
{
    struct config *config = config_new();
    struct problem problem = {.line = 0};

    if (config_yaml_apply(config, str_of(text), &problem))
        fail_msg("line %zu: %s", problem.line, problem.text);
    return config;
}

static void refuse(const char *text, size_t line, const char *says)
{
    struct config *config = config_new();
    struct problem problem = {.line = 0};

    assert_int_equal(config_yaml_apply(config, str_of(text), &problem), ERR_INVALID);
    if (problem.line != line || strstr(problem.text, says) == NULL)
        fail_msg("want line %zu \"%s\", got line %zu \"%s\"", line, says, problem.line,
                 problem.text);
    config_free(config);
}

static void sections_nest_and_paths_may_stand_in_one_piece(void **state)
{
    struct config *config = accept(
        "workers: 3\n"
        "listen:\n"
        "  tls: ['*:8443', \"127.0.0.1:9443\"]\n"
        "  plain: 127.0.0.1:8081\n"
        "heartbeat.interval: 90s # a comment\n"
        "node: {id: one, region: eu}\n");

    (void)state;
    assert_int_equal(config->workers, 3);
    assert_int_equal(config->listen_tls.count, 2);
    assert_int_equal(config->listen_tls.items[1].port, 9443);
    assert_int_equal(config->listen_plain.count, 1);
    assert_int_equal(config->heartbeat_interval, 90000);
    assert_string_equal(config->node_id, "one");
    assert_string_equal(config->node_region, "eu");
    config_free(config);
}

static void each_value_remembers_its_line(void **state)
{
    struct config *config = accept("\nworkers: 3\nlog:\n  level:\n    debug\n");

    (void)state;
    assert_int_equal(config->sources[option_index(option_find(STR("workers")))].line, 2);
    assert_int_equal(config->sources[option_index(option_find(STR("log.level")))].line, 5);
    assert_int_equal(config->sources[option_index(option_find(STR("log.level")))].origin,
                     CONFIG_FILE);
    config_free(config);
}

static void an_empty_file_leaves_the_defaults(void **state)
{
    static const char *const texts[] = {"", "\n", "# nothing\n", "---\n", "listen:\n", "~\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct config *config = accept(texts[i]);

        assert_int_equal(config->listen_tls.count, 1);
        config_free(config);
    }
}

static void certificates_are_pairs_or_mappings(void **state)
{
    struct config *config = accept(
        "tls:\n"
        "  certificates:\n"
        "    - chain: a.pem\n"
        "      key: a.key\n"
        "    - b.pem:b.key\n"
        "    - {key: c.key, chain: c.pem}\n");

    (void)state;
    assert_int_equal(config->tls_certificates.count, 3);
    assert_string_equal(config->tls_certificates.items[0].chain, "a.pem");
    assert_string_equal(config->tls_certificates.items[1].key, "b.key");
    assert_string_equal(config->tls_certificates.items[2].chain, "c.pem");
    assert_string_equal(config->tls_certificates.items[2].key, "c.key");
    config_free(config);
}

static void a_certificate_needs_chain_and_key_once(void **state)
{
    (void)state;
    refuse("tls:\n  certificates:\n    - chain: a.pem\n", 4, "a mapping of chain and key");
    refuse("tls:\n  certificates: [{chain: a, chain: b, key: c}]\n", 2, "once each");
    refuse("tls:\n  certificates: [{chain: a, cert: b}]\n", 2, "a mapping of chain and key");
    refuse("tls:\n  certificates: [{chain: 'a:b', key: c}]\n", 2, "without a colon");
    refuse("tls:\n  certificates: [{chain: a, key: }]\n", 2, "the name of a file");
    refuse("tls:\n  certificates: [{chain: [a], key: b}]\n", 2, "the name of a file");
    refuse("tls:\n  certificates: {chain: a, key: b}\n", 2, "expected a list of values");
    refuse("listen:\n  tls: [{chain: a, key: b}]\n", 2, "listen.tls: expected a list of values");
}

static void unknown_keys_are_refused_with_the_nearest(void **state)
{
    (void)state;
    refuse("workers: 2\nlisten:\n  tsl: [':1']\n", 3,
           "listen.tsl: no such option; did you mean listen.tls?");
    refuse("worker: 2\n", 1, "worker: no such option; did you mean workers?");
    refuse("limit:\n  connections: 2\n", 1, "limit: no such option; did you mean limits?");
    refuse("quite:\n  another: 2\n", 1, "quite: no such option");
    refuse("zebra: 2\n", 1, "zebra: no such option");
    refuse("listen:\n  listen:\n    tls: []\n", 2, "listen.listen: no such option");
    refuse("\"work\\0ers\": 2\n", 1, "no such option");
    refuse("<<: {workers: 2}\n", 1, "no such option");
}

static void repeated_keys_are_refused(void **state)
{
    (void)state;
    refuse("workers: 2\n\nworkers: 3\n", 3, "workers: given twice, first on line 1");
    refuse("log: {level: info}\nnode: {}\nlog: {form: json}\n", 3,
           "log: given twice, first on line 1");
    refuse("log.level: info\nlog:\n  level: info\n", 3, "log.level: given twice, first on line 1");
}

static void values_of_a_wrong_shape_are_refused(void **state)
{
    (void)state;
    refuse("workers: [1]\n", 1, "workers: expected one value");
    refuse("workers: {a: 1}\n", 1, "workers: expected one value");
    refuse("workers:\n", 1, "workers: has no value; expected a whole number, 0 to 64");
    refuse("workers: ~\n", 1, "has no value");
    refuse("listen: 3\n", 1, "listen: expected its options");
    refuse("listen: [a]\n", 1, "listen: expected its options");
    refuse("listen:\n  tls: [[a]]\n", 2, "listen.tls: expected a list of values");
    refuse("listen:\n  tls: ['*:1', ]\n  tls_old: {a: b}\n", 3, "listen.tls_old: expected a list");
    refuse("- a\n", 1, "file: expected options");
    refuse("text\n", 1, "file: expected options");
    refuse("? [a]\n: b\n", 1, "file: expected keys");
    refuse("workers: 1\n---\nworkers: 2\n", 2, "one document only");
}

static void bad_values_are_refused_with_what_is_expected(void **state)
{
    (void)state;
    refuse("\n\nheartbeat:\n  interval: soon\n", 4,
           "heartbeat.interval: \"soon\" is not a duration such as 250ms, 145s or 1h30m, 61s to "
           "1h");
    refuse("workers: 65\n", 1, "workers: \"65\" is not a whole number, 0 to 64");
    refuse("listen:\n  tls: ['*:80', '*:99999']\n", 2, "\"*:99999\" is not an address such as");
    refuse("admin: {listen: [':1', ':2', ':3', ':4', ':5']}\n", 1,
           "admin.listen: expected at most 4 values");
    refuse("log: {level: loud}\n", 1, "\"loud\" is not error, warn, info or debug");
    refuse("data: \"a\\0b\"\n", 1, "data: ");
}

static void what_yaml_can_do_beyond_is_refused(void **state)
{
    (void)state;
    refuse("listen:\n  tls: [*:8080]\n", 2, "put text that begins with * or & in quotes");
    refuse("workers: &n 2\nlog: *n\n", 2, "starts an alias");
    refuse("workers: !!int 2\n", 1, "starts a tag");
    refuse("workers: 2\nlog: {level: info\n", 3, "not YAML");
    refuse("workers: 2\n\tlog: 1\n", 2, "not YAML");
    refuse("workers: 2\nnode: {id: \"\xff\"}\n", 2, "not YAML");
}

/* The parser sees every beginning of a file; none may be half taken for the whole by accident. */
static void every_beginning_of_a_file_is_answered(void **state)
{
    static const char text[] =
        "workers: 3\nlisten:\n  tls: ['*:8443']\ntls:\n  certificates:\n"
        "    - {chain: a.pem, key: a.key}\n    - b.pem:b.key\n";

    (void)state;
    for (size_t len = 0; len < sizeof text; len++) {
        struct config *config = config_new();
        struct problem problem = {.line = 0, .text = ""};
        enum err err = config_yaml_apply(config, (struct str){text, len}, &problem);

        assert_true(err == ERR_NONE || problem.text[0] != '\0');
        assert_true(config->tls_certificates.count <= 2);
        config_free(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_nest_and_paths_may_stand_in_one_piece),
        cmocka_unit_test(each_value_remembers_its_line),
        cmocka_unit_test(an_empty_file_leaves_the_defaults),
        cmocka_unit_test(certificates_are_pairs_or_mappings),
        cmocka_unit_test(a_certificate_needs_chain_and_key_once),
        cmocka_unit_test(unknown_keys_are_refused_with_the_nearest),
        cmocka_unit_test(repeated_keys_are_refused),
        cmocka_unit_test(values_of_a_wrong_shape_are_refused),
        cmocka_unit_test(bad_values_are_refused_with_what_is_expected),
        cmocka_unit_test(what_yaml_can_do_beyond_is_refused),
        cmocka_unit_test(every_beginning_of_a_file_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
