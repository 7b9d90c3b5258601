#include "store/store_oauth.h"

#include "store/store_user.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define USER "aaaaaaaa-0000-4000-8000-000000000000"
#define OTHER "bbbbbbbb-0000-4000-8000-000000000000"

struct found {
    struct store_answer answer;
    struct store_oauth_code code;
    unsigned count;
    char urls[256];
};

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

static struct store_oauth_redirect redirect_of(const char *appid, const char *url)
{
    struct store_oauth_redirect redirect = {.url = ""};

    snprintf(redirect.appid, sizeof redirect.appid, "%s", appid);
    snprintf(redirect.url, sizeof redirect.url, "%s", url);
    return redirect;
}

static enum err add(struct store_fixture *fx, const char *appid, const char *url)
{
    const struct store_oauth_redirect redirect = redirect_of(appid, url);
    struct store_answer done = {0};

    assert_int_equal(
        store_oauth_add(fx->store, fx->mailbox, &redirect, store_fixture_on_done, &done), 0);
    return store_fixture_wait(fx, &done);
}

static enum err remove_url(struct store_fixture *fx, const char *appid, const char *url)
{
    const struct store_oauth_redirect redirect = redirect_of(appid, url);
    struct store_answer done = {0};

    assert_int_equal(
        store_oauth_remove(fx->store, fx->mailbox, &redirect, store_fixture_on_done, &done), 0);
    return store_fixture_wait(fx, &done);
}

static void on_redirect(void *ctx, enum err err, const struct store_oauth_redirect *redirect)
{
    struct found *found = ctx;

    (void)redirect;
    found->answer.done = true;
    found->answer.err = err;
}

static enum err find(struct store_fixture *fx, const char *appid, const char *url)
{
    const struct store_oauth_redirect redirect = redirect_of(appid, url);
    struct found found = {.count = 0};

    assert_int_equal(store_oauth_find(fx->store, fx->mailbox, &redirect, on_redirect, &found), 0);
    return store_fixture_wait(fx, &found.answer);
}

static void a_url_is_found_byte_for_byte_and_for_its_app_alone(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(add(fx, "app", "https://a/x"), ERR_NONE);
    assert_int_equal(add(fx, "app", "https://a/x"), ERR_EXISTS);
    assert_int_equal(add(fx, "nobody", "https://a/x"), ERR_NOT_FOUND);
    assert_int_equal(find(fx, "app", "https://a/x"), ERR_NONE);
    assert_int_equal(find(fx, "app", "https://a/X"), ERR_NOT_FOUND);
    assert_int_equal(find(fx, "app", "https://a/x/"), ERR_NOT_FOUND);
    assert_int_equal(find(fx, "other", "https://a/x"), ERR_NOT_FOUND);
    assert_int_equal(remove_url(fx, "other", "https://a/x"), ERR_NOT_FOUND);
    assert_int_equal(remove_url(fx, "app", "https://a/x"), ERR_NONE);
    assert_int_equal(find(fx, "app", "https://a/x"), ERR_NOT_FOUND);
}

static void on_listed(void *ctx, enum err err, const struct store_oauth_redirect *redirect)
{
    struct found *found = ctx;
    size_t len = strlen(found->urls);

    if (redirect == NULL) {
        found->answer.done = true;
        found->answer.err = err;
        return;
    }
    snprintf(found->urls + len, sizeof found->urls - len, "%s ", redirect->url);
}

static void the_urls_of_an_app_are_listed_and_bounded(void **state)
{
    struct store_fixture *fx = *state;
    struct found found = {.count = 0};
    char url[16];

    for (int i = 0; i < STORE_OAUTH_URLS_MAX; i++) {
        snprintf(url, sizeof url, "u://%c", 'p' - i);
        assert_int_equal(add(fx, "app", url), ERR_NONE);
    }
    assert_int_equal(add(fx, "app", "u://z"), ERR_FULL);
    assert_int_equal(add(fx, "other", "u://z"), ERR_NONE);
    assert_int_equal(store_oauth_list(fx->store, fx->mailbox, STR("app"), on_listed, &found), 0);
    assert_int_equal(store_fixture_wait(fx, &found.answer), ERR_NONE);
    assert_int_equal(strncmp(found.urls, "u://a u://b ", 12), 0);
    assert_int_equal(strlen(found.urls), 6 * STORE_OAUTH_URLS_MAX);
}

