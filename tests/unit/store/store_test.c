/* What the facade promises. */
#include "store/store_app.h"
#include "store/store_device.h"
#include "store/store_password.h"
#include "store/store_token.h"
#include "store/store_user.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UUID_A "aaaaaaaa-0000-4000-8000-000000000000"
#define UUID_B "bbbbbbbb-0000-4000-8000-000000000000"

static enum err find_app(struct store_fixture *fx, struct str id, struct store_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    assert_int_equal(store_app_find(fx->store, fx->mailbox, id, store_fixture_on_app, answer),
                     ERR_NONE);
    return store_fixture_wait(fx, answer);
}

static void an_app_is_found_as_it_was_created(void **state)
{
    struct store_fixture *fx = *state;
    struct app_record app = {.id = "I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF",
                             .secret = "S1fHFiMqzykNdxlSrk9Pjdczp7rsvt3M",
                             .name = "Wohnzimmer \xc3\xa4\xc3\xb6",
                             .quirks = APP_QUIRK_UNVERIFIED_SIGN | APP_QUIRK_MISSING_PARAMETERS,
                             .disabled = true,
                             .created_ms = INT64_C(1700000000123)};
    struct store_answer answer = {0};

    assert_int_equal(store_app_create(fx->store, fx->mailbox, &app, store_fixture_on_done, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_int_equal(find_app(fx, str_of(app.id), &answer), ERR_NONE);
    assert_string_equal(answer.app.id, app.id);
    assert_string_equal(answer.app.secret, app.secret);
    assert_string_equal(answer.app.name, app.name);
    assert_int_equal(answer.app.quirks, app.quirks);
    assert_true(answer.app.disabled);
    assert_int_equal(answer.app.created_ms, app.created_ms);
}

static void an_app_is_disabled_and_enabled(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_create_app(fx, "app"), ERR_NONE);
    for (int disabled = 1; disabled >= 0; disabled--) {
        struct store_answer done = {0};

        assert_int_equal(store_app_disable(fx->store, fx->mailbox, STR("app"), disabled != 0,
                                           store_fixture_on_done, &done),
                         ERR_NONE);
        assert_int_equal(store_fixture_wait(fx, &done), ERR_NONE);
        assert_int_equal(find_app(fx, STR("app"), &answer), ERR_NONE);
        assert_int_equal(answer.app.disabled, disabled);
    }
}

static void what_is_not_there_is_not_found(void **state)
{
    struct store_fixture *fx = *state;
    const uint8_t hash[STORE_TOKEN_HASH_BYTES] = {1};
    struct store_answer answer = {0};

    assert_int_equal(find_app(fx, STR("app"), &answer), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_find_device(fx, "device", &answer), ERR_NOT_FOUND);
    answer = (struct store_answer){0};
    assert_int_equal(
        store_user_find(fx->store, fx->mailbox, STR(UUID_A), store_fixture_on_user, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NOT_FOUND);
    answer = (struct store_answer){0};
    assert_int_equal(
        store_token_find(fx->store, fx->mailbox, hash, store_fixture_on_token, &answer), ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_set_params(fx, "device", "{}"), ERR_NOT_FOUND);
}

static void what_is_not_there_is_not_changed(void **state)
{
    struct store_fixture *fx = *state;
    struct user_record user = {.apikey = UUID_A};
    struct token_record token = {.revoked_ms = 1};
    struct store_answer answers[4] = {0};

    assert_int_equal(store_app_disable(fx->store, fx->mailbox, STR("app"), true,
                                       store_fixture_on_done, &answers[0]),
                     ERR_NONE);
    assert_int_equal(
        store_user_set_password(fx->store, fx->mailbox, &user, store_fixture_on_done, &answers[1]),
        ERR_NONE);
    assert_int_equal(
        store_token_revoke(fx->store, fx->mailbox, &token, store_fixture_on_done, &answers[2]),
        ERR_NONE);
    assert_int_equal(store_device_assign(fx->store, fx->mailbox, STR("device"), STR_EMPTY,
                                         store_fixture_on_done, &answers[3]),
                     ERR_NONE);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(store_fixture_wait(fx, &answers[i]), ERR_NOT_FOUND);
}

static void a_user_is_found_by_apikey_and_by_account(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(
        store_user_find(fx->store, fx->mailbox, STR(UUID_A), store_fixture_on_user, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.user.account, "a@example.org");
    assert_string_equal(answer.user.region, "eu");
    assert_string_equal(answer.user.password_hash, "hash");
    assert_int_equal(answer.user.created_ms, 2);
    answer = (struct store_answer){0};
    assert_int_equal(store_user_find_account(fx->store, fx->mailbox, STR("a@example.org"),
                                             store_fixture_on_user, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.user.apikey, UUID_A);
}

static void an_address_is_the_same_in_any_case(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "Ann.Z@Example.ORG"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_B, "ann.z@example.org"), ERR_EXISTS);
    assert_int_equal(store_user_find_account(fx->store, fx->mailbox, STR("ANN.z@example.Org"),
                                             store_fixture_on_user, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.user.apikey, UUID_A);
    assert_string_equal(answer.user.account, "ann.z@example.org");
}

static void a_name_without_an_at_sign_stays_as_it_is(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "+49x1"), ERR_NONE);
    assert_int_equal(store_user_find_account(fx->store, fx->mailbox, STR("+49X1"),
                                             store_fixture_on_user, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NOT_FOUND);
}

static void a_password_is_replaced(void **state)
{
    struct store_fixture *fx = *state;
    struct user_record user = {.apikey = UUID_A, .password_hash = "other"};
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(
        store_user_set_password(fx->store, fx->mailbox, &user, store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    answer = (struct store_answer){0};
    assert_int_equal(
        store_user_find(fx->store, fx->mailbox, STR(UUID_A), store_fixture_on_user, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.user.password_hash, "other");
    assert_string_equal(answer.user.account, "a@example.org");
}

static void a_taken_key_exists_already(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(store_fixture_create_app(fx, "app"), ERR_NONE);
    assert_int_equal(store_fixture_create_app(fx, "app"), ERR_EXISTS);
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "b@example.org"), ERR_EXISTS);
    assert_int_equal(store_fixture_create_user(fx, UUID_B, "a@example.org"), ERR_EXISTS);
    assert_int_equal(store_fixture_create_device(fx, "device", ""), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "device", UUID_A), ERR_EXISTS);
}

static enum err create_token(struct store_fixture *fx, const struct token_record *token)
{
    struct store_answer answer = {0};

    assert_int_equal(
        store_token_create(fx->store, fx->mailbox, token, store_fixture_on_done, &answer),
        ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static enum err find_token(struct store_fixture *fx, const uint8_t *hash,
                           struct store_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    assert_int_equal(store_token_find(fx->store, fx->mailbox, hash, store_fixture_on_token, answer),
                     ERR_NONE);
    return store_fixture_wait(fx, answer);
}

static void a_token_is_found_with_the_region_of_its_user(void **state)
{
    struct store_fixture *fx = *state;
    struct token_record token = {.hash = {0, 0xff, 0, 7},
                                 .kind = TOKEN_REFRESH,
                                 .apikey = UUID_A,
                                 .appid = "app",
                                 .region = "us",
                                 .issued_ms = 10,
                                 .expires_ms = INT64_C(1) << 60};
    struct store_answer answer;

    assert_int_equal(store_fixture_create_app(fx, "app"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(create_token(fx, &token), ERR_NONE);
    assert_int_equal(create_token(fx, &token), ERR_EXISTS);
    assert_int_equal(find_token(fx, token.hash, &answer), ERR_NONE);
    assert_memory_equal(answer.token.hash, token.hash, sizeof token.hash);
    assert_int_equal(answer.token.kind, TOKEN_REFRESH);
    assert_string_equal(answer.token.apikey, UUID_A);
    assert_string_equal(answer.token.appid, "app");
    assert_string_equal(answer.token.region, "eu");
    assert_int_equal(answer.token.issued_ms, 10);
    assert_int_equal(answer.token.expires_ms, INT64_C(1) << 60);
    assert_int_equal(answer.token.revoked_ms, 0);
    token.hash[31] = 1;
    assert_int_equal(find_token(fx, token.hash, &answer), ERR_NOT_FOUND);
}

static void a_token_needs_its_user_and_its_app(void **state)
{
    struct store_fixture *fx = *state;
    struct token_record token = {.kind = TOKEN_ACCESS, .apikey = UUID_A, .appid = "app"};
    struct store_answer answer;

    assert_int_equal(create_token(fx, &token), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(create_token(fx, &token), ERR_NOT_FOUND);
    token.appid[0] = '\0';
    assert_int_equal(create_token(fx, &token), ERR_NONE);
    assert_int_equal(find_token(fx, token.hash, &answer), ERR_NONE);
    assert_string_equal(answer.token.appid, "");
}

static void a_revoked_token_says_when(void **state)
{
    struct store_fixture *fx = *state;
    struct token_record token = {.hash = {9}, .kind = TOKEN_ACCESS, .apikey = UUID_A};
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(create_token(fx, &token), ERR_NONE);
    token.revoked_ms = 77;
    assert_int_equal(
        store_token_revoke(fx->store, fx->mailbox, &token, store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_int_equal(find_token(fx, token.hash, &answer), ERR_NONE);
    assert_int_equal(answer.token.revoked_ms, 77);
    assert_string_equal(answer.token.apikey, UUID_A);
}

static void apps_and_users_are_listed_in_order(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answers[3] = {0};

    assert_int_equal(store_fixture_create_app(fx, "b"), ERR_NONE);
    assert_int_equal(store_fixture_create_app(fx, "c"), ERR_NONE);
    assert_int_equal(store_fixture_create_app(fx, "a"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_B, "1@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "2@example.org"), ERR_NONE);
    assert_int_equal(store_app_list(fx->store, fx->mailbox, STR_EMPTY, 2,
                                    store_fixture_on_app_listed, &answers[0]),
                     ERR_NONE);
    assert_int_equal(store_app_list(fx->store, fx->mailbox, STR("b"), 2,
                                    store_fixture_on_app_listed, &answers[1]),
                     ERR_NONE);
    assert_int_equal(store_user_list(fx->store, fx->mailbox, STR_EMPTY, 9,
                                     store_fixture_on_user_listed, &answers[2]),
                     ERR_NONE);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(store_fixture_wait(fx, &answers[i]), ERR_NONE);
    assert_string_equal(answers[0].keys, "a b ");
    assert_string_equal(answers[1].keys, "c ");
    assert_string_equal(answers[2].keys, UUID_A " " UUID_B " ");
}

static void records_that_break_a_bound_are_refused(void **state)
{
    struct store_fixture *fx = *state;
    static char large[STORE_PARAMS_MAX + 2];
    struct store_answer none = {0};
    struct app_record app = {.id = "app"};
    struct device_record device = {.id = "device"};
    struct token_record token = {.apikey = UUID_A};
    struct store_device_change change = {.id = STR("device"), .params = {large, sizeof large - 1}};

    memset(large, 'x', sizeof large - 1);
    assert_int_equal(store_app_create(fx->store, fx->mailbox, &app, store_fixture_on_done, &none),
                     ERR_INVALID);
    memset(app.name, 'x', sizeof app.name);
    app.secret[0] = 's';
    assert_int_equal(store_app_create(fx->store, fx->mailbox, &app, store_fixture_on_done, &none),
                     ERR_INVALID);
    assert_int_equal(
        store_token_create(fx->store, fx->mailbox, &token, store_fixture_on_done, &none),
        ERR_INVALID);
    assert_int_equal(
        store_device_create(fx->store, fx->mailbox, &device, 1, store_fixture_on_done, &none),
        ERR_INVALID);
    device.key[0] = 'k';
    device.params = large;
    assert_int_equal(
        store_device_create(fx->store, fx->mailbox, &device, 1, store_fixture_on_done, &none),
        ERR_INVALID);
    assert_int_equal(store_device_create(fx->store, fx->mailbox, &device, STORE_BATCH_MAX + 1,
                                         store_fixture_on_done, &none),
                     ERR_INVALID);
    assert_int_equal(
        store_device_update(fx->store, fx->mailbox, &change, store_fixture_on_done, &none),
        ERR_INVALID);
    change = (struct store_device_change){.id = STR("device"), .online_ms = -1};
    assert_int_equal(
        store_device_update(fx->store, fx->mailbox, &change, store_fixture_on_done, &none),
        ERR_INVALID);
    assert_int_equal(store_device_find(fx->store, fx->mailbox,
                                       STR("an id of more than thirty-two bytes"),
                                       store_fixture_on_device, &none),
                     ERR_INVALID);
    assert_int_equal(store_app_list(fx->store, fx->mailbox, STR_EMPTY, STORE_LIST_MAX + 1,
                                    store_fixture_on_app_listed, &none),
                     ERR_INVALID);
    assert_false(none.done);
}

static void a_key_with_a_nul_inside_is_not_its_beginning(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer none = {0};

    assert_int_equal(store_fixture_create_device(fx, "device", ""), ERR_NONE);
    assert_int_equal(
        store_device_find(fx->store, fx->mailbox, STR("device\0x"), store_fixture_on_device, &none),
        ERR_INVALID);
}

static void passwords_are_hashed_and_verified(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer hash = {0};
    struct store_answer right = {0};
    struct store_answer wrong = {0};
    struct store_answer none = {0};

    assert_int_equal(store_password_hash(fx->store, fx->mailbox, STR("correct horse"),
                                         store_fixture_on_hash, &hash),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &hash), ERR_NONE);
    assert_int_equal(strncmp(hash.hash, "$argon2id$", 10), 0);
    assert_int_equal(store_password_verify(fx->store, fx->mailbox, STR("correct horse"), hash.hash,
                                           store_fixture_on_done, &right),
                     ERR_NONE);
    assert_int_equal(store_password_verify(fx->store, fx->mailbox, STR("correct hors"), hash.hash,
                                           store_fixture_on_done, &wrong),
                     ERR_NONE);
    assert_int_equal(
        store_password_verify(fx->store, fx->mailbox, STR(""), "", store_fixture_on_done, &none),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &right), ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &wrong), ERR_DENIED);
    assert_int_equal(store_fixture_wait(fx, &none), ERR_DENIED);
}

#define CASE(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_app_is_found_as_it_was_created),
        CASE(an_app_is_disabled_and_enabled),
        CASE(what_is_not_there_is_not_found),
        CASE(what_is_not_there_is_not_changed),
        CASE(a_user_is_found_by_apikey_and_by_account),
        CASE(an_address_is_the_same_in_any_case),
        CASE(a_name_without_an_at_sign_stays_as_it_is),
        CASE(a_password_is_replaced),
        CASE(a_taken_key_exists_already),
        CASE(a_token_is_found_with_the_region_of_its_user),
        CASE(a_token_needs_its_user_and_its_app),
        CASE(a_revoked_token_says_when),
        CASE(apps_and_users_are_listed_in_order),
        CASE(records_that_break_a_bound_are_refused),
        CASE(a_key_with_a_nul_inside_is_not_its_beginning),
        CASE(passwords_are_hashed_and_verified),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
