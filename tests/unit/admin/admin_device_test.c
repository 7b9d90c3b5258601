#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define ANN "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"
#define BOB "9f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"
#define CREATE "{\"verb\":\"device create\",\"args\":{\"id\":\"1000abcdef\",\"key\":\"K1\""

static int open_rig(void **state)
{
    admin_rig_open(state);
    admin_rig_add_user(*state, "ann@example.com", ANN);
    admin_rig_add_user(*state, "bob@example.com", BOB);
    return 0;
}

static void a_device_without_anything_gets_an_id_and_a_key(void **state)
{
    struct admin_rig *rig = *state;
    char id[64];
    char key[64];

    admin_rig_do(rig, "{\"verb\":\"device create\"}");
    admin_rig_member(rig, "id", id, sizeof id);
    admin_rig_member(rig, "key", key, sizeof key);
    assert_int_equal(strlen(id), 10);
    assert_memory_equal(id, "1000", 4);
    assert_int_equal(strspn(id, "0123456789abcdef"), 10);
    assert_int_equal(strlen(key), 36);
}

static void a_device_is_shown_with_its_params_and_its_key_only_when_asked(void **state)
{
    struct admin_rig *rig = *state;
    const char *answer;

    admin_rig_do(rig, CREATE ",\"name\":\"Hall light\",\"owner\":\"ann@example.com\"}}");
    answer = admin_rig_do(rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000abcdef\"}}");
    assert_non_null(strstr(answer,
                           "\"id\":\"1000abcdef\",\"name\":\"Hall light\",\"model\":\"\","
                           "\"owner\":\"" ANN "\""));
    assert_non_null(strstr(answer, "\"online_at\":null,\"offline_at\":null,\"params\":{}"));
    assert_null(strstr(answer, "K1"));
    answer = admin_rig_do(
        rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000abcdef\",\"key\":true}}");
    assert_non_null(strstr(answer, "\"key\":\"K1\""));
}

static void the_list_may_be_of_one_owner_and_never_shows_a_key(void **state)
{
    struct admin_rig *rig = *state;
    const char *answers;

    admin_rig_do(rig, CREATE ",\"owner\":\"" ANN "\"}}");
    admin_rig_do(rig, "{\"verb\":\"device create\",\"args\":{\"id\":\"1000abcdf0\"}}");
    answers = admin_rig_ask(rig, "{\"verb\":\"device list\"}");
    assert_non_null(strstr(answers, "1000abcdef"));
    assert_non_null(strstr(answers, "1000abcdf0"));
    assert_null(strstr(answers, "K1"));
    answers =
        admin_rig_ask(rig, "{\"verb\":\"device list\",\"args\":{\"owner\":\"ann@example.com\"}}");
    assert_non_null(strstr(answers, "1000abcdef"));
    assert_null(strstr(answers, "1000abcdf0"));
    admin_rig_expect_refusal(rig,
                             "{\"verb\":\"device list\",\"args\":{\"owner\":\"eve@example.com\"}}",
                             "not_found", "there is no user 'eve@example.com'");
}

static void an_id_that_is_taken_is_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, CREATE "}}");
    admin_rig_expect_refusal(rig, CREATE "}}", "exists", "there is a device '1000abcdef' already");
}

static void texts_that_do_not_fit_are_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig, "{\"verb\":\"device create\",\"args\":{\"id\":\"10/00\"}}",
                             "invalid", "'id' must be 1 to 32 letters, digits");
    admin_rig_expect_refusal(rig, CREATE ",\"owner\":\"nobody\"}}", "invalid",
                             "'nobody' can't be a user");
    admin_rig_expect_refusal(rig, CREATE ",\"owner\":\"eve@example.com\"}}", "not_found",
                             "there is no user 'eve@example.com'");
    admin_rig_expect_refusal(rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000abcdef\"}}",
                             "not_found", "there is no device '1000abcdef'");
}

static void assigning_tells_the_workers_whose_it_was(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, CREATE ",\"owner\":\"" ANN "\"}}");
    assert_non_null(
        strstr(admin_rig_do(rig,
                            "{\"verb\":\"device assign\",\"args\":{\"id\":\"1000abcdef\","
                            "\"owner\":\"bob@example.com\"}}"),
               "\"owner\":\"" BOB "\",\"owner_before\":\"" ANN "\""));
    assert_int_equal(rig->event_count, 1);
    assert_int_equal(rig->events[0].topic, BUS_DEVICE_CHANGED);
    assert_string_equal(rig->events[0].subject, "1000abcdef");
    assert_string_equal(rig->events[0].account, ANN);
    admin_rig_do(rig,
                 "{\"verb\":\"device assign\",\"args\":{\"id\":\"1000abcdef\",\"nobody\":true}}");
    assert_string_equal(rig->events[1].account, BOB);
    assert_non_null(
        strstr(admin_rig_do(rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000abcdef\"}}"),
               "\"owner\":\"\""));
}

static void assigning_wants_an_owner_or_nobody(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, CREATE "}}");
    admin_rig_expect_refusal(rig, "{\"verb\":\"device assign\",\"args\":{\"id\":\"1000abcdef\"}}",
                             "invalid", "give either 'owner' or 'nobody'");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"device assign\",\"args\":{\"id\":\"1000abcdf0\",\"nobody\":true}}",
        "not_found", "there is no device '1000abcdf0'");
    admin_rig_expect_refusal(rig,
                             "{\"verb\":\"device assign\",\"args\":{\"id\":\"1000abcdef\","
                             "\"owner\":\"eve@example.com\"}}",
                             "not_found", "there is no user 'eve@example.com'");
    assert_int_equal(rig->event_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_device_without_anything_gets_an_id_and_a_key),
        TEST(a_device_is_shown_with_its_params_and_its_key_only_when_asked),
        TEST(the_list_may_be_of_one_owner_and_never_shows_a_key),
        TEST(an_id_that_is_taken_is_refused),
        TEST(texts_that_do_not_fit_are_refused),
        TEST(assigning_tells_the_workers_whose_it_was),
        TEST(assigning_wants_an_owner_or_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
