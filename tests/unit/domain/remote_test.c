#include "domain/remote.h"

#include "household.h"
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Two workers: OWNER lives in one home, OTHER in the other. */
struct street {
    struct household home;
    struct household elsewhere;
};

static void open_street(struct street *street)
{
    household_open(&street->home);
    household_join(&street->elsewhere, &street->home);
    assert_true(relay_is_at_home(street->home.desk, STR(OWNER)));
    assert_true(relay_is_at_home(street->elsewhere.desk, STR(OTHER)));
}

static void close_street(struct street *street)
{
    household_close(&street->elsewhere);
    household_close(&street->home);
}

/* Somebody who asks without a session, such as a call of the API. */
struct caller {
    struct household *at;
    struct remote_call *call;
    struct buf told;
};

static void on_result(void *ctx, const struct command_result *result)
{
    struct caller *caller = ctx;

    buf_printf(&caller->told, "%d %d " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT "\n",
               (int)result->outcome, (int)result->error, STR_ARG(result->deviceid),
               STR_ARG(result->sequence), STR_ARG(result->params), STR_ARG(result->ack));
}

static enum err call(struct caller *caller, enum command_kind kind, const char *asker,
                     const char *id, const char *params)
{
    struct remote_command command = {
        .kind = kind,
        .asker = str_of(asker),
        .source = DEVICE_SOURCE_REST,
        .request = {.deviceid = str_of(id), .sequence = STR("s1")},
        .on_result = on_result,
        .ctx = caller,
    };

    assert_int_equal(json_scan(str_of(params), &command.request.params), ERR_NONE);
    return remote_command(caller->at->accounts, &command, &caller->call);
}

static void was_told(struct caller *caller, const char *lines)
{
    buf_append_byte(&caller->told, '\0');
    assert_string_equal(caller->told.ptr, lines);
    buf_free(&caller->told);
}

static void told_ok(struct caller *caller)
{
    was_told(caller, "0 0 " DEVICE " s1  \n");
}

static void an_update_from_another_worker_does_what_one_at_home_does(void **state)
{
    struct street street;
    struct caller caller = {.at = &street.elsewhere};
    struct witness a;
    struct witness d;

    (void)state;
    open_street(&street);
    witness_app(&a, &street.home, OWNER);
    witness_device(&d, &street.home, DEVICE);
    assert_int_equal(call(&caller, COMMAND_UPDATE, OWNER, DEVICE, "{\"switch\":\"on\"}"), 0);
    while (d.sequence[0] == '\0') {
        mailbox_deliver(street.elsewhere.mailbox);
        mailbox_deliver(street.home.mailbox);
    }
    was_told(&caller, "");
    witness_ack(&d, 0);
    household_settle(&street.home);
    told_ok(&caller);
    witness_was_told(&d, "open no error\ncommand {\"switch\":\"on\"}\n");
    witness_was_told(&a, "online " DEVICE "\napp set " DEVICE " {\"switch\":\"on\"} seq=s1\n");
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, DEVICE, "[]"), 0);
    household_settle(&street.home);
    was_told(&caller, "0 0 " DEVICE " s1 {\"switch\":\"on\"} \n");
    witness_leave(&a);
    witness_leave(&d);
    close_street(&street);
}

static void the_same_call_works_where_the_owner_is_at_home(void **state)
{
    struct street street;
    struct caller caller = {.at = &street.home};
    struct witness d;

    (void)state;
    open_street(&street);
    witness_device(&d, &street.home, DEVICE);
    assert_int_equal(call(&caller, COMMAND_UPDATE, OWNER, DEVICE, "{\"switch\":\"on\"}"), 0);
    mailbox_deliver(street.home.mailbox);
    witness_ack(&d, 0);
    household_settle(&street.home);
    told_ok(&caller);
    witness_leave(&d);
    close_street(&street);
}

