/* How a share comes about, changes and ends: OWNER ("u1") shares with OTHER ("u2"), who lives on
 * the same worker or on another. */
#include "household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct street {
    struct household home;
    struct household elsewhere;
    struct household *others; /* where OTHER lives */
    struct witness owner;
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
    }
    witness_app(&street->owner, &street->home, OWNER);
    witness_app(&street->a, street->others, OTHER);
    witness_app(&street->b, street->others, OTHER);
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

static void in_both_worlds(void (*test)(struct street *street))
{
    struct street street;

    for (int has_two_workers = 0; has_two_workers < 2; has_two_workers++) {
        open_street(&street, has_two_workers != 0);
        test(&street);
        close_street(&street);
    }
}

/* Until the app has been told something. */
static void await_news(struct street *street, struct witness *app)
{
    while (app->told.len == 0)
        household_turn(&street->home, 1);
}

static void ask(struct street *street, enum share_verb verb, const char *account)
{
    witness_share(&street->owner, verb, DEVICE, account);
    await_news(street, &street->owner);
}

static void share(struct street *street, bool is_accepted)
{
    witness_share(&street->owner, SHARE_OFFER, DEVICE, "u2");
    await_news(street, &street->b);
    witness_was_told(&street->a, "offer " DEVICE " lamp permit=1\n");
    witness_was_told(&street->b, "offer " DEVICE " lamp permit=1\n");
    witness_answer_offer(&street->b, is_accepted);
    await_news(street, &street->owner);
}

static void a_sharee_queries(struct street *street, const char *told)
{
    witness_query(&street->a, DEVICE, NULL);
    household_settle(&street->home);
    witness_was_told(&street->a, told);
}

#define MAY "ok " DEVICE " seq=q params={\"switch\":\"off\"}\n"
#define MAY_NOT "forbidden " DEVICE " seq=q\n"

static void accepted(struct street *street)
{
    struct witness device;

    a_sharee_queries(street, MAY_NOT);
    witness_device(&device, &street->home, DEVICE); /* in memory already: no share is read */
    witness_was_told(&street->owner, "online " DEVICE "\n");
    share(street, true);
    witness_was_told(&street->owner, "offered " DEVICE " done seq=s1\n");
    a_sharee_queries(street, MAY);
    assert_int_equal(witness_report(&device, "{\"switch\":\"off\"}"), ERR_NONE);
    await_news(street, &street->b);
    witness_was_told(&street->b, "report " DEVICE " {\"switch\":\"off\"}\n");
    witness_answer_offer(&street->a, false); /* too late: nothing waits for it */
    witness_leave(&device);
    household_settle(&street->home);
    household_turn(&street->home, 4);
}

static void a_share_that_is_accepted_counts_at_once(void **state)
{
    (void)state;
    in_both_worlds(accepted);
}

static void refused(struct street *street)
{
    share(street, false);
    witness_was_told(&street->owner, "offered " DEVICE " refused seq=s1\n");
    a_sharee_queries(street, MAY_NOT);
    share(street, true); /* a refusal is no silence: he may be asked again */
    witness_was_told(&street->owner, "offered " DEVICE " done seq=s1\n");
}

static void a_share_that_is_refused_is_none(void **state)
{
    (void)state;
    in_both_worlds(refused);
}

static void ended(struct street *street)
{
    share(street, true);
    witness_was_told(&street->owner, "offered " DEVICE " done seq=s1\n");
    a_sharee_queries(street, MAY);
    ask(street, SHARE_OFFER, "u2");
    witness_was_told(&street->owner, "offered " DEVICE " exists seq=s1\n");
    ask(street, SHARE_CHANGE, "u2");
    witness_was_told(&street->owner, "changed " DEVICE " done seq=s1\n");
    ask(street, SHARE_END, "u2");
    witness_was_told(&street->owner, "ended " DEVICE " done seq=s1\n");
    a_sharee_queries(street, MAY_NOT);
    ask(street, SHARE_END, "u2");
    witness_was_told(&street->owner, "ended " DEVICE " missing seq=s1\n");
    ask(street, SHARE_CHANGE, "u2");
    witness_was_told(&street->owner, "changed " DEVICE " missing seq=s1\n");
}

static void a_share_ends_at_once(void **state)
{
    (void)state;
    in_both_worlds(ended);
}

static void unshareable(struct street *street)
{
    ask(street, SHARE_OFFER, "nobody@example.com");
    witness_was_told(&street->owner, "offered " DEVICE " unknown seq=s1\n");
    ask(street, SHARE_OFFER, "u1");
    witness_was_told(&street->owner, "offered " DEVICE " self seq=s1\n");
    ask(street, SHARE_OFFER, "");
    witness_was_told(&street->owner, "offered " DEVICE " forbidden seq=s1\n");
    witness_share(&street->owner, SHARE_OFFER, FOREIGN, "u2");
    await_news(street, &street->owner);
    witness_was_told(&street->owner, "offered " FOREIGN " forbidden seq=s1\n");
    witness_share(&street->owner, SHARE_OFFER, "1000008888", "u2");
    await_news(street, &street->owner);
    witness_was_told(&street->owner, "offered 1000008888 forbidden seq=s1\n");
}

static void what_can_not_be_shared_is_refused(void **state)
{
    (void)state;
    in_both_worlds(unshareable);
}

static void shared_on(struct street *street)
{
    share(street, true);
    witness_was_told(&street->owner, "offered " DEVICE " done seq=s1\n");
    witness_share(&street->a, SHARE_OFFER, DEVICE, "u1");
    await_news(street, &street->a);
    witness_was_told(&street->a, "offered " DEVICE " forbidden seq=s1\n");
    witness_share(&street->a, SHARE_CHANGE, DEVICE, "u2"); /* his own permit */
    await_news(street, &street->a);
    witness_was_told(&street->a, "changed " DEVICE " forbidden seq=s1\n");
}

