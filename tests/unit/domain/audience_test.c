/* Sharees at home on their owner's worker and on another: what they may, and what they hear. */
#include "household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TIMER "{\"timers\":[{\"mId\":\"a\",\"enabled\":1}]}"
#define TIMER_OFF "{\"timers\":[{\"mId\":\"a\",\"enabled\":0}]}"

/* OWNER's device is shared with OTHER, who may add timers. */
struct street {
    struct household home;
    struct household elsewhere;
    struct household *others; /* where OTHER lives */
    struct witness owner;
    struct witness device;
    struct witness a; /* OTHER's sessions */
    struct witness b;
};

static void open_street(struct street *street, bool has_two_workers)
{
    household_open(&street->home);
    street->others = &street->home;
    if (has_two_workers) {
        household_join(&street->elsewhere, &street->home);
        street->others = &street->elsewhere;
        assert_true(relay_is_at_home(street->elsewhere.desk, STR(OTHER)));
    }
    household_share(&street->home, DEVICE, OTHER, 1);
    witness_app(&street->owner, &street->home, OWNER);
    witness_app(&street->a, street->others, OTHER);
    witness_app(&street->b, street->others, OTHER);
    street->owner.conn_id = 5;
    street->b.conn_id = 9;
}

static void close_street(struct street *street)
{
    witness_leave(&street->owner);
    witness_leave(&street->a);
    witness_leave(&street->b);
    if (street->others != &street->home)
        household_close(&street->elsewhere);
    household_close(&street->home);
}

static void connect(struct street *street)
{
    witness_device(&street->device, &street->home, DEVICE);
    household_settle(&street->home);
    witness_was_told(&street->device, "open no error\n");
    witness_was_told(&street->owner, "online " DEVICE "\n");
    witness_was_told(&street->a, "online " DEVICE "\n");
    witness_was_told(&street->b, "online " DEVICE "\n");
}

/* A command of a sharee, as far as the device. */
static void command_of(struct street *street, struct witness *sharee, const char *params)
{
    street->device.sequence[0] = '\0';
    witness_update(sharee, DEVICE, "s1", params);
    while (street->device.sequence[0] == '\0')
        household_turn(&street->home, 1);
}

static void in_both_worlds(void (*test)(struct street *street))
{
    struct street street;

    for (int has_two_workers = 0; has_two_workers < 2; has_two_workers++) {
        open_street(&street, has_two_workers != 0);
        test(&street);
        close_street(&street);
    }
}

static void sharees_hear_what_owners_hear(struct street *street)
{
    connect(street);
    assert_int_equal(witness_report(&street->device, "{\"switch\":\"on\"}"), ERR_NONE);
    household_settle(&street->home);
    household_turn(&street->home, 4);
    witness_was_told(&street->owner, "report " DEVICE " {\"switch\":\"on\"}\n");
    witness_was_told(&street->a, "report " DEVICE " {\"switch\":\"on\"}\n");
    witness_was_told(&street->b, "report " DEVICE " {\"switch\":\"on\"}\n");
    witness_update(&street->owner, DEVICE, "s1", "{\"switch\":\"off\"}");
    witness_ack(&street->device, 0);
    household_settle(&street->home);
    household_turn(&street->home, 4);
    witness_was_told(&street->owner, "ok " DEVICE " seq=s1\n");
    witness_was_told(&street->a, "app set " DEVICE " {\"switch\":\"off\"} seq=s1\n");
    witness_leave(&street->device);
    household_settle(&street->home);
    household_turn(&street->home, 4);
    witness_was_told(&street->owner, "offline " DEVICE "\n");
    witness_was_told(&street->a, "offline " DEVICE "\n");
}

static void what_a_device_does_is_told_to_its_sharees(void **state)
{
    (void)state;
    in_both_worlds(sharees_hear_what_owners_hear);
}

static void a_sharee_commands(struct street *street)
{
    connect(street);
    command_of(street, &street->a, "{\"switch\":\"on\"}");
    witness_was_told(&street->device, "command {\"switch\":\"on\"}\n");
    witness_ack(&street->device, 0);
    household_settle(&street->home);
    household_turn(&street->home, 4);
    witness_was_told(&street->a, "ok " DEVICE " seq=s1\n"); /* and no echo */
    witness_was_told(&street->b, "app set " DEVICE " {\"switch\":\"on\"} seq=s1\n");
    witness_was_told(&street->owner, "app set " DEVICE " {\"switch\":\"on\"} seq=s1\n");
    witness_query(&street->a, DEVICE, "[]");
    household_settle(&street->home);
    witness_was_told(&street->a, "ok " DEVICE " seq=q params={\"switch\":\"on\"}\n");
    witness_leave(&street->device);
    household_settle(&street->home);
    household_turn(&street->home, 4);
}