static void outcomes_and_the_devices_own_words_come_back(void **state)
{
    struct street street;
    struct caller caller = {.at = &street.elsewhere};
    struct device_ack ack = {.error = 413, .text = STR("{\"error\":413,\"config\":{}}")};
    struct witness d;

    (void)state;
    open_street(&street);
    assert_int_equal(call(&caller, COMMAND_UPDATE, OWNER, DEVICE, "{}"), 0);
    household_settle(&street.home);
    was_told(&caller, "2 0 " DEVICE " s1  \n"); /* COMMAND_OFFLINE */
    witness_device(&d, &street.home, DEVICE);
    assert_int_equal(call(&caller, COMMAND_UPDATE, OWNER, DEVICE, "{}"), 0);
    mailbox_deliver(street.home.mailbox);
    ack.sequence = str_of(d.sequence);
    device_link_ack(d.link, &ack);
    household_settle(&street.home);
    was_told(&caller, "1 413 " DEVICE " s1  {\"error\":413,\"config\":{}}\n");
    assert_int_equal(call(&caller, COMMAND_UPDATE, OWNER, DEVICE, "{}"), 0);
    mailbox_deliver(street.home.mailbox);
    household_wait(&street.home, HOUSEHOLD_COMMAND_MS);
    household_settle(&street.home);
    was_told(&caller, "3 0 " DEVICE " s1  \n"); /* COMMAND_TIMEOUT */
    witness_leave(&d);
    close_street(&street);
}

static void who_may_not_use_a_device_is_forbidden_at_its_home(void **state)
{
    struct street street;
    struct caller caller = {.at = &street.elsewhere};

    (void)state;
    open_street(&street);
    assert_int_equal(call(&caller, COMMAND_UPDATE, OTHER, DEVICE, "{}"), 0);
    household_settle(&street.home);
    was_told(&caller, "4 0 " DEVICE " s1  \n");
    assert_int_equal(call(&caller, COMMAND_QUERY, OTHER, DEVICE, "[]"), 0);
    household_settle(&street.home);
    was_told(&caller, "4 0 " DEVICE " s1  \n");
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, "10ffffffff", "[]"), 0);
    household_settle(&street.home);
    was_told(&caller, "4 0 10ffffffff s1  \n");
    close_street(&street);
}

static void a_session_is_forbidden_what_is_at_home_elsewhere(void **state)
{
    struct street street;
    struct witness a;

    (void)state;
    open_street(&street);
    witness_app(&a, &street.home, OWNER);
    for (int i = 0; i < 2; i++) { /* the second time its owner is remembered */
        witness_update(&a, FOREIGN, "s1", "{}");
        witness_query(&a, FOREIGN, NULL);
        household_settle(&street.home);
        witness_was_told(&a, "forbidden " FOREIGN " seq=s1\nforbidden " FOREIGN " seq=q\n");
    }
    witness_update(&a, FOREIGN, "s2", "{}");
    witness_leave(&a); /* nobody waits for that any more */
    household_settle(&street.home);
    close_street(&street);
}

static void a_device_that_changed_hands_is_found_at_its_new_home(void **state)
{
    const struct bus_event event = {
        .topic = BUS_DEVICE_CHANGED, .subject = DEVICE, .account = OWNER};
    struct street street;
    struct caller caller = {.at = &street.elsewhere};

    (void)state;
    open_street(&street);
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, DEVICE, "[]"), 0);
    household_settle(&street.home);
    was_told(&caller, "0 0 " DEVICE " s1 {\"switch\":\"off\"} \n");
    household_give(&street.home, DEVICE, OTHER);
    accounts_on_event(street.home.accounts, &event);
    accounts_on_event(street.elsewhere.accounts, &event);
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, DEVICE, "[]"), 0);
    household_settle(&street.home);
    was_told(&caller, "4 0 " DEVICE " s1  \n");
    assert_int_equal(call(&caller, COMMAND_QUERY, OTHER, DEVICE, "[]"), 0);
    household_settle(&street.home);
    was_told(&caller, "0 0 " DEVICE " s1 {\"switch\":\"off\"} \n");
    close_street(&street);
}

