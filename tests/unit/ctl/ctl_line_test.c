#include "ctl/ctl_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 32 };

/* Parses the words behind "ctl"; what it complains of is in `problem`, "" when it does not. */
struct parsed {
    struct ctl_line line;
    char problem[512];
    char words[MAX_WORDS][64];
    char *argv[MAX_WORDS];
};

static bool parse(struct parsed *parsed, const char *const *words)
{
    struct buf problem = BUF_EMPTY;
    int argc = 1;
    bool is_right;

    parsed->argv[0] = parsed->words[0];
    for (; words[argc - 1] != NULL; argc++) {
        snprintf(parsed->words[argc], sizeof parsed->words[argc], "%s", words[argc - 1]);
        parsed->argv[argc] = parsed->words[argc];
    }
    is_right = ctl_line_parse(argc, parsed->argv, &parsed->line, &problem);
    str_copy(buf_str(&problem), parsed->problem, sizeof parsed->problem);
    buf_free(&problem);
    assert_int_equal(is_right, parsed->problem[0] == '\0');
    return is_right;
}

#define PARSE(parsed, ...) parse(parsed, (const char *const[]){__VA_ARGS__, NULL})

static void assert_given(const struct parsed *parsed, const char *name, const char *text)
{
    assert_true(str_eq(ctl_line_find(&parsed->line, name), str_of(text)));
}

static void a_verb_takes_its_options_in_both_forms(void **state)
{
    struct parsed p;

    (void)state;
    assert_true(PARSE(&p, "app", "create", "--id", "A1", "--name=Home = sweet"));
    assert_int_equal(p.line.verb, CONTROL_APP_CREATE);
    assert_given(&p, "id", "A1");
    assert_given(&p, "name", "Home = sweet");
    assert_false(ctl_line_has(&p.line, "secret"));
    assert_null(ctl_line_find(&p.line, "secret").ptr);
}

static void global_options_may_stand_anywhere(void **state)
{
    struct parsed p;

    (void)state;
    assert_true(PARSE(&p, "--json", "app", "--socket", "/tmp/s", "list"));
    assert_true(p.line.wants_json);
    assert_string_equal(p.line.socket, "/tmp/s");
    assert_true(PARSE(&p, "status", "--socket=/tmp/t"));
    assert_string_equal(p.line.socket, "/tmp/t");
    assert_false(p.line.wants_json);
}

static void words_go_to_their_places(void **state)
{
    struct parsed p;

    (void)state;
    assert_true(PARSE(&p, "device", "assign", "--owner", "+8613512345678", "1000abcdef"));
    assert_given(&p, "id", "1000abcdef");
    assert_true(PARSE(&p, "device", "import", "-"));
    assert_given(&p, "file", "-");
    assert_true(PARSE(&p, "token", "check", "--", "--odd"));
    assert_given(&p, "token", "--odd");
    assert_true(PARSE(&p, "log", "level"));
    assert_false(ctl_line_has(&p.line, "level"));
}

static void a_list_option_may_stand_several_times_and_others_once(void **state)
{
    struct parsed p;

    (void)state;
    assert_true(PARSE(&p, "app", "create", "--quirk", "a", "--quirk", "b"));
    assert_int_equal(p.line.count, 2);
    assert_false(PARSE(&p, "app", "create", "--id", "a", "--id", "b"));
    assert_string_equal(p.problem, "'id' is given twice\n");
}

static void an_unknown_verb_gets_the_nearest(void **state)
{
    struct parsed p;

    (void)state;
    assert_false(PARSE(&p, "stauts"));
    assert_string_equal(p.problem, "no verb 'stauts'\ndid you mean 'status'?\n");
    assert_false(PARSE(&p, "device", "lst"));
    assert_string_equal(p.problem, "no verb 'device lst'\ndid you mean 'device list'?\n");
    assert_false(PARSE(&p, "frobnicate"));
    assert_string_equal(p.problem, "no verb 'frobnicate'\nsee `switchyard ctl --help`\n");
}

