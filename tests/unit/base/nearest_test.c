#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const char *const VERBS[] = {"create", "list", "passwd", "show", "assign", "import"};

static const char *nearest_verb(const char *word)
{
    return nearest_name(str_of(word), VERBS, sizeof VERBS / sizeof *VERBS);
}

static void a_name_with_one_wrong_letter_is_found(void **state)
{
    (void)state;
    assert_string_equal(nearest_verb("creat"), "create");
    assert_string_equal(nearest_verb("crrate"), "create");
    assert_string_equal(nearest_verb("shoow"), "show");
    assert_string_equal(nearest_verb("lst"), "list");
}

static void two_swapped_neighbours_count_as_one_mistake(void **state)
{
    static const char *const names[] = {"form", "fork"};

    (void)state;
    assert_string_equal(nearest_verb("hsow"), "show");
    assert_string_equal(nearest_name(STR("frok"), names, 2), "fork");
}

static void letter_case_is_no_mistake(void **state)
{
    (void)state;
    assert_string_equal(nearest_verb("LIST"), "list");
}

static void a_word_far_from_all_names_has_no_nearest(void **state)
{
    (void)state;
    assert_null(nearest_verb("frobnicate"));
    assert_null(nearest_verb("x"));
    assert_null(nearest_verb(""));
}

static void a_name_that_would_be_replaced_whole_is_not_near(void **state)
{
    static const char *const names[] = {"a"};

    (void)state;
    assert_null(nearest_name(STR("b"), names, 1));
}

static void the_first_of_several_as_near_wins(void **state)
{
    static const char *const names[] = {"port", "sort"};

    (void)state;
    assert_string_equal(nearest_name(STR("fort"), names, 2), "port");
}

static void words_beyond_the_bound_are_never_near(void **state)
{
    char name[NEAREST_WORD_MAX + 2];
    char word[NEAREST_WORD_MAX + 2];
    const char *names[] = {name};

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memset(word, 'n', sizeof word);
    assert_null(nearest_name((struct str){word, NEAREST_WORD_MAX}, names, 1));
    assert_null(nearest_name((struct str){word, NEAREST_WORD_MAX + 1}, names, 1));
    name[NEAREST_WORD_MAX] = '\0';
    assert_ptr_equal(nearest_name((struct str){word, NEAREST_WORD_MAX}, names, 1), name);
    assert_null(nearest_name((struct str){word, NEAREST_WORD_MAX + 1}, names, 1));
}

static void no_names_have_no_nearest(void **state)
{
    (void)state;
    assert_null(nearest_name(STR("list"), NULL, 0));
}

static void a_hint_ends_a_complaint(void **state)
{
    static const char *const names[] = {"serve", "config"};
    char hint[NEAREST_HINT_CAP];

    (void)state;
    assert_string_equal(nearest_hint("serv", names, 2, hint), "; did you mean serve?");
    assert_string_equal(nearest_hint("xyz", names, 2, hint), "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_with_one_wrong_letter_is_found),
        cmocka_unit_test(two_swapped_neighbours_count_as_one_mistake),
        cmocka_unit_test(letter_case_is_no_mistake),
        cmocka_unit_test(a_word_far_from_all_names_has_no_nearest),
        cmocka_unit_test(a_name_that_would_be_replaced_whole_is_not_near),
        cmocka_unit_test(the_first_of_several_as_near_wins),
        cmocka_unit_test(words_beyond_the_bound_are_never_near),
        cmocka_unit_test(no_names_have_no_nearest),
        cmocka_unit_test(a_hint_ends_a_complaint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