static void a_sharee_uses_the_device_as_its_owner_does(void **state)
{
    (void)state;
    in_both_worlds(a_sharee_commands);
}

static void a_sharee_edits_timers(struct street *street)
{
    connect(street);
    command_of(street, &street->a, TIMER);
    witness_was_told(&street->device, "command " TIMER "\n");
    witness_ack(&street->device, 0);
    household_settle(&street->home);
    witness_was_told(&street->a, "ok " DEVICE " seq=s1\n");
    witness_update(&street->a, DEVICE, "s1", TIMER_OFF); /* takes another bit */
    household_settle(&street->home);
    witness_was_told(&street->device, "");
    witness_was_told(&street->a, "forbidden " DEVICE " seq=s1\n");
    witness_upgrade(&street->a, DEVICE, "s2", "{\"version\":\"2\"}");
    household_settle(&street->home);
    witness_was_told(&street->a, "forbidden " DEVICE " seq=s2\n");
    witness_leave(&street->device);
    household_settle(&street->home);
    household_turn(&street->home, 4);
}

static void a_sharee_does_what_his_permit_says_and_no_more(void **state)
{
    (void)state;
    in_both_worlds(a_sharee_edits_timers);
}

static void an_offline_device_answers(struct street *street)
{
    witness_update(&street->a, DEVICE, "s1", "{}");
    household_settle(&street->home);
    witness_was_told(&street->a, "offline " DEVICE " seq=s1\n");
    witness_query(&street->a, DEVICE, NULL);
    household_settle(&street->home);
    witness_was_told(&street->a, "ok " DEVICE " seq=q params={\"switch\":\"off\"}\n");
    witness_update(&street->a, FOREIGN, "s1", "{}"); /* his own */
    household_settle(&street->home);
    witness_was_told(&street->a, "offline " FOREIGN " seq=s1\n");
}

static void a_sharee_asks_of_a_device_that_nobody_holds(void **state)
{
    (void)state;
    in_both_worlds(an_offline_device_answers);
}

/* The session that asked has gone when the answer comes. */
static void a_sharee_leaves(struct street *street)
{
    connect(street);
    command_of(street, &street->a, "{\"switch\":\"on\"}");
    witness_leave(&street->a);
    witness_ack(&street->device, 0);
    household_settle(&street->home);
    household_turn(&street->home, 4);
    witness_was_told(&street->b, "app set " DEVICE " {\"switch\":\"on\"} seq=s1\n");
    witness_leave(&street->device);
    household_settle(&street->home);
    household_turn(&street->home, 4);
}

static void a_command_goes_on_without_the_sharee_who_sent_it(void **state)
{
    (void)state;
    in_both_worlds(a_sharee_leaves);
}

static void another_owner(struct street *street)
{
    const struct bus_event event = {
        .topic = BUS_DEVICE_CHANGED, .subject = DEVICE, .account = OWNER};

    witness_query(&street->a, DEVICE, "[\"none\"]");
    household_settle(&street->home);
    witness_was_told(&street->a, "ok " DEVICE " seq=q params={\"switch\":\"off\"}\n");
    household_give(&street->home, DEVICE, "");
    accounts_on_event(street->home.accounts, &event);
    if (street->others != &street->home)
        accounts_on_event(street->elsewhere.accounts, &event);
    witness_query(&street->a, DEVICE, NULL);
    household_settle(&street->home);
    witness_was_told(&street->a, "forbidden " DEVICE " seq=q\n");
}

static void a_share_ends_when_the_device_is_its_owners_no_more(void **state)
{
    (void)state;
    in_both_worlds(another_owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_device_does_is_told_to_its_sharees),
        cmocka_unit_test(a_sharee_uses_the_device_as_its_owner_does),
        cmocka_unit_test(a_sharee_does_what_his_permit_says_and_no_more),
        cmocka_unit_test(a_sharee_asks_of_a_device_that_nobody_holds),
        cmocka_unit_test(a_command_goes_on_without_the_sharee_who_sent_it),
        cmocka_unit_test(a_share_ends_when_the_device_is_its_owners_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
