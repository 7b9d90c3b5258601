#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *line_of(const char *verb, const char *app, const char *url)
{
    static char line[800];

    snprintf(line, sizeof line,
             "{\"verb\":\"redirect %s\",\"args\":{\"app\":\"%s\",\"url\":\"%s\"}}", verb, app, url);
    return line;
}

static void urls_are_added_listed_and_removed(void **state)
{
    struct admin_rig *rig = *state;
    const char *list = "{\"verb\":\"redirect list\",\"args\":{\"app\":\"A1\"}}";
    const char *answer;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    answer = admin_rig_do(rig, line_of("add", "A1", "https://b.example.com/"));
    assert_non_null(strstr(answer, "{\"app\":\"A1\",\"url\":\"https://b.example.com/\"}"));
    admin_rig_do(rig, line_of("add", "A1", "https://a.example.com/"));
    answer = admin_rig_ask(rig, list);
    assert_non_null(strstr(answer, "{\"row\":{\"url\":\"https://a.example.com/\"}}"));
    assert_non_null(strstr(answer, "{\"row\":{\"url\":\"https://b.example.com/\"}}"));
    admin_rig_do(rig, line_of("remove", "A1", "https://a.example.com/"));
    assert_null(strstr(admin_rig_ask(rig, list), "https://a.example.com/"));
}

static void what_can_not_be_is_refused_with_advice(void **state)
{
    struct admin_rig *rig = *state;
    char url[64];

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    admin_rig_expect_refusal(rig, line_of("add", "A9", "https://a.example.com/"), "not_found",
                             "there is no app 'A9', or it has no such URL");
    admin_rig_expect_refusal(rig, line_of("remove", "A1", "https://a.example.com/"), "not_found",
                             "there is no app 'A1', or it has no such URL");
    admin_rig_expect_refusal(rig, line_of("add", "A1", "javascript:alert(1)"), "invalid",
                             "'url' must be an absolute URL");
    admin_rig_do(rig, line_of("add", "A1", "https://a.example.com/"));
    admin_rig_expect_refusal(rig, line_of("add", "A1", "https://a.example.com/"), "exists",
                             "it is registered already");
    for (int i = 1; i < 16; i++) {
        snprintf(url, sizeof url, "https://a.example.com/%d", i);
        admin_rig_do(rig, line_of("add", "A1", url));
    }
    admin_rig_expect_refusal(rig, line_of("add", "A1", "https://b.example.com/"), "full",
                             "an app may have 16 URLs");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, admin_rig_open, admin_rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(urls_are_added_listed_and_removed),
        CASE(what_can_not_be_is_refused_with_advice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
