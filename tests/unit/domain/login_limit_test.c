#include "domain/login_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { WINDOW = 1000, MAX_ACCOUNT = 3, MAX_PEER = 5, KEYS = 4 };

#define PEER STR("192.0.2.7")

static int set_up(void **state)
{
    const struct login_limit_config config = {
        .max_account = MAX_ACCOUNT, .max_peer = MAX_PEER, .window_ms = WINDOW, .max_keys = KEYS};

    *state = login_limit_new(&config);
    return 0;
}

static int tear_down(void **state)
{
    login_limit_free(*state);
    login_limit_free(NULL);
    return 0;
}

static unsigned fail_all(struct login_limit *limit, struct str account, struct str peer,
                         uint64_t now)
{
    unsigned count = 0;

    while (count < 100 && login_limit_begin(limit, account, peer, now))
        count++;
    return count;
}

static void an_account_may_fail_so_often_in_a_window(void **state)
{
    assert_int_equal(fail_all(*state, STR("a"), PEER, 10), MAX_ACCOUNT);
    assert_false(login_limit_begin(*state, STR("a"), STR("192.0.2.8"), 10 + WINDOW));
    assert_true(login_limit_begin(*state, STR("a"), STR("192.0.2.8"), 11 + WINDOW));
}

static void an_address_may_fail_so_often_whatever_the_account(void **state)
{
    assert_int_equal(fail_all(*state, STR("a"), PEER, 0), MAX_ACCOUNT);
    assert_int_equal(fail_all(*state, STR("b"), PEER, 0), MAX_PEER - MAX_ACCOUNT);
    assert_false(login_limit_begin(*state, STR("c"), PEER, 0));
    assert_true(login_limit_begin(*state, STR("c"), STR("192.0.2.8"), 0));
}

static void a_refused_login_does_not_count(void **state)
{
    assert_int_equal(fail_all(*state, STR("a"), PEER, 0), MAX_ACCOUNT);
    for (int i = 0; i < 10; i++)
        assert_false(login_limit_begin(*state, STR("a"), PEER, 0));
    assert_int_equal(fail_all(*state, STR("b"), PEER, 0), MAX_PEER - MAX_ACCOUNT);
}

static void a_login_that_succeeds_forgives_its_account(void **state)
{
    for (int i = 0; i < 20; i++) {
        assert_true(login_limit_begin(*state, STR("a"), PEER, 0));
        login_limit_forgive(*state, STR("a"), PEER, 0);
    }
    assert_int_equal(fail_all(*state, STR("a"), PEER, 0), MAX_ACCOUNT);
    login_limit_forgive(*state, STR("a"), PEER, 0);
    /* The address keeps those that failed: only one has been taken back. */
    assert_int_equal(fail_all(*state, STR("a"), PEER, 0), MAX_PEER - MAX_ACCOUNT + 1);
}

static void one_network_of_ipv6_counts_as_one_address(void **state)
{
    assert_int_equal(fail_all(*state, STR("a"), STR("2001:db8:1:2::1"), 0), MAX_ACCOUNT);
    assert_int_equal(fail_all(*state, STR("b"), STR("2001:db8:1:2:9:9:9:9"), 0),
                     MAX_PEER - MAX_ACCOUNT);
    assert_true(login_limit_begin(*state, STR("b"), STR("2001:db8:1:3::1"), 0));
}

static void past_its_bound_it_forgets_who_has_not_tried_for_longest(void **state)
{
    char peer[16];

    assert_int_equal(fail_all(*state, STR("first"), PEER, 0), MAX_ACCOUNT);
    for (int i = 0; i < KEYS; i++) {
        snprintf(peer, sizeof peer, "192.0.2.%d", 100 + i);
        assert_true(login_limit_begin(*state, str_of(peer), str_of(peer), 0));
    }
    assert_true(login_limit_begin(*state, STR("first"), STR("192.0.2.8"), 0));
}

/* The text of an address leaves out zeros, in either half. */
static void a_network_with_zeros_in_its_number_counts_as_one(void **state)
{
    char peer[32];

    for (int i = 1; i <= MAX_PEER; i++) {
        snprintf(peer, sizeof peer, "2001:db8::%x", i);
        assert_true(login_limit_begin(*state, str_of(peer), str_of(peer), 0));
    }
    assert_false(login_limit_begin(*state, STR("b"), STR("2001:db8::7:0:0:1"), 0));
    assert_true(login_limit_begin(*state, STR("b"), STR("2001:db8:0:1::1"), 0));
}

static void who_is_refused_makes_nobody_forgotten(void **state)
{
    char account[16];

    assert_int_equal(fail_all(*state, STR("victim"), STR("192.0.2.8"), 0), MAX_ACCOUNT);
    assert_int_equal(fail_all(*state, STR("a"), PEER, 0), MAX_ACCOUNT);
    assert_int_equal(fail_all(*state, STR("b"), PEER, 0), MAX_PEER - MAX_ACCOUNT);
    for (int i = 0; i < 10 * KEYS; i++) {
        snprintf(account, sizeof account, "new%d", i);
        assert_false(login_limit_begin(*state, str_of(account), PEER, 0));
    }
    assert_false(login_limit_begin(*state, STR("victim"), STR("192.0.2.9"), 0));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_account_may_fail_so_often_in_a_window),
        CASE(an_address_may_fail_so_often_whatever_the_account),
        CASE(a_refused_login_does_not_count),
        CASE(a_login_that_succeeds_forgives_its_account),
        CASE(one_network_of_ipv6_counts_as_one_address),
        CASE(a_network_with_zeros_in_its_number_counts_as_one),
        CASE(who_is_refused_makes_nobody_forgotten),
        CASE(past_its_bound_it_forgets_who_has_not_tried_for_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
