/* Pairs of tokens: issued, exchanged and ended in one commit. */
#include "store/store_token.h"

#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define USER "aaaaaaaa-0000-4000-8000-000000000000"
#define OTHER "bbbbbbbb-0000-4000-8000-000000000000"

enum { FAR_MS = 1000000, MAX_PAIRS = 3 };

/* What ended, by the first byte of its hash. */
struct ended {
    struct store_answer answer;
    size_t count;
    uint8_t firsts[16];
    char apikey[STORE_APIKEY_CAP];
};

static void on_ended(void *ctx, enum err err, const struct token_record *token)
{
    struct ended *ended = ctx;

    if (token == NULL) {
        ended->answer.done = true;
        ended->answer.err = err;
        return;
    }
    ended->firsts[ended->count++] = token->hash[0];
    memcpy(ended->apikey, token->apikey, sizeof ended->apikey);
}

static bool has_ended(const struct ended *ended, uint8_t first)
{
    return memchr(ended->firsts, first, ended->count) != NULL;
}

static struct token_record token_of(enum token_kind kind, uint8_t number, const char *apikey)
{
    struct token_record token = {.hash = {(uint8_t)(number + (kind == TOKEN_REFRESH ? 100 : 0))},
                                 .kind = kind,
                                 .issued_ms = number,
                                 .expires_ms = FAR_MS,
                                 .pair = number};

    assert_true(str_copy(str_of(apikey), token.apikey, sizeof token.apikey));
    memcpy(token.appid, "app", 4);
    return token;
}

/* A pair whose access token's hash begins with `number`, and the refresh token's with 100 more. */
static struct store_token_grant pair_of(uint8_t number, const char *apikey)
{
    return (struct store_token_grant){.access = token_of(TOKEN_ACCESS, number, apikey),
                                      .refresh = token_of(TOKEN_REFRESH, number, apikey),
                                      .max_pairs = MAX_PAIRS};
}

static enum err grant(struct store_fixture *fx, const struct store_token_grant *grant,
                      struct ended *ended)
{
    *ended = (struct ended){.count = 0};
    assert_int_equal(store_token_grant(fx->store, fx->mailbox, grant, on_ended, ended), ERR_NONE);
    return store_fixture_wait(fx, &ended->answer);
}

static enum err find(struct store_fixture *fx, uint8_t first, struct store_answer *answer)
{
    const uint8_t hash[STORE_TOKEN_HASH_BYTES] = {first};

    *answer = (struct store_answer){0};
    assert_int_equal(store_token_find(fx->store, fx->mailbox, hash, store_fixture_on_token, answer),
                     ERR_NONE);
    return store_fixture_wait(fx, answer);
}

static bool is_there(struct store_fixture *fx, uint8_t first)
{
    struct store_answer answer;

    return find(fx, first, &answer) == ERR_NONE;
}

static int setup(void **state)
{
    struct store_fixture *fx;

    assert_int_equal(store_fixture_setup(state), 0);
    fx = *state;
    assert_int_equal(store_fixture_create_app(fx, "app"), ERR_NONE);
    assert_int_equal(store_fixture_create_app(fx, "other"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, USER, "a"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, OTHER, "b"), ERR_NONE);
    return 0;
}

static void a_pair_is_issued_and_found(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_token_grant pair = pair_of(1, USER);
    struct store_answer answer;
    struct ended ended;

    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_int_equal(ended.count, 0);
    assert_int_equal(find(fx, 1, &answer), ERR_NONE);
    assert_int_equal(answer.token.kind, TOKEN_ACCESS);
    assert_int_equal(answer.token.pair, 1);
    assert_int_equal(find(fx, 101, &answer), ERR_NONE);
    assert_int_equal(answer.token.kind, TOKEN_REFRESH);
    assert_string_equal(answer.token.apikey, USER);
    assert_string_equal(answer.token.appid, "app");
}

static struct store_token_grant rotation_of(uint8_t old, uint8_t number, const char *apikey)
{
    struct store_token_grant rotation = pair_of(number, apikey);

    rotation.is_rotation = true;
    rotation.old_hash[0] = old;
    return rotation;
}

static void a_rotated_pair_is_gone_and_its_refresh_token_works_once(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_token_grant first = pair_of(1, USER);
    const struct store_token_grant second = rotation_of(101, 2, USER);
    const struct store_token_grant replay = rotation_of(101, 3, USER);
    struct ended ended;

    assert_int_equal(grant(fx, &first, &ended), ERR_NONE);
    assert_int_equal(grant(fx, &second, &ended), ERR_NONE);
    assert_int_equal(ended.count, 2);
    assert_true(has_ended(&ended, 1) && has_ended(&ended, 101));
    assert_string_equal(ended.apikey, USER);
    assert_false(is_there(fx, 1) || is_there(fx, 101));
    assert_true(is_there(fx, 2) && is_there(fx, 102));
    assert_int_equal(grant(fx, &replay, &ended), ERR_DENIED);
    assert_int_equal(ended.count, 0);
    assert_false(is_there(fx, 3) || is_there(fx, 103));
    assert_true(is_there(fx, 2) && is_there(fx, 102));
}

