#include "domain/code_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR, KEYS = 4 };

static const struct code_limit_config config = {
    .account = {.minute = 3, .hour = 5, .day = 8},
    .peer = {.minute = 10, .hour = 20, .day = 30},
    .max_keys = KEYS,
};

static bool take(struct code_limit *limit, const char *account, const char *peer, uint64_t at_ms)
{
    return code_limit_take(limit, str_of(account), str_of(peer), at_ms);
}

static void an_account_has_so_many_in_any_minute(void **state)
{
    struct code_limit *limit = code_limit_new(&config);

    (void)state;
    assert_true(take(limit, "ann", "192.0.2.1", 0));
    assert_true(take(limit, "ann", "192.0.2.2", 50 * 1000));
    assert_true(take(limit, "ann", "192.0.2.3", 55 * 1000));
    assert_false(take(limit, "ann", "192.0.2.4", 59 * 1000));
    assert_true(take(limit, "ann", "192.0.2.4", 60 * 1000));
    assert_false(take(limit, "ann", "192.0.2.4", 61 * 1000));
    assert_true(take(limit, "ben", "192.0.2.4", 61 * 1000));
    code_limit_free(limit);
}

static void an_account_has_so_many_in_any_hour_and_day(void **state)
{
    struct code_limit *limit = code_limit_new(&config);

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        assert_true(take(limit, "ann", "192.0.2.1", (uint64_t)i * MINUTE));
    assert_false(take(limit, "ann", "192.0.2.1", 59 * MINUTE));
    assert_true(take(limit, "ann", "192.0.2.1", HOUR));
    assert_true(take(limit, "ann", "192.0.2.1", 3 * HOUR));
    assert_true(take(limit, "ann", "192.0.2.1", 6 * HOUR));
    assert_false(take(limit, "ann", "192.0.2.1", DAY - 1000));
    assert_true(take(limit, "ann", "192.0.2.1", DAY));
    code_limit_free(limit);
}

/* One that is refused by the address's limit does not use the account's up. */
static void an_address_has_so_many_whatever_the_accounts(void **state)
{
    struct code_limit *limit = code_limit_new(&config);
    char account[16];

    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(account, sizeof account, "user%d", i % KEYS);
        assert_true(take(limit, account, "192.0.2.1", 0));
    }
    assert_false(take(limit, "user3", "192.0.2.1", 1000));
    assert_true(take(limit, "user3", "192.0.2.2", 1000));
    assert_false(take(limit, "user3", "192.0.2.2", 1000));
    code_limit_free(limit);
}

static void a_network_of_ipv6_counts_as_one(void **state)
{
    struct code_limit *limit = code_limit_new(&config);
    char peer[64];
    char account[16];

    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(peer, sizeof peer, "2001:db8:1:2:%x::%x", i, i + 1);
        snprintf(account, sizeof account, "user%d", i % KEYS);
        assert_true(take(limit, account, peer, 0));
    }
    assert_false(take(limit, "new", "2001:db8:1:2:3:4:5:6", 0));
    assert_true(take(limit, "new", "2001:db8:1:3::1", 0));
    code_limit_free(limit);
}

/* Who has not asked for longest is forgotten. */
static void what_is_remembered_is_bounded(void **state)
{
    struct code_limit *limit = code_limit_new(&config);

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(take(limit, "ann", "192.0.2.1", 0));
    assert_false(take(limit, "ann", "192.0.2.1", 0));
    assert_true(take(limit, "ben", "192.0.2.1", 0));
    assert_true(take(limit, "cid", "192.0.2.1", 0));
    assert_true(take(limit, "dan", "192.0.2.1", 0));
    assert_false(take(limit, "ann", "192.0.2.1", 0));
    for (int i = 0; i < KEYS; i++) {
        char account[16];

        snprintf(account, sizeof account, "new%d", i);
        assert_true(take(limit, account, "192.0.2.9", 0));
    }
    assert_true(take(limit, "ann", "192.0.2.1", 0));
    code_limit_free(limit);
}

static void who_is_refused_makes_nobody_forgotten(void **state)
{
    static const char *const accounts[KEYS] = {"ann", "ben", "cid", "dan"};
    struct code_limit *limit = code_limit_new(&config);
    char account[16];

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(take(limit, accounts[i / 3], "192.0.2.9", 0));
    for (int i = 0; i < 10 * KEYS; i++) {
        snprintf(account, sizeof account, "new%d", i);
        assert_false(take(limit, account, "192.0.2.9", 0));
    }
    assert_false(take(limit, "ann", "192.0.2.2", 0));
    code_limit_free(limit);
}

static void no_text_that_is_too_long_is_counted(void **state)
{
    struct code_limit *limit = code_limit_new(&config);
    char account[200];

    (void)state;
    for (size_t i = 0; i < sizeof account; i++)
        account[i] = 'a';
    assert_false(code_limit_take(limit, (struct str){account, sizeof account}, STR("::1"), 0));
    code_limit_free(limit);
    code_limit_free(NULL);
}

static void none_at_all_can_be_configured(void **state)
{
    const struct code_limit_config none = {.max_keys = 1};
    struct code_limit *limit = code_limit_new(&none);

    (void)state;
    assert_false(take(limit, "ann", "::1", 0));
    code_limit_free(limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_has_so_many_in_any_minute),
        cmocka_unit_test(an_account_has_so_many_in_any_hour_and_day),
        cmocka_unit_test(an_address_has_so_many_whatever_the_accounts),
        cmocka_unit_test(a_network_of_ipv6_counts_as_one),
        cmocka_unit_test(what_is_remembered_is_bounded),
        cmocka_unit_test(who_is_refused_makes_nobody_forgotten),
        cmocka_unit_test(no_text_that_is_too_long_is_counted),
        cmocka_unit_test(none_at_all_can_be_configured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
