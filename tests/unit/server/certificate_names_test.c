#include "server/certificate_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void set(struct config *config, const char *path, const char *text)
{
    struct config_given given = {.option = option_find(str_of(path)), .origin = CONFIG_FLAG};

    assert_int_equal(config_set_text(config, &given, str_of(text), NULL), ERR_NONE);
}

static size_t count_of(const struct certificate_names *names, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < names->count; i++)
        count += str_eq(names->views[i], str_of(name));
    return count;
}

static void configured_names_are_all_there_are(void **state)
{
    static struct certificate_names names;
    struct config *config = config_new();

    (void)state;
    set(config, "tls.names", "one.example,192.0.2.7,ONE.example");
    certificate_names_collect(config, &names);
    assert_int_equal(names.count, 2);
    assert_true(str_eq(names.views[0], STR("one.example")));
    assert_true(str_eq(names.views[1], STR("192.0.2.7")));
    config_free(config);
}

static void else_what_clients_may_use_comes_first_the_advertised(void **state)
{
    static struct certificate_names names;
    struct config *config = config_new();

    (void)state;
    set(config, "advertise.domain", "yard.example");
    set(config, "advertise.ip", "192.0.2.7");
    certificate_names_collect(config, &names);
    assert_true(str_eq(names.views[0], STR("yard.example")));
    assert_true(str_eq(names.views[1], STR("192.0.2.7")));
    assert_int_equal(count_of(&names, "localhost"), 1);
    assert_int_equal(count_of(&names, "127.0.0.1"), 1);
    assert_int_equal(count_of(&names, "::1"), 1);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configured_names_are_all_there_are),
        cmocka_unit_test(else_what_clients_may_use_comes_first_the_advertised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