static void a_call_can_be_cancelled_in_every_state(void **state)
{
    struct street street;
    struct caller caller = {.at = &street.elsewhere};

    (void)state;
    open_street(&street);
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, DEVICE, "[]"), 0);
    remote_cancel(caller.call); /* its owner is being looked up */
    household_settle(&street.home);
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, DEVICE, "[]"), 0);
    household_settle(&street.home);
    was_told(&caller, "0 0 " DEVICE " s1 {\"switch\":\"off\"} \n");
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, DEVICE, "[]"), 0);
    remote_cancel(caller.call); /* its owner's home is being asked */
    household_settle(&street.home);
    assert_int_equal(caller.told.len, 0);
    close_street(&street);
}

static void what_makes_no_sense_is_refused_at_once(void **state)
{
    struct street street;
    struct caller caller = {.at = &street.elsewhere};

    (void)state;
    open_street(&street);
    assert_int_equal(call(&caller, COMMAND_UPDATE, OWNER, DEVICE, "[1]"), ERR_INVALID);
    assert_int_equal(call(&caller, COMMAND_UPDATE, OWNER, "", "{}"), ERR_INVALID);
    assert_int_equal(call(&caller, COMMAND_UPDATE, "", DEVICE, "{}"), ERR_INVALID);
    close_street(&street);
}

/* No loop turns but the asker's: the home is stuck, or gone. */
static void a_home_that_does_not_answer_is_not_waited_for(void **state)
{
    struct street street;
    struct caller caller = {.at = &street.elsewhere};

    (void)state;
    open_street(&street);
    assert_int_equal(call(&caller, COMMAND_QUERY, OWNER, DEVICE, "[]"), 0);
    for (int turns = 0; turns < 5000 && caller.told.len == 0; turns++)
        loop_turn(street.elsewhere.loop, 10);
    was_told(&caller, "3 0 " DEVICE " s1  \n");
    household_settle(&street.home);
    close_street(&street);
}

static void on_presence(void *ctx, enum err err, struct str online)
{
    struct caller *caller = ctx;

    assert_int_equal(err, ERR_NONE);
    buf_append(&caller->told, online);
}

static void the_home_says_which_devices_are_online(void **state)
{
    static const struct str ids[] = {{FOREIGN, 10}, {DEVICE, 10}, {"10ffffffff", 10}};
    struct street street;
    struct caller caller = {.at = &street.elsewhere};
    struct remote_presence presence = {
        .owner = STR(OWNER), .ids = ids, .count = 3, .on_presence = on_presence, .ctx = &caller};
    struct witness d;

    (void)state;
    open_street(&street);
    assert_int_equal(remote_presence(street.elsewhere.accounts, &presence, &caller.call), 0);
    household_settle(&street.home);
    was_told(&caller, "000");
    witness_device(&d, &street.home, DEVICE);
    assert_int_equal(remote_presence(street.elsewhere.accounts, &presence, &caller.call), 0);
    household_settle(&street.home);
    was_told(&caller, "010");
    presence.owner = STR(OTHER); /* whose device it is not */
    assert_int_equal(remote_presence(street.elsewhere.accounts, &presence, &caller.call), 0);
    household_settle(&street.home);
    was_told(&caller, "000");
    presence.count = 0;
    assert_int_equal(remote_presence(street.elsewhere.accounts, &presence, &caller.call), 0);
    household_settle(&street.home);
    was_told(&caller, "");
    presence.count = REMOTE_PRESENCE_MAX + 1;
    assert_int_equal(remote_presence(street.elsewhere.accounts, &presence, &caller.call),
                     ERR_INVALID);
    witness_leave(&d);
    close_street(&street);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_from_another_worker_does_what_one_at_home_does),
        cmocka_unit_test(the_same_call_works_where_the_owner_is_at_home),
        cmocka_unit_test(outcomes_and_the_devices_own_words_come_back),
        cmocka_unit_test(who_may_not_use_a_device_is_forbidden_at_its_home),
        cmocka_unit_test(a_session_is_forbidden_what_is_at_home_elsewhere),
        cmocka_unit_test(a_device_that_changed_hands_is_found_at_its_new_home),
        cmocka_unit_test(a_call_can_be_cancelled_in_every_state),
        cmocka_unit_test(what_makes_no_sense_is_refused_at_once),
        cmocka_unit_test(a_home_that_does_not_answer_is_not_waited_for),
        cmocka_unit_test(the_home_says_which_devices_are_online),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
