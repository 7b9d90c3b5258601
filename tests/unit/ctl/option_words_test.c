#include "ctl/option_words.h"

#include <stdint.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct options {
    const char *name;
    bool loud;
    uint64_t count;
    uint64_t for_ms;
    unsigned colour;
};

static const char *const colours[] = {"red", "green", NULL};

static const struct option_row rows[] = {
    {"--name", OPTION_TEXT, offsetof(struct options, name), NULL},
    {"--loud", OPTION_FLAG, offsetof(struct options, loud), NULL},
    {"--count", OPTION_NUMBER, offsetof(struct options, count), NULL},
    {"--for", OPTION_DURATION, offsetof(struct options, for_ms), NULL},
    {"--colour", OPTION_CHOICE, offsetof(struct options, colour), colours},
};

static const struct option_words table = {"test", rows, sizeof rows / sizeof *rows};

static bool parse(int count, const char *const *words, struct options *out)
{
    char copies[10][32];
    char *pointers[10];

    for (int i = 0; i < count; i++) {
        strncpy(copies[i], words[i], sizeof copies[i] - 1);
        copies[i][sizeof copies[i] - 1] = '\0';
        pointers[i] = copies[i];
    }
    if (!option_words_parse(&table, count, pointers, out))
        return false;
    assert_true(out->name == NULL || out->name == pointers[1]);
    return true;
}

static void every_kind_of_option_is_stored(void **state)
{
    static const char *const words[] = {"--name", "x",  "--loud",   "--count", "12",
                                        "--for",  "2s", "--colour", "green"};
    struct options options = {0};

    (void)state;
    assert_true(parse(9, words, &options));
    assert_true(options.loud);
    assert_int_equal(options.count, 12);
    assert_int_equal(options.for_ms, 2000);
    assert_int_equal(options.colour, 1);
}

static void what_is_not_given_keeps_its_value(void **state)
{
    static const char *const words[] = {"--loud"};
    struct options options = {.count = 7};

    (void)state;
    assert_true(parse(1, words, &options));
    assert_null(options.name);
    assert_int_equal(options.count, 7);
}

static void an_unknown_option_is_refused(void **state)
{
    static const char *const words[] = {"--cuont", "1"};
    struct options options = {0};

    (void)state;
    assert_false(parse(2, words, &options));
}

static void a_missing_value_is_refused(void **state)
{
    static const char *const words[][1] = {{"--name"}, {"--count"}, {"--for"}, {"--colour"}};
    struct options options = {0};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(parse(1, words[i], &options));
}

static void a_value_of_the_wrong_kind_is_refused(void **state)
{
    static const char *const words[][2] = {{"--count", "0"},
                                           {"--count", "-1"},
                                           {"--count", "1k"},
                                           {"--for", "soon"},
                                           {"--colour", "blue"}};
    struct options options = {0};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(parse(2, words[i], &options));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_option_is_stored),
        cmocka_unit_test(what_is_not_given_keeps_its_value),
        cmocka_unit_test(an_unknown_option_is_refused),
        cmocka_unit_test(a_missing_value_is_refused),
        cmocka_unit_test(a_value_of_the_wrong_kind_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
