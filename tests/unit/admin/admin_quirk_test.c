#include "admin/admin_quirk.h"

#include "proto/control_verb.h"
#include "store/store_app.h"
#include "store/store_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void each_quirk_is_added_by_its_name(void **state)
{
    unsigned quirks = 0;

    (void)state;
    assert_true(admin_quirk_add(STR("missing-parameters"), &quirks));
    assert_int_equal(quirks, APP_QUIRK_MISSING_PARAMETERS);
    assert_true(admin_quirk_add(STR("dispatch-unauthorized"), &quirks));
    assert_true(admin_quirk_add(STR("unverified-sign"), &quirks));
    assert_int_equal(quirks, APP_QUIRK_MISSING_PARAMETERS | APP_QUIRK_DISPATCH_UNAUTHORIZED |
                                 APP_QUIRK_UNVERIFIED_SIGN);
}

static void an_unknown_name_changes_nothing(void **state)
{
    unsigned quirks = 0;

    (void)state;
    assert_false(admin_quirk_add(STR("missing"), &quirks));
    assert_false(admin_quirk_add(STR(""), &quirks));
    assert_false(admin_quirk_add_preset(STR("missing-parameters"), &quirks));
    assert_int_equal(quirks, 0);
    assert_string_equal(admin_quirk_nearest(STR("mising-parameters")), "missing-parameters");
    assert_null(admin_quirk_nearest(STR("zzz")));
}

static void a_preset_adds_what_its_client_needs(void **state)
{
    unsigned quirks = APP_QUIRK_UNVERIFIED_SIGN;

    (void)state;
    assert_true(admin_quirk_add_preset(STR("homebridge-ewelink"), &quirks));
    assert_int_equal(quirks, APP_QUIRK_UNVERIFIED_SIGN | APP_QUIRK_MISSING_PARAMETERS);
    quirks = 0;
    assert_true(admin_quirk_add_preset(STR("ewelink-api"), &quirks));
    assert_int_equal(quirks, APP_QUIRK_DISPATCH_UNAUTHORIZED);
    quirks = 0;
    assert_true(admin_quirk_add_preset(STR("sonofflan"), &quirks));
    assert_int_equal(quirks, 0);
}

/* Whether the help's prose holds a word of the client's name as one of its list. */
static bool is_explained(const char *option, const char *name)
{
    const char *at = control_verb_option_find(CONTROL_APP_CREATE, str_of(option))->help;
    size_t len = strlen(name);

    for (; (at = strstr(at, name)) != NULL; at += len)
        if (at[len] == ',' || at[len] == ' ' || at[len] == ';' || at[len] == '\0')
            return true;
    return false;
}

static void the_help_names_them_all(void **state)
{
    static const char *const presets[] = {
        "ewelink-api",      "ewelink-api-next",    "sonofflan",      "homebridge-ewelink",
        "ewelink-api-java", "hass-sonoff-ewelink", "coolkit-client", "homebridge-ewelink-legacy",
    };
    unsigned quirks = 0;

    (void)state;
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        assert_true(admin_quirk_add_preset(str_of(presets[i]), &quirks));
        assert_true(is_explained("preset", presets[i]));
    }
    assert_true(is_explained("quirk", "missing-parameters"));
    assert_true(is_explained("quirk", "unverified-sign"));
    assert_true(is_explained("quirk", "dispatch-unauthorized"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_quirk_is_added_by_its_name),
        cmocka_unit_test(an_unknown_name_changes_nothing),
        cmocka_unit_test(a_preset_adds_what_its_client_needs),
        cmocka_unit_test(the_help_names_them_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
