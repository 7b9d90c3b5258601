#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define ANN "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"
#define BEN "6d1f0c52-7b3e-4b44-9d8e-0f2f5a1b3c77"
#define ADD "{\"verb\":\"share add\",\"args\":{\"id\":\"1000000001\",\"user\":\"ben@example.com\""
#define REMOVE                                                                                     \
    "{\"verb\":\"share remove\",\"args\":{\"id\":\"1000000001\",\"user\":\"ben@example.com\"}}"
#define LIST "{\"verb\":\"share list\",\"args\":{"

static int open_rig(void **state)
{
    admin_rig_open(state);
    admin_rig_add_user(*state, "ann@example.com", ANN);
    admin_rig_add_user(*state, "ben@example.com", BEN);
    admin_rig_add_user(*state, "cid@example.com", NULL);
    admin_rig_add_user(*state, "dot@example.com", NULL);
    admin_rig_do(*state,
                 "{\"verb\":\"device create\",\"args\":{\"id\":\"1000000001\","
                 "\"owner\":\"ann@example.com\"}}");
    admin_rig_do(*state, "{\"verb\":\"device create\",\"args\":{\"id\":\"1000000002\"}}");
    return 0;
}

static void a_share_is_made_without_asking_and_listed(void **state)
{
    struct admin_rig *rig = *state;
    const char *row =
        "\"device\":\"1000000001\",\"owner\":\"ann@example.com\","
        "\"user\":\"ben@example.com\",\"permit\":5,\"name\":\"lamp\",\"note\":\"Ben\"";

    assert_non_null(strstr(admin_rig_do(rig, ADD ",\"permit\":\"5\",\"name\":\"lamp\","
                                                 "\"note\":\"Ben\"}}"),
                           "\"device\":\"1000000001\",\"owner\":\"" ANN "\",\"user\":\"" BEN "\""));
    assert_non_null(strstr(admin_rig_ask(rig, LIST "}}"), row));
    assert_non_null(strstr(admin_rig_ask(rig, LIST "\"device\":\"1000000001\"}}"), row));
    assert_non_null(strstr(admin_rig_ask(rig, LIST "\"owner\":\"ann@example.com\"}}"), row));
    assert_non_null(strstr(admin_rig_ask(rig, LIST "\"user\":\"" BEN "\"}}"), row));
    assert_null(strstr(admin_rig_ask(rig, LIST "\"user\":\"ann@example.com\"}}"), row));
    assert_null(strstr(admin_rig_ask(rig, LIST "\"after\":\"1000000001 " BEN "\"}}"), row));
}

static void a_share_is_ended(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, ADD "}}");
    admin_rig_do(rig, REMOVE);
    assert_null(strstr(admin_rig_ask(rig, LIST "}}"), "1000000001"));
    admin_rig_expect_refusal(rig, REMOVE, "not_found",
                             "device '1000000001' is not shared with 'ben@example.com'");
}

static void what_can_not_be_shared_is_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, ADD "}}");
    admin_rig_expect_refusal(rig, ADD "}}", "exists",
                             "device '1000000001' is shared with 'ben@example.com' already");
    admin_rig_expect_refusal(rig, ADD ",\"permit\":\"16\"}}", "invalid",
                             "'permit' must be 0 to 15");
    admin_rig_expect_refusal(
        rig,
        "{\"verb\":\"share add\",\"args\":{\"id\":\"1000000001\",\"user\":\"ann@example.com\"}}",
        "invalid", "device '1000000001' belongs to 'ann@example.com'");
    admin_rig_expect_refusal(
        rig,
        "{\"verb\":\"share add\",\"args\":{\"id\":\"1000000002\",\"user\":\"ben@example.com\"}}",
        "invalid", "device '1000000002' has no owner");
    admin_rig_expect_refusal(
        rig,
        "{\"verb\":\"share add\",\"args\":{\"id\":\"1000000009\",\"user\":\"ben@example.com\"}}",
        "not_found", "there is no device '1000000009'");
    admin_rig_expect_refusal(rig, LIST "\"user\":\"" ANN "\",\"owner\":\"" ANN "\"}}", "invalid",
                             "give one of 'device', 'owner' and 'user'");
}

static void a_device_has_only_so_many_shares(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, ADD "}}");
    admin_rig_do(rig,
                 "{\"verb\":\"share add\",\"args\":{\"id\":\"1000000001\","
                 "\"user\":\"cid@example.com\"}}");
    admin_rig_expect_refusal(
        rig,
        "{\"verb\":\"share add\",\"args\":{\"id\":\"1000000001\",\"user\":\"dot@example.com\"}}",
        "full", "device '1000000001' has as many shares as it may");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_share_is_made_without_asking_and_listed, open_rig,
                                        admin_rig_close),
        cmocka_unit_test_setup_teardown(a_share_is_ended, open_rig, admin_rig_close),
        cmocka_unit_test_setup_teardown(what_can_not_be_shared_is_refused, open_rig,
                                        admin_rig_close),
        cmocka_unit_test_setup_teardown(a_device_has_only_so_many_shares, open_rig,
                                        admin_rig_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
