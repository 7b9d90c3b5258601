#include "server/flags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { WORDS_MAX = 8 };

static int words(const char *line, char *room, char **argv)
{
    int argc = 0;

    strncpy(room, line, 255);
    for (char *at = room; at != NULL && argc < WORDS_MAX; argc++) {
        argv[argc] = at;
        at = strchr(at, ' ');
        if (at != NULL)
            *at++ = '\0';
    }
    return argc;
}

static void refuse(const char *line, const char *says)
{
    char room[256] = "";
    char *argv[WORDS_MAX];
    struct flags flags;
    struct problem problem = {.text = ""};

    assert_int_equal(flags_parse(words(line, room, argv), argv, &problem, &flags), ERR_INVALID);
    if (strstr(problem.text, says) == NULL)
        fail_msg("want \"%s\", got \"%s\"", says, problem.text);
}

static void a_value_stands_behind_a_space_or_an_equals_sign(void **state)
{
    char room[256] = "";
    char *argv[WORDS_MAX];
    struct flags flags;
    int argc = words("--workers 2 --listen-tls=*:1 --config=a.yaml --node-id=a=b", room, argv);

    (void)state;
    assert_int_equal(flags_parse(argc, argv, NULL, &flags), ERR_NONE);
    assert_string_equal(flags.config, "a.yaml");
    assert_false(flags.help);
    assert_int_equal(flags.count, 3);
    assert_string_equal(flags.given[0].option->path, "workers");
    assert_true(str_eq(flags.given[0].text, STR("2")));
    assert_true(str_eq(flags.given[1].text, STR("*:1")));
    assert_true(str_eq(flags.given[2].text, STR("a=b")));
}

static void a_true_or_false_flag_may_stand_alone(void **state)
{
    char room[256] = "";
    char *argv[WORDS_MAX];
    struct flags flags;
    int argc = words("--dispatch-anonymous --help", room, argv);

    (void)state;
    assert_int_equal(flags_parse(argc, argv, NULL, &flags), ERR_NONE);
    assert_true(flags.help);
    assert_true(str_eq(flags.given[0].text, STR("true")));

    argc = words("--dispatch-anonymous=false", room, argv);
    assert_int_equal(flags_parse(argc, argv, NULL, &flags), ERR_NONE);
    assert_true(str_eq(flags.given[0].text, STR("false")));
}

static void mistakes_are_named(void **state)
{
    (void)state;
    refuse("--listen-tsl :1", "--listen-tsl: no such flag; did you mean --listen-tls?");
    refuse("--confg a", "did you mean --config?");
    refuse("--zzzzzzzzz", "--zzzzzzzzz: no such flag");
    refuse("--workers", "--workers: a value must follow");
    refuse("--workers 1 --workers 2", "--workers: given twice");
    refuse("--config a --config b", "--config: given twice");
    refuse("--config=", "--config: expected the name of a file");
    refuse("word", "\"word\": expected a flag");
    refuse("--", "\"--\": expected a flag");
    refuse("-x", "\"-x\": expected a flag");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_stands_behind_a_space_or_an_equals_sign),
        cmocka_unit_test(a_true_or_false_flag_may_stand_alone),
        cmocka_unit_test(mistakes_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