static void an_unknown_option_gets_the_nearest(void **state)
{
    struct parsed p;

    (void)state;
    assert_false(PARSE(&p, "token", "issue", "--tll", "3d"));
    assert_string_equal(p.problem, "'token issue' has no option '--tll'\ndid you mean '--ttl'?\n");
    assert_false(PARSE(&p, "app", "list", "--jason"));
    assert_string_equal(p.problem, "'app list' has no option '--jason'\ndid you mean '--json'?\n");
    assert_false(PARSE(&p, "--id", "x", "app", "create"));
    assert_string_equal(p.problem, "no option '--id' ahead of the verb\n");
    assert_false(PARSE(&p, "device", "import", "f", "--rows", "x"));
    assert_non_null(strstr(p.problem, "has no option '--rows'"));
}

static void what_is_missing_is_named(void **state)
{
    struct parsed p;

    (void)state;
    assert_false(PARSE(&p, "token", "issue", "--app", "A1"));
    assert_string_equal(p.problem,
                        "'token issue' needs --user: the account or its apikey\n"
                        "see `switchyard ctl token issue --help`\n");
    assert_false(PARSE(&p, "device", "show"));
    assert_string_equal(p.problem,
                        "'device show' needs ID: the device's id\n"
                        "see `switchyard ctl device show --help`\n");
    assert_false(PARSE(&p, "app", "create", "--id"));
    assert_string_equal(p.problem, "'--id' needs a value\n");
    assert_false(PARSE(&p, "app"));
    assert_string_equal(p.problem, "'app' needs a verb: see `switchyard ctl app --help`\n");
    assert_false(parse(&p, (const char *const[]){NULL}));
    assert_non_null(strstr(p.problem, "what shall be done?"));
}

static void what_is_too_much_is_named(void **state)
{
    struct parsed p;

    (void)state;
    assert_false(PARSE(&p, "status", "now"));
    assert_string_equal(p.problem,
                        "'now' is one word too many\n"
                        "see `switchyard ctl status --help`\n");
    assert_false(PARSE(&p, "user", "passwd", "ann@example.com", "--generate=yes"));
    assert_string_equal(p.problem, "'--generate' takes no value\n");
    assert_false(PARSE(&p, "status", "--json=yes"));
    assert_string_equal(p.problem, "'--json' takes no value\n");
}

static void help_needs_nothing_else(void **state)
{
    struct parsed p;

    (void)state;
    assert_true(PARSE(&p, "token", "issue", "--help"));
    assert_true(p.line.wants_help && p.line.has_verb);
    assert_true(PARSE(&p, "help", "token"));
    assert_true(p.line.wants_help && !p.line.has_verb);
    assert_true(str_eq(p.line.group, STR("token")));
    assert_true(PARSE(&p, "-h"));
    assert_true(p.line.wants_help);
}

static void the_line_has_a_bound(void **state)
{
    const char *words[2 * CTL_LINE_MAX_GIVEN + 8] = {"app", "create"};
    struct buf problem = BUF_EMPTY;
    struct ctl_line line;
    char *argv[2 * CTL_LINE_MAX_GIVEN + 8];
    char texts[3][16] = {"ctl", "--quirk=x", ""};
    int argc = 0;

    (void)state;
    argv[argc++] = texts[0];
    for (int i = 0; i < 2; i++) {
        argv[argc] = malloc(16);
        snprintf(argv[argc++], 16, "%s", words[i]);
    }
    for (int i = 0; i <= CTL_LINE_MAX_GIVEN; i++)
        argv[argc++] = texts[1];
    assert_false(ctl_line_parse(argc, argv, &line, &problem));
    assert_true(str_eq(buf_str(&problem), STR("too many options\n")));
    buf_free(&problem);
    free(argv[1]);
    free(argv[2]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verb_takes_its_options_in_both_forms),
        cmocka_unit_test(global_options_may_stand_anywhere),
        cmocka_unit_test(words_go_to_their_places),
        cmocka_unit_test(a_list_option_may_stand_several_times_and_others_once),
        cmocka_unit_test(an_unknown_verb_gets_the_nearest),
        cmocka_unit_test(an_unknown_option_gets_the_nearest),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(what_is_too_much_is_named),
        cmocka_unit_test(help_needs_nothing_else),
        cmocka_unit_test(the_line_has_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
