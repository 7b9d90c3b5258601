#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_alnum_of(const char *text, size_t len)
{
    for (const char *at = text; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at))
            return false;
    return strlen(text) == len;
}

static void an_app_without_anything_gets_an_id_and_a_secret(void **state)
{
    struct admin_rig *rig = *state;
    char id[80];
    char secret[80];

    admin_rig_do(rig, "{\"verb\":\"app create\"}");
    admin_rig_member(rig, "id", id, sizeof id);
    admin_rig_member(rig, "secret", secret, sizeof secret);
    assert_true(is_alnum_of(id, 32));
    assert_true(is_alnum_of(secret, 32));
    assert_string_not_equal(id, secret);
}

static void what_is_given_is_kept(void **state)
{
    struct admin_rig *rig = *state;
    const char *answer =
        admin_rig_do(rig,
                     "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\",\"secret\":\"S1\","
                     "\"name\":\"Home \\u00e9\",\"quirk\":[\"unverified-sign\"],"
                     "\"preset\":\"homebridge-ewelink\"}}");

    assert_non_null(strstr(answer,
                           "\"id\":\"A1\",\"name\":\"Home \xc3\xa9\",\"quirks\":"
                           "[\"missing-parameters\",\"unverified-sign\"],"
                           "\"disabled\":false"));
    assert_non_null(strstr(answer, "\"secret\":\"S1\""));
}

static void the_list_never_shows_a_secret(void **state)
{
    struct admin_rig *rig = *state;
    const char *answer;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\",\"secret\":\"Geheim\"}}");
    answer = admin_rig_ask(rig, "{\"verb\":\"app list\"}");
    assert_non_null(strstr(answer, "{\"row\":{\"id\":\"A1\""));
    assert_null(strstr(answer, "Geheim"));
    assert_null(strstr(answer, "secret"));
}

static void an_id_that_is_taken_is_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    admin_rig_expect_refusal(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}", "exists",
                             "there is an app 'A1' already");
}

static void texts_that_do_not_fit_are_refused(void **state)
{
    struct admin_rig *rig = *state;
    char line[512];

    admin_rig_expect_refusal(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"a b\"}}", "invalid",
                             "'id' must be 1 to 64 letters, digits, '-' or '_'");
    admin_rig_expect_refusal(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"\"}}", "invalid",
                             "'id' must be 1 to 64 letters, digits, '-' or '_'");
    admin_rig_expect_refusal(rig, "{\"verb\":\"app create\",\"args\":{\"secret\":\"a b\"}}",
                             "invalid", "'secret' must be 1 to 64 visible ASCII");
    admin_rig_expect_refusal(rig, "{\"verb\":\"app create\",\"args\":{\"name\":\"a\\nb\"}}",
                             "invalid", "'name' must be at most 128 bytes without control");
    snprintf(line, sizeof line, "{\"verb\":\"app create\",\"args\":{\"name\":\"%0*d\"}}", 129, 0);
    admin_rig_expect_refusal(rig, line, "invalid", "'name' must be at most 128 bytes of text");
    assert_null(strstr(admin_rig_ask(rig, "{\"verb\":\"app list\"}"), "row"));
}

static void an_unknown_quirk_or_preset_is_refused_with_the_nearest(void **state)
{
    struct admin_rig *rig = *state;
    const char *line = "{\"verb\":\"app create\",\"args\":{\"quirk\":[\"unverified-sgin\"]}}";

    admin_rig_expect_refusal(rig, line, "invalid", "there is no quirk 'unverified-sgin'");
    assert_non_null(strstr(rig->answers.ptr, "did you mean 'unverified-sign'?"));
    admin_rig_expect_refusal(rig, "{\"verb\":\"app create\",\"args\":{\"quirk\":[5]}}", "invalid",
                             "there is no quirk ''");
    line = "{\"verb\":\"app create\",\"args\":{\"preset\":\"sonoflan\"}}";
    admin_rig_expect_refusal(rig, line, "invalid", "there is no preset 'sonoflan'");
    assert_non_null(strstr(rig->answers.ptr, "did you mean 'sonofflan'?"));
}