static void only_a_refresh_token_of_the_account_is_exchanged(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_token_grant first = pair_of(1, USER);
    const struct store_token_grant by_access = rotation_of(1, 2, USER);
    const struct store_token_grant by_other = rotation_of(101, 2, OTHER);
    struct token_record revoked = {.hash = {101}, .revoked_ms = 7};
    const struct store_token_grant by_revoked = rotation_of(101, 2, USER);
    struct store_answer done = {0};
    struct ended ended;

    assert_int_equal(grant(fx, &first, &ended), ERR_NONE);
    assert_int_equal(grant(fx, &by_access, &ended), ERR_DENIED);
    assert_int_equal(grant(fx, &by_other, &ended), ERR_DENIED);
    assert_int_equal(
        store_token_revoke(fx->store, fx->mailbox, &revoked, store_fixture_on_done, &done), 0);
    assert_int_equal(store_fixture_wait(fx, &done), ERR_NONE);
    assert_int_equal(grant(fx, &by_revoked, &ended), ERR_DENIED);
    assert_true(is_there(fx, 1));
    assert_false(is_there(fx, 2));
}

static void a_pair_that_can_not_be_issued_ends_nothing(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_token_grant first = pair_of(1, USER);
    struct store_token_grant again = rotation_of(101, 2, USER);
    struct ended ended;

    assert_int_equal(grant(fx, &first, &ended), ERR_NONE);
    again.access.appid[0] = again.refresh.appid[0] = 'x'; /* no such app */
    assert_int_equal(grant(fx, &again, &ended), ERR_NOT_FOUND);
    assert_int_equal(ended.count, 0);
    assert_true(is_there(fx, 1) && is_there(fx, 101));
}

static void the_oldest_pair_gives_way(void **state)
{
    struct store_fixture *fx = *state;
    struct store_token_grant pair;
    struct ended ended;

    for (uint8_t number = 1; number <= MAX_PAIRS; number++) {
        pair = pair_of(number, USER);
        assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
        assert_int_equal(ended.count, 0);
    }
    pair = pair_of(20, OTHER);
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_int_equal(ended.count, 0);
    pair = pair_of(10, USER);
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_int_equal(ended.count, 2);
    assert_true(has_ended(&ended, 1) && has_ended(&ended, 101));
    assert_true(is_there(fx, 2) && is_there(fx, 10) && is_there(fx, 20));
}

static void the_newest_login_wins_where_the_policy_says_so(void **state)
{
    struct store_fixture *fx = *state;
    struct store_token_grant pair = pair_of(1, USER);
    struct ended ended;

    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    pair = pair_of(2, USER);
    memcpy(pair.access.appid, "other", 6);
    memcpy(pair.refresh.appid, "other", 6);
    pair.policy = TOKENS_PER_APP;
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_int_equal(ended.count, 0);
    pair = pair_of(3, USER);
    pair.policy = TOKENS_PER_APP;
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_true(ended.count == 2 && has_ended(&ended, 1) && has_ended(&ended, 101));
    pair = pair_of(4, USER);
    pair.policy = TOKENS_PER_ACCOUNT;
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_true(ended.count == 4 && has_ended(&ended, 2) && has_ended(&ended, 103));
    assert_true(is_there(fx, 4) && is_there(fx, 104));
}

static void what_has_long_expired_is_forgotten_a_few_at_a_time(void **state)
{
    struct store_fixture *fx = *state;
    struct store_token_grant pair = pair_of(50, USER);
    struct ended ended;
    unsigned left = 0;

    for (uint8_t number = 1; number <= 12; number++) {
        struct token_record token = token_of(TOKEN_ACCESS, number, OTHER);
        struct store_answer done = {0};

        token.expires_ms = number;
        assert_int_equal(
            store_token_create(fx->store, fx->mailbox, &token, store_fixture_on_done, &done), 0);
        assert_int_equal(store_fixture_wait(fx, &done), ERR_NONE);
    }
    pair.purge_before_ms = 12;
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_int_equal(ended.count, 0);
    for (uint8_t number = 1; number <= 12; number++)
        left += is_there(fx, number);
    assert_int_equal(left, 4);
    assert_true(is_there(fx, 12));
    pair = pair_of(51, USER);
    pair.purge_before_ms = 12;
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_false(is_there(fx, 11));
    assert_true(is_there(fx, 12));
}

