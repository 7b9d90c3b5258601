#include "server/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void every_option_is_found_by_each_of_its_names(void **state)
{
    char name[OPTION_NAME_CAP];

    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);

        assert_int_equal(option_index(option), i);
        assert_ptr_equal(option_find(str_of(option->path)), option);
        assert_ptr_equal(option_find_flag(str_of(option_flag(option, name))), option);
        assert_ptr_equal(option_find_env(str_of(option_env(option, name))), option);
    }
}

static void names_are_made_from_the_path(void **state)
{
    const struct option *option = option_find(STR("listen.tls_old"));
    char name[OPTION_NAME_CAP];

    (void)state;
    assert_non_null(option);
    assert_string_equal(option_flag(option, name), "listen-tls-old");
    assert_string_equal(option_env(option, name), "SWITCHYARD_LISTEN_TLS_OLD");
}

static void options_of_a_section_stand_together(void **state)
{
    (void)state;
    for (size_t i = 1; i < OPTION_COUNT; i++) {
        struct str section = option_section(option_at(i));

        if (section.len == 0 || str_eq(section, option_section(option_at(i - 1))))
            continue;
        assert_ptr_equal(option_section_find(section), option_at(i));
    }
    assert_null(option_section_find(STR_EMPTY));
    assert_null(option_section_find(STR("listen.tls")));
}

static void a_mistyped_path_leads_to_the_right_one(void **state)
{
    (void)state;
    assert_string_equal(option_nearest(STR("listen.tsl")), "listen.tls");
    assert_string_equal(option_nearest(STR("heartbeat.intervall")), "heartbeat.interval");
    assert_null(option_nearest(STR("quite.another.thing")));
}

static void every_option_explains_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *help = option_at(i)->help;

        assert_true(strlen(help) > 10);
        assert_int_equal(help[strlen(help) - 1], '.');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_found_by_each_of_its_names),
        cmocka_unit_test(names_are_made_from_the_path),
        cmocka_unit_test(options_of_a_section_stand_together),
        cmocka_unit_test(a_mistyped_path_leads_to_the_right_one),
        cmocka_unit_test(every_option_explains_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