static enum err create(struct store_fixture *fx, uint8_t number, const char *apikey,
                       int64_t expires_ms)
{
    struct store_oauth_code code = {.hash = {number},
                                    .appid = "app",
                                    .url = "https://a/x",
                                    .expires_ms = expires_ms,
                                    .purge_before_ms = 100};
    struct store_answer done = {0};

    snprintf(code.apikey, sizeof code.apikey, "%s", apikey);
    assert_int_equal(
        store_oauth_code_create(fx->store, fx->mailbox, &code, store_fixture_on_done, &done), 0);
    return store_fixture_wait(fx, &done);
}

static void on_code(void *ctx, enum err err, const struct store_oauth_code *code)
{
    struct found *found = ctx;

    found->answer.done = true;
    found->answer.err = err;
    if (code != NULL)
        found->code = *code;
}

static enum err take(struct store_fixture *fx, uint8_t number, struct found *found)
{
    const uint8_t hash[STORE_OAUTH_HASH_BYTES] = {number};

    *found = (struct found){.count = 0};
    assert_int_equal(store_oauth_code_take(fx->store, fx->mailbox, hash, on_code, found), 0);
    return store_fixture_wait(fx, &found->answer);
}

static void a_code_is_taken_once(void **state)
{
    struct store_fixture *fx = *state;
    struct found found;

    assert_int_equal(create(fx, 1, USER, 500), ERR_NONE);
    assert_int_equal(take(fx, 1, &found), ERR_NONE);
    assert_string_equal(found.code.apikey, USER);
    assert_string_equal(found.code.appid, "app");
    assert_string_equal(found.code.url, "https://a/x");
    assert_int_equal(found.code.expires_ms, 500);
    assert_int_equal(take(fx, 1, &found), ERR_NOT_FOUND);
}

static void a_newer_code_takes_the_place_of_the_accounts_older_one(void **state)
{
    struct store_fixture *fx = *state;
    struct found found;

    assert_int_equal(create(fx, 1, USER, 500), ERR_NONE);
    assert_int_equal(create(fx, 2, OTHER, 500), ERR_NONE);
    assert_int_equal(create(fx, 3, USER, 500), ERR_NONE);
    assert_int_equal(take(fx, 1, &found), ERR_NOT_FOUND);
    assert_int_equal(take(fx, 2, &found), ERR_NONE);
    assert_int_equal(take(fx, 3, &found), ERR_NONE);
    assert_int_equal(create(fx, 4, "cccccccc-0000-4000-8000-000000000000", 500), ERR_NOT_FOUND);
}

static void a_code_that_has_long_expired_is_forgotten_with_the_next(void **state)
{
    struct store_fixture *fx = *state;
    struct found found;

    assert_int_equal(create(fx, 1, USER, 99), ERR_NONE);
    assert_int_equal(create(fx, 2, OTHER, 500), ERR_NONE);
    assert_int_equal(take(fx, 1, &found), ERR_NOT_FOUND);
    assert_int_equal(take(fx, 2, &found), ERR_NONE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, store_fixture_teardown)

static void on_ended(void *ctx, enum err err, const struct token_record *token)
{
    if (token == NULL)
        store_fixture_on_done(ctx, err);
}

static void a_new_password_ends_the_codes_of_its_account(void **state)
{
    struct store_fixture *fx = *state;
    const struct user_record user = {.apikey = USER, .password_hash = "another"};
    struct store_answer done = {0};
    struct found found;

    assert_int_equal(create(fx, 1, USER, 500), ERR_NONE);
    assert_int_equal(create(fx, 2, OTHER, 500), ERR_NONE);
    assert_int_equal(store_user_renew_password(fx->store, fx->mailbox, &user, on_ended, &done), 0);
    assert_int_equal(store_fixture_wait(fx, &done), ERR_NONE);
    assert_int_equal(take(fx, 1, &found), ERR_NOT_FOUND);
    assert_int_equal(take(fx, 2, &found), ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_url_is_found_byte_for_byte_and_for_its_app_alone),
        CASE(the_urls_of_an_app_are_listed_and_bounded),
        CASE(a_code_is_taken_once),
        CASE(a_newer_code_takes_the_place_of_the_accounts_older_one),
        CASE(a_new_password_ends_the_codes_of_its_account),
        CASE(a_code_that_has_long_expired_is_forgotten_with_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