static void a_sharee_does_not_share(void **state)
{
    (void)state;
    in_both_worlds(shared_on);
}

static void unanswered(struct street *street)
{
    witness_share(&street->owner, SHARE_OFFER, DEVICE, "u2");
    await_news(street, &street->a);
    household_wait(street->others, HOUSEHOLD_ANSWER_MS - 1);
    household_turn(&street->home, 4);
    witness_was_told(&street->owner, "");
    ask(street, SHARE_OFFER, "u2"); /* meanwhile */
    witness_was_told(&street->owner, "offered " DEVICE " busy seq=s1\n");
    household_wait(street->others, 1);
    await_news(street, &street->owner);
    witness_was_told(&street->owner, "offered " DEVICE " unanswered seq=s1\n");
    witness_was_told(&street->a, "offer " DEVICE " lamp permit=1\n");
    buf_clear(&street->b.told);
    household_wait(&street->home, HOUSEHOLD_RETRY_MS - 1);
    ask(street, SHARE_OFFER, "u2");
    witness_was_told(&street->owner, "offered " DEVICE " unanswered seq=s1\n");
    witness_was_told(&street->a, ""); /* he was not asked */
    household_wait(&street->home, 2);
    share(street, true);
    witness_was_told(&street->owner, "offered " DEVICE " done seq=s1\n");
}

static void who_does_not_answer_is_left_alone_for_a_while(void **state)
{
    (void)state;
    in_both_worlds(unanswered);
}

static void nobody_there(struct street *street)
{
    witness_leave(&street->a);
    witness_leave(&street->b);
    ask(street, SHARE_OFFER, "u2");
    witness_was_told(&street->owner, "offered " DEVICE " unanswered seq=s1\n");
    witness_app(&street->a, street->others, OTHER);
    witness_app(&street->b, street->others, OTHER);
    ask(street, SHARE_OFFER, "u2");
    witness_was_told(&street->owner, "offered " DEVICE " unanswered seq=s1\n");
}

static void who_is_not_online_has_not_answered(void **state)
{
    (void)state;
    in_both_worlds(nobody_there);
}

static void sharee_leaves(struct street *street)
{
    witness_share(&street->owner, SHARE_OFFER, DEVICE, "u2");
    await_news(street, &street->a);
    witness_leave(&street->a);
    household_turn(&street->home, 4);
    witness_was_told(&street->owner, "");
    witness_leave(&street->b);
    await_news(street, &street->owner);
    witness_was_told(&street->owner, "offered " DEVICE " unanswered seq=s1\n");
}

static void an_offer_ends_with_the_last_session_that_could_answer(void **state)
{
    (void)state;
    in_both_worlds(sharee_leaves);
}

static void owner_leaves(struct street *street)
{
    witness_share(&street->owner, SHARE_OFFER, DEVICE, "u2");
    await_news(street, &street->a);
    await_news(street, &street->b);
    witness_leave(&street->owner);
    witness_answer_offer(&street->a, true);
    household_settle(&street->home);
    buf_clear(&street->a.told);
    a_sharee_queries(street, MAY);
}

static void an_offer_goes_on_without_the_session_that_made_it(void **state)
{
    (void)state;
    in_both_worlds(owner_leaves);
}

static void a_device_has_only_so_many_shares(void **state)
{
    struct household home;
    struct witness owner;

    (void)state;
    household_open_with(&home, true);
    for (int i = 0; i <= HOUSEHOLD_SHARES; i++) {
        const char digit = (char)('a' + i);
        const char name[] = {digit, '\0'};

        household_add_user(&home, name, name);
    }
    witness_app(&owner, &home, OWNER);
    for (int i = 0; i <= HOUSEHOLD_SHARES; i++) {
        const char name[] = {(char)('a' + i), '\0'};

        witness_share(&owner, SHARE_OFFER, DEVICE, name);
        household_settle(&home);
        witness_was_told(&owner, i < HOUSEHOLD_SHARES ? "offered " DEVICE " done seq=s1\n"
                                                      : "offered " DEVICE " full seq=s1\n");
    }
    witness_leave(&owner);
    household_close(&home);
}

static void a_session_asks_only_so_much_at_once(void **state)
{
    struct household home;
    struct witness owner;

    (void)state;
    household_open(&home);
    witness_app(&owner, &home, OWNER);
    for (int i = 0; i < HOUSEHOLD_PENDING; i++)
        witness_share(&owner, SHARE_END, DEVICE, "u2");
    witness_was_told(&owner, "");
    witness_share(&owner, SHARE_END, DEVICE, "u2");
    witness_was_told(&owner, "ended " DEVICE " busy seq=s1\n");
    witness_leave(&owner);
    household_settle(&home);
    household_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_that_is_accepted_counts_at_once),
        cmocka_unit_test(a_share_that_is_refused_is_none),
        cmocka_unit_test(a_share_ends_at_once),
        cmocka_unit_test(what_can_not_be_shared_is_refused),
        cmocka_unit_test(a_sharee_does_not_share),
        cmocka_unit_test(who_does_not_answer_is_left_alone_for_a_while),
        cmocka_unit_test(who_is_not_online_has_not_answered),
        cmocka_unit_test(an_offer_ends_with_the_last_session_that_could_answer),
        cmocka_unit_test(an_offer_goes_on_without_the_session_that_made_it),
        cmocka_unit_test(a_device_has_only_so_many_shares),
        cmocka_unit_test(a_session_asks_only_so_much_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
