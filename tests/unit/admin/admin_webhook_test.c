#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define ADD "{\"verb\":\"webhook add\",\"args\":{\"url\":\"http://127.0.0.1:1/hook\""
#define LIST "{\"verb\":\"webhook list\"}"
#define ANN "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"

static int open_rig(void **state)
{
    admin_rig_open(state);
    admin_rig_add_user(*state, "ann@example.com", ANN);
    return 0;
}

static void a_webhook_that_is_added_is_listed_and_counts(void **state)
{
    struct admin_rig *rig = *state;
    char secret[64];

    assert_false(webhooks_want(rig->webhooks, WEBHOOKS_UPDATE));
    assert_non_null(strstr(admin_rig_do(rig, ADD "}}"),
                           "\"url\":\"http://127.0.0.1:1/hook\",\"apikey\":\"\",\"events\":"
                           "[\"online\",\"offline\",\"update\",\"share\",\"device\"]"));
    admin_rig_member(rig, "secret", secret, sizeof secret);
    assert_int_equal(strlen(secret), 40);
    assert_true(webhooks_want(rig->webhooks, WEBHOOKS_UPDATE));
    assert_non_null(strstr(admin_rig_ask(rig, LIST),
                           "\"waiting\":0,\"lag_s\":0,\"dropped\":0,\"failures\":0,"
                           "\"last_failure\":\"\",\"told_at\":null,\"retry_at\":null"));
    assert_null(strstr(admin_rig_ask(rig, LIST), secret)); /* it is shown once */
}

static void a_webhook_may_be_of_one_account_and_of_some_events(void **state)
{
    struct admin_rig *rig = *state;

    assert_non_null(strstr(
        admin_rig_do(rig, ADD ",\"user\":\"ann@example.com\",\"event\":[\"online\",\"share\"],"
                              "\"secret\":\"s3cret-s3cret\"}}"),
        "\"apikey\":\"" ANN "\",\"events\":[\"online\",\"share\"]"));
    assert_true(webhooks_want(rig->webhooks, WEBHOOKS_SHARE));
    assert_false(webhooks_want(rig->webhooks, WEBHOOKS_UPDATE));
}

static void what_can_not_be_a_webhook_is_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig,
                             "{\"verb\":\"webhook add\",\"args\":{\"url\":\"file:///etc/passwd\"}}",
                             "invalid", "'url' must be an address like https://example.org/path");
    admin_rig_expect_refusal(rig, "{\"verb\":\"webhook add\",\"args\":{\"url\":\"http://a:b@x/\"}}",
                             "invalid", "'url' must be an address without credentials");
    admin_rig_expect_refusal(rig, ADD ",\"event\":[\"onlin\"]}}", "invalid",
                             "there is no kind of event 'onlin'");
    admin_rig_expect_refusal(rig, ADD ",\"user\":\"ben@example.com\"}}", "not_found",
                             "there is no user 'ben@example.com'");
}

static void a_webhook_that_is_removed_counts_no_more(void **state)
{
    struct admin_rig *rig = *state;
    char id[32];
    char line[128];

    admin_rig_do(rig, ADD "}}");
    admin_rig_member(rig, "id", id, sizeof id);
    snprintf(line, sizeof line, "{\"verb\":\"webhook remove\",\"args\":{\"id\":\"%s\"}}", id);
    admin_rig_do(rig, line);
    assert_false(webhooks_want(rig->webhooks, WEBHOOKS_ALL));
    assert_null(strstr(admin_rig_ask(rig, LIST), id));
    admin_rig_expect_refusal(rig, line, "not_found", "there is no webhook '");
}

static void a_test_tells_why_it_failed(void **state)
{
    struct admin_rig *rig = *state;
    char id[32];
    char line[128];

    admin_rig_do(rig, ADD "}}");
    admin_rig_member(rig, "id", id, sizeof id);
    snprintf(line, sizeof line, "{\"verb\":\"webhook test\",\"args\":{\"id\":\"%s\"}}", id);
    admin_rig_expect_refusal(rig, line, "unavailable", "the server did not take it: ");
    admin_rig_expect_refusal(rig, "{\"verb\":\"webhook test\",\"args\":{\"id\":\"none\"}}",
                             "not_found", "there is no webhook 'none'");
}

static void there_are_so_many_at_most(void **state)
{
    struct admin_rig *rig = *state;

    for (int i = 0; i < STORE_WEBHOOKS_MAX; i++)
        admin_rig_do(rig, ADD "}}");
    admin_rig_expect_refusal(rig, ADD "}}", "full", "there are 64 webhooks already");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, admin_rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_webhook_that_is_added_is_listed_and_counts),
        TEST(a_webhook_may_be_of_one_account_and_of_some_events),
        TEST(what_can_not_be_a_webhook_is_refused),
        TEST(a_webhook_that_is_removed_counts_no_more),
        TEST(a_test_tells_why_it_failed),
        TEST(there_are_so_many_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