static void a_token_ends_with_its_pair_and_without_it_alone(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_token_grant pair = pair_of(1, USER);
    struct token_record alone = token_of(TOKEN_ACCESS, 30, USER);
    struct token_record apart = token_of(TOKEN_ACCESS, 31, USER);
    const uint8_t hashes[][STORE_TOKEN_HASH_BYTES] = {{1}, {30}};
    struct store_answer done[2] = {0};
    struct ended ended;

    alone.pair = apart.pair = 0;
    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    assert_int_equal(
        store_token_create(fx->store, fx->mailbox, &alone, store_fixture_on_done, &done[0]), 0);
    assert_int_equal(
        store_token_create(fx->store, fx->mailbox, &apart, store_fixture_on_done, &done[1]), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(store_fixture_wait(fx, &done[i]), ERR_NONE);
    for (size_t i = 0; i < 2; i++) {
        ended = (struct ended){.count = 0};
        assert_int_equal(store_token_end(fx->store, fx->mailbox, hashes[i], on_ended, &ended), 0);
        assert_int_equal(store_fixture_wait(fx, &ended.answer), ERR_NONE);
        assert_int_equal(ended.count, i == 0 ? 2 : 1);
        assert_true(has_ended(&ended, hashes[i][0]));
        assert_string_equal(ended.apikey, USER);
    }
    assert_false(is_there(fx, 1) || is_there(fx, 101) || is_there(fx, 30));
    assert_true(is_there(fx, 31));
}

static void all_of_an_account_end_at_once(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_token_grant mine = pair_of(1, USER);
    const struct store_token_grant theirs = pair_of(2, OTHER);
    struct ended ended;

    assert_int_equal(grant(fx, &mine, &ended), ERR_NONE);
    assert_int_equal(grant(fx, &theirs, &ended), ERR_NONE);
    ended = (struct ended){.count = 0};
    assert_int_equal(store_token_end_all(fx->store, fx->mailbox, STR(USER), on_ended, &ended), 0);
    assert_int_equal(store_fixture_wait(fx, &ended.answer), ERR_NONE);
    assert_int_equal(ended.count, 2);
    assert_false(is_there(fx, 1));
    assert_true(is_there(fx, 2) && is_there(fx, 102));
}

static void a_new_password_ends_all_tokens_with_it(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_token_grant pair = pair_of(1, USER);
    struct user_record user = {.apikey = USER, .password_hash = "new"};
    struct store_answer found = {0};
    struct ended ended;

    assert_int_equal(grant(fx, &pair, &ended), ERR_NONE);
    ended = (struct ended){.count = 0};
    assert_int_equal(store_user_renew_password(fx->store, fx->mailbox, &user, on_ended, &ended), 0);
    assert_int_equal(store_fixture_wait(fx, &ended.answer), ERR_NONE);
    assert_int_equal(ended.count, 2);
    assert_false(is_there(fx, 1) || is_there(fx, 101));
    assert_int_equal(
        store_user_find(fx->store, fx->mailbox, STR(USER), store_fixture_on_user, &found), 0);
    assert_int_equal(store_fixture_wait(fx, &found), ERR_NONE);
    assert_string_equal(found.user.password_hash, "new");
    user.apikey[0] = 'c';
    ended = (struct ended){.count = 0};
    assert_int_equal(store_user_renew_password(fx->store, fx->mailbox, &user, on_ended, &ended), 0);
    assert_int_equal(store_fixture_wait(fx, &ended.answer), ERR_NOT_FOUND);
}

static void halves_that_do_not_belong_together_are_no_pair(void **state)
{
    struct store_fixture *fx = *state;
    struct store_token_grant pair = pair_of(1, USER);
    struct ended ended = {.count = 0};

    pair.refresh.pair = 2;
    assert_int_equal(store_token_grant(fx->store, fx->mailbox, &pair, on_ended, &ended),
                     ERR_INVALID);
    pair = pair_of(1, USER);
    pair.refresh.apikey[0] = 'b';
    assert_int_equal(store_token_grant(fx->store, fx->mailbox, &pair, on_ended, &ended),
                     ERR_INVALID);
    pair = pair_of(1, USER);
    pair.max_pairs = 0;
    assert_int_equal(store_token_grant(fx->store, fx->mailbox, &pair, on_ended, &ended),
                     ERR_INVALID);
    assert_false(ended.answer.done);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_pair_is_issued_and_found),
        CASE(a_rotated_pair_is_gone_and_its_refresh_token_works_once),
        CASE(only_a_refresh_token_of_the_account_is_exchanged),
        CASE(a_pair_that_can_not_be_issued_ends_nothing),
        CASE(the_oldest_pair_gives_way),
        CASE(the_newest_login_wins_where_the_policy_says_so),
        CASE(what_has_long_expired_is_forgotten_a_few_at_a_time),
        CASE(a_token_ends_with_its_pair_and_without_it_alone),
        CASE(all_of_an_account_end_at_once),
        CASE(a_new_password_ends_all_tokens_with_it),
        CASE(halves_that_do_not_belong_together_are_no_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