static void disabling_and_enabling_is_told_to_the_workers_first(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    assert_int_equal(rig->event_count, 0);
    assert_non_null(strstr(admin_rig_do(rig, "{\"verb\":\"app disable\",\"args\":{\"id\":\"A1\"}}"),
                           "{\"id\":\"A1\",\"disabled\":true}"));
    assert_int_equal(rig->event_count, 1);
    assert_int_equal(rig->events[0].topic, BUS_APP_CHANGED);
    assert_string_equal(rig->events[0].subject, "A1");
    assert_non_null(strstr(admin_rig_ask(rig, "{\"verb\":\"app list\"}"), "\"disabled\":true"));
    admin_rig_do(rig, "{\"verb\":\"app enable\",\"args\":{\"id\":\"A1\"}}");
    assert_int_equal(rig->event_count, 2);
    assert_non_null(strstr(admin_rig_ask(rig, "{\"verb\":\"app list\"}"), "\"disabled\":false"));
}

static void on_event_elsewhere(void *ctx, const struct bus_event *event)
{
    int *heard = ctx;

    assert_int_equal(event->topic, BUS_APP_CHANGED);
    ++*heard;
}

static void the_operator_is_told_when_the_last_worker_has_heard(void **state)
{
    struct admin_rig *rig = *state;
    struct mailbox *busy = mailbox_new(); /* of a worker whose turn takes long */
    int heard = 0;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    bus_subscribe(rig->bus, busy, on_event_elsewhere, &heard);
    rig->workers.mailboxes[rig->workers.count++] = busy;
    rig->is_answered = false;
    assert_true(local_socket_send(rig->client,
                                  STR("{\"verb\":\"app disable\",\"args\":{\"id\":\"A1\"}}\n")));
    for (int turns = 0; turns < 200 && !rig->is_answered; turns++)
        loop_turn(rig->loop, 1);
    assert_int_equal(rig->event_count, 1);
    assert_false(rig->is_answered);
    mailbox_deliver(busy);
    assert_int_equal(heard, 1);
    for (int turns = 0; turns < 200 && !rig->is_answered; turns++)
        loop_turn(rig->loop, 100);
    assert_true(rig->is_answered);
    rig->workers.count--;
    mailbox_free(busy);
}

static void an_unknown_app_is_refused_and_nobody_is_told(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig, "{\"verb\":\"app disable\",\"args\":{\"id\":\"A9\"}}",
                             "not_found", "there is no app 'A9'");
    assert_int_equal(rig->event_count, 0);
}

static int count_rows(const char *answers)
{
    int count = 0;

    for (const char *at = answers; (at = strstr(at, "{\"row\":")) != NULL; at++)
        count++;
    return count;
}

static void a_long_list_comes_whole_and_in_order(void **state)
{
    struct admin_rig *rig = *state;
    enum { COUNT = 450 };
    const char *answers;
    char text[80];

    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "{\"verb\":\"app create\",\"args\":{\"id\":\"A%03d\"}}", i);
        admin_rig_do(rig, text);
    }
    answers = admin_rig_ask(rig, "{\"verb\":\"app list\"}");
    assert_int_equal(count_rows(answers), COUNT);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "{\"row\":{\"id\":\"A%03d\"", i);
        answers = strstr(answers, text);
        assert_non_null(answers);
    }
}

static void a_list_obeys_after_and_limit(void **state)
{
    struct admin_rig *rig = *state;
    const char *answers;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A2\"}}");
    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A3\"}}");
    answers =
        admin_rig_ask(rig, "{\"verb\":\"app list\",\"args\":{\"after\":\"A1\",\"limit\":\"1\"}}");
    assert_int_equal(count_rows(answers), 1);
    assert_non_null(strstr(answers, "\"A2\""));
    answers = admin_rig_ask(rig, "{\"verb\":\"app list\",\"args\":{\"limit\":\"0\"}}");
    assert_int_equal(count_rows(answers), 0);
    admin_rig_expect_refusal(rig, "{\"verb\":\"app list\",\"args\":{\"limit\":\"-1\"}}", "invalid",
                             "'limit' must be a whole number");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, admin_rig_open, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_app_without_anything_gets_an_id_and_a_secret),
        TEST(what_is_given_is_kept),
        TEST(the_list_never_shows_a_secret),
        TEST(an_id_that_is_taken_is_refused),
        TEST(texts_that_do_not_fit_are_refused),
        TEST(an_unknown_quirk_or_preset_is_refused_with_the_nearest),
        TEST(disabling_and_enabling_is_told_to_the_workers_first),
        TEST(the_operator_is_told_when_the_last_worker_has_heard),
        TEST(an_unknown_app_is_refused_and_nobody_is_told),
        TEST(a_long_list_comes_whole_and_in_order),
        TEST(a_list_obeys_after_and_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
