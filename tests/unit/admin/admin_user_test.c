#include "admin_rig.h"
#include "store/store_password.h"
#include "store/store_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define ANN "{\"verb\":\"user create\",\"args\":{\"account\":\"ann@example.com\"}}"

static void a_user_gets_an_apikey_a_region_and_a_password(void **state)
{
    struct admin_rig *rig = *state;
    char apikey[64];
    char password[64];

    assert_non_null(strstr(admin_rig_do(rig, ANN), "\"region\":\"eu\",\"has_password\":true"));
    admin_rig_member(rig, "apikey", apikey, sizeof apikey);
    admin_rig_member(rig, "password", password, sizeof password);
    assert_int_equal(strlen(apikey), 36);
    assert_int_equal(strlen(password), 16);
}

static void a_password_that_was_given_is_not_shown(void **state)
{
    struct admin_rig *rig = *state;

    assert_null(
        strstr(admin_rig_do(rig,
                            "{\"verb\":\"user create\",\"args\":{\"account\":\"+8613512345678\","
                            "\"password\":\"lybywl163\",\"region\":\"as\"}}"),
               "lybywl163"));
    assert_null(strstr(admin_rig_ask(rig, "{\"verb\":\"user list\"}"), "argon2"));
}

/* What the store keeps of ann's password, checked by the store itself. */
struct verify {
    struct admin_rig *rig;
    const char *password;
    enum err err;
    bool is_done;
};

static void on_verified(void *ctx, enum err err)
{
    struct verify *verify = ctx;

    verify->err = err;
    verify->is_done = true;
}

static void on_user(void *ctx, enum err err, const struct user_record *user)
{
    struct verify *verify = ctx;

    assert_int_equal(err, ERR_NONE);
    assert_int_equal(store_password_verify(verify->rig->store, loop_mailbox(verify->rig->loop),
                                           str_of(verify->password), user->password_hash,
                                           on_verified, verify),
                     ERR_NONE);
}

static enum err verify(struct admin_rig *rig, const char *password)
{
    struct verify verify = {.rig = rig, .password = password};

    assert_int_equal(store_user_find_account(rig->store, loop_mailbox(rig->loop),
                                             STR("ann@example.com"), on_user, &verify),
                     ERR_NONE);
    while (!verify.is_done)
        loop_turn(rig->loop, 1000);
    return verify.err;
}

static void the_password_shown_is_the_one_that_works(void **state)
{
    struct admin_rig *rig = *state;
    char password[64];

    admin_rig_do(rig, ANN);
    admin_rig_member(rig, "password", password, sizeof password);
    assert_int_equal(verify(rig, password), ERR_NONE);
    assert_int_equal(verify(rig, "something else"), ERR_DENIED);
}

static void passwd_changes_the_password(void **state)
{
    struct admin_rig *rig = *state;
    char password[64];

    admin_rig_do(rig, ANN);
    admin_rig_do(rig,
                 "{\"verb\":\"user passwd\",\"args\":{\"user\":\"ann@example.com\","
                 "\"password\":\"new password\"}}");
    assert_int_equal(verify(rig, "new password"), ERR_NONE);
    admin_rig_do(rig,
                 "{\"verb\":\"user passwd\",\"args\":{\"user\":\"ann@example.com\","
                 "\"generate\":true}}");
    admin_rig_member(rig, "password", password, sizeof password);
    assert_int_equal(verify(rig, password), ERR_NONE);
}

static void passwd_wants_one_of_password_and_generate(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, ANN);
    admin_rig_expect_refusal(rig,
                             "{\"verb\":\"user passwd\",\"args\":{\"user\":\"ann@example.com\"}}",
                             "invalid", "give either 'password' or 'generate'");
    admin_rig_expect_refusal(rig,
                             "{\"verb\":\"user passwd\",\"args\":{\"user\":\"ann@example.com\","
                             "\"password\":\"new password\",\"generate\":true}}",
                             "invalid", "give either 'password' or 'generate'");
}

static void a_user_is_found_by_account_and_by_apikey(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig,
                 "{\"verb\":\"user create\",\"args\":{\"account\":\"ann@example.com\","
                 "\"apikey\":\"8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e\"}}");
    admin_rig_do(rig,
                 "{\"verb\":\"user passwd\",\"args\":{\"user\":\"8f54bd8e-2f1c-4b1e-9e0c-"
                 "6a3c6a3c1d2e\",\"generate\":true}}");
    admin_rig_expect_refusal(rig,
                             "{\"verb\":\"user passwd\",\"args\":{\"user\":\"8f54bd8e-2f1c-4b1e-"
                             "9e0c-6a3c6a3c1d2f\",\"generate\":true}}",
                             "not_found", "there is no user '8f54bd8e-");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"user passwd\",\"args\":{\"user\":\"bob@example.com\",\"generate\":true}}",
        "not_found", "there is no user 'bob@example.com'");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"user passwd\",\"args\":{\"user\":\"bob\",\"generate\":true}}", "invalid",
        "'bob' can't be a user");
}

static void an_account_that_is_taken_is_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, ANN);
    admin_rig_expect_refusal(rig, ANN, "exists",
                             "the account 'ann@example.com' or its apikey is taken");
}

static void texts_that_do_not_fit_are_refused(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig, "{\"verb\":\"user create\",\"args\":{\"account\":\"ann\"}}",
                             "invalid", "'account' must be an e-mail address");
    admin_rig_expect_refusal(rig,
                             "{\"verb\":\"user create\",\"args\":{\"account\":\"a@b\","
                             "\"apikey\":\"8F54BD8E-2F1C-4B1E-9E0C-6A3C6A3C1D2E\"}}",
                             "invalid", "'apikey' must be a UUID in lower case");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"user create\",\"args\":{\"account\":\"a@b\",\"password\":\"short\"}}",
        "invalid", "'password' must be 8 to 128 bytes");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"user create\",\"args\":{\"account\":\"a@b\",\"region\":\"Mars\"}}",
        "invalid", "'region' must be 1 to 8 lower-case");
    assert_null(strstr(admin_rig_ask(rig, "{\"verb\":\"user list\"}"), "row"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, admin_rig_open, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_user_gets_an_apikey_a_region_and_a_password),
        TEST(a_password_that_was_given_is_not_shown),
        TEST(the_password_shown_is_the_one_that_works),
        TEST(passwd_changes_the_password),
        TEST(passwd_wants_one_of_password_and_generate),
        TEST(a_user_is_found_by_account_and_by_apikey),
        TEST(an_account_that_is_taken_is_refused),
        TEST(texts_that_do_not_fit_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
