#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define DESCRIBE "{\"verb\":\"device describe\",\"args\":{\"id\":\"1000abcdef\""

static int open_rig(void **state)
{
    admin_rig_open(state);
    admin_rig_do(*state,
                 "{\"verb\":\"device create\",\"args\":{\"id\":\"1000abcdef\",\"key\":\"K1\"}}");
    return 0;
}

static void what_is_not_given_stays(void **state)
{
    struct admin_rig *rig = *state;
    const char *answer;

    admin_rig_do(rig, DESCRIBE ",\"uiid\":\"7\",\"brand\":\"SONOFF\",\"chipid\":\"00ff\"}}");
    answer = admin_rig_do(rig, DESCRIBE ",\"product\":\"T1\",\"mac\":\"d0:27:00:00:00:01\"}}");
    assert_non_null(strstr(answer,
                           "\"uiid\":7,\"brand\":\"SONOFF\",\"product\":\"T1\",\"maker\":\"\","
                           "\"mac\":\"d0:27:00:00:00:01\",\"apmac\":\"\",\"chipid\":\"00ff\""));
    assert_non_null(strstr(answer, "\"gsm_id\":\"\""));
}

static void a_label_is_the_digest_of_id_and_key(void **state)
{
    struct admin_rig *rig = *state;
    const char *answer = admin_rig_do(rig, DESCRIBE ",\"gsm\":true}}");

    assert_non_null(strstr(answer, "\"gsm_id\":\"e98cb7e8399a3022d3830ee4e1aef3be\""));
}

static void what_can_not_be_is_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig, DESCRIBE ",\"uiid\":\"65536\"}}", "invalid",
                             "'uiid' is a number from 1 to 65535");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"device describe\",\"args\":{\"id\":\"1000ffffff\",\"uiid\":\"1\"}}",
        "not_found", "there is no device '1000ffffff'");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"device describe\",\"args\":{\"id\":\"1000ffffff\",\"gsm\":true}}",
        "not_found", "there is no device '1000ffffff'");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_rig, admin_rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_not_given_stays),
        CASE(a_label_is_the_digest_of_id_and_key),
        CASE(what_can_not_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
