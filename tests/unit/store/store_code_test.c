#include "store/store_code.h"

#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { EXPIRY = 600000, ATTEMPTS = 3 };

static struct code_record code_for(const char *account, uint8_t hash)
{
    struct code_record code = {.purpose = 1, .expires_ms = EXPIRY};

    snprintf(code.account, sizeof code.account, "%s", account);
    memset(code.hash, hash, sizeof code.hash);
    return code;
}

static void create(struct store_fixture *fx, const struct code_record *code)
{
    struct store_answer answer = {0};

    assert_int_equal(
        store_code_create(fx->store, fx->mailbox, code, 0, store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
}

struct guess_answer {
    struct store_answer answer;
    bool is_right;
};

static void on_guess(void *ctx, enum err err, const struct code_guess *guess)
{
    struct guess_answer *answer = ctx;

    answer->is_right = err == ERR_NONE && guess->is_right;
    store_fixture_on_done(&answer->answer, err);
}

static bool try_at(struct store_fixture *fx, const char *account, uint8_t hash, int64_t now_ms)
{
    struct code_guess guess = {.purpose = 1, .now_ms = now_ms, .max_attempts = ATTEMPTS};
    struct guess_answer answer = {0};

    snprintf(guess.account, sizeof guess.account, "%s", account);
    memset(guess.hash, hash, sizeof guess.hash);
    guess.is_right = true;
    assert_int_equal(store_code_try(fx->store, fx->mailbox, &guess, on_guess, &answer), ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer.answer), ERR_NONE);
    return answer.is_right;
}

static void a_code_is_right_once(void **state)
{
    struct store_fixture *fx = *state;
    const struct code_record code = code_for("ann@example.org", 7);

    create(fx, &code);
    assert_true(try_at(fx, "ann@example.org", 7, 0));
    assert_false(try_at(fx, "ann@example.org", 7, 0));
}

static void a_code_of_another_account_or_purpose_is_wrong(void **state)
{
    struct store_fixture *fx = *state;
    struct code_record code = code_for("ann@example.org", 7);

    create(fx, &code);
    assert_false(try_at(fx, "ben@example.org", 7, 0));
    code.purpose = 0;
    memset(code.hash, 8, sizeof code.hash);
    create(fx, &code);
    assert_false(try_at(fx, "ann@example.org", 8, 0));
    assert_true(try_at(fx, "ann@example.org", 7, 0));
}

static void a_code_is_gone_when_it_has_expired(void **state)
{
    struct store_fixture *fx = *state;
    const struct code_record code = code_for("ann@example.org", 7);

    create(fx, &code);
    assert_false(try_at(fx, "ann@example.org", 7, EXPIRY));
    create(fx, &code);
    assert_true(try_at(fx, "ann@example.org", 7, EXPIRY - 1));
}

static void too_many_wrong_guesses_take_the_code_away(void **state)
{
    struct store_fixture *fx = *state;
    const struct code_record code = code_for("ann@example.org", 7);

    create(fx, &code);
    for (int i = 1; i < ATTEMPTS; i++)
        assert_false(try_at(fx, "ann@example.org", 1, 0));
    assert_true(try_at(fx, "ann@example.org", 7, 0));
    create(fx, &code);
    for (int i = 0; i < ATTEMPTS; i++)
        assert_false(try_at(fx, "ann@example.org", 1, 0));
    assert_false(try_at(fx, "ann@example.org", 7, 0));
}

static void a_new_code_takes_the_place_of_the_old_one(void **state)
{
    struct store_fixture *fx = *state;
    struct code_record code = code_for("ann@example.org", 7);

    create(fx, &code);
    memset(code.hash, 8, sizeof code.hash);
    create(fx, &code);
    assert_false(try_at(fx, "ann@example.org", 7, 0));
    assert_true(try_at(fx, "ann@example.org", 8, 0));
}

static void attempts_outlive_the_server(void **state)
{
    struct store_fixture *fx = *state;
    const struct code_record code = code_for("ann@example.org", 7);

    create(fx, &code);
    for (int i = 1; i < ATTEMPTS; i++)
        assert_false(try_at(fx, "ann@example.org", 1, 0));
    store_fixture_close(fx);
    store_fixture_open(fx);
    assert_false(try_at(fx, "ann@example.org", 1, 0));
    assert_false(try_at(fx, "ann@example.org", 7, 0));
}

static void on_nothing(void *ctx, enum err err)
{
    (void)ctx;
    assert_int_equal(err, ERR_NONE);
}

/* Waits for an answer now and then, so that the store's own bound is not what is met. */
static void the_first_to_expire_make_room(void **state)
{
    enum { BATCH = 2000 };
    struct store_fixture *fx = *state;

    for (int i = 0; i <= STORE_CODES_MAX; i++) {
        char account[32];
        struct code_record code;

        snprintf(account, sizeof account, "user%d", i);
        code = code_for(account, 7);
        code.expires_ms += i;
        if (i % BATCH == 0)
            create(fx, &code);
        else
            assert_int_equal(store_code_create(fx->store, fx->mailbox, &code, 0, on_nothing, NULL),
                             ERR_NONE);
    }
    assert_false(try_at(fx, "user0", 7, 0));
    assert_true(try_at(fx, "user1", 7, 0));
    assert_true(try_at(fx, "user10000", 7, 0));
}

static void a_record_that_breaks_a_bound_is_refused(void **state)
{
    struct store_fixture *fx = *state;
    struct code_record code = code_for("", 7);

    assert_int_equal(
        store_code_create(fx->store, fx->mailbox, &code, 0, store_fixture_on_done, NULL),
        ERR_INVALID);
    memset(code.account, 'a', sizeof code.account);
    assert_int_equal(
        store_code_create(fx->store, fx->mailbox, &code, 0, store_fixture_on_done, NULL),
        ERR_INVALID);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_code_is_right_once),
        TEST(a_code_of_another_account_or_purpose_is_wrong),
        TEST(a_code_is_gone_when_it_has_expired),
        TEST(too_many_wrong_guesses_take_the_code_away),
        TEST(a_new_code_takes_the_place_of_the_old_one),
        TEST(attempts_outlive_the_server),
        TEST(the_first_to_expire_make_room),
        TEST(a_record_that_breaks_a_bound_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
