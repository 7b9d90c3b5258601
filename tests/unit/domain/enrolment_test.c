#include "domain/enrolment.h"

#include "base/crypto.h"
#include "store/store_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A worker's enrolment over a store in memory; codes are put there by hand. */
struct desk {
    struct store *store;
    struct mailbox *mailbox;
    struct metric_set *metrics;
    struct verification *verification;
    struct login *login;
    struct enrolment *enrolment;
    int answers;
    enum enrolment_verdict verdict;
    struct user_record user;
};

static void on_done(void *ctx, enum err err)
{
    assert_int_equal(err, ERR_NONE);
    ((struct desk *)ctx)->answers++;
}

static void settle(struct desk *desk)
{
    while (desk->answers == 0)
        mailbox_deliver(desk->mailbox);
    desk->answers = 0;
}

static void start(struct desk *desk, bool is_open)
{
    const struct verification_config verification = {.store = desk->store,
                                                     .mailbox = desk->mailbox,
                                                     .metrics = desk->metrics,
                                                     .max_attempts = 5,
                                                     .region = ""};
    const struct login_config login = {
        .store = desk->store, .mailbox = desk->mailbox, .region = "", .min_length = 8};
    struct enrolment_config config = {.store = desk->store,
                                      .mailbox = desk->mailbox,
                                      .metrics = desk->metrics,
                                      .region = "eu",
                                      .is_open = is_open};

    config.verification = desk->verification = verification_new(&verification);
    config.login = desk->login = login_new(&login);
    desk->enrolment = enrolment_new(&config);
}

static int open_desk(void **state)
{
    const struct store_config store = {.max_waiting = 16};
    struct desk *desk = *state = calloc(1, sizeof *desk);
    struct problem problem;

    assert_int_equal(crypto_init(), ERR_NONE);
    assert_int_equal(store_open(&store, &problem, &desk->store), ERR_NONE);
    desk->mailbox = mailbox_new();
    desk->metrics = metric_set_new();
    start(desk, true);
    return 0;
}

static void stop(struct desk *desk)
{
    enrolment_free(desk->enrolment);
    login_free(desk->login);
    verification_free(desk->verification);
}

static int close_desk(void **state)
{
    struct desk *desk = *state;

    stop(desk);
    store_close(desk->store);
    mailbox_free(desk->mailbox);
    metric_set_free(desk->metrics);
    free(desk);
    return 0;
}

/* 123456 is the account's code now. */
static void give_code(struct desk *desk, enum code_purpose purpose, const char *account)
{
    struct code_record code = {.purpose = purpose, .expires_ms = 1000};
    char text[256];

    snprintf(code.account, sizeof code.account, "%s", account);
    snprintf(text, sizeof text, "%u:%s:123456", (unsigned)purpose, account);
    crypto_sha256(str_of(text), code.hash);
    assert_int_equal(store_code_create(desk->store, desk->mailbox, &code, 0, on_done, desk), 0);
    settle(desk);
}

static void on_verdict(void *ctx, enum enrolment_verdict verdict, const struct user_record *user)
{
    struct desk *desk = ctx;

    desk->verdict = verdict;
    assert_int_equal(user != NULL, verdict == ENROLMENT_DONE);
    if (user != NULL)
        desk->user = *user;
    desk->answers++;
}

static enum enrolment_verdict apply(struct desk *desk, enum code_purpose purpose,
                                    const char *account, const char *password, const char *code)
{
    const struct enrolment_form form = {
        .account = str_of(account),
        .password = str_of(password),
        .code = str_of(code),
        .wall_ms = 500,
        .on_done = on_verdict,
        .ctx = desk,
    };

    if (purpose == CODE_REGISTER)
        enrolment_register(desk->enrolment, &form);
    else
        enrolment_reset(desk->enrolment, &form);
    settle(desk);
    return desk->verdict;
}

static void whoever_shows_the_code_has_an_account(void **state)
{
    struct desk *desk = *state;

    give_code(desk, CODE_REGISTER, "ann@x.org");
    assert_int_equal(apply(desk, CODE_REGISTER, "ann@x.org", "password", "654321"),
                     ENROLMENT_WRONG);
    assert_int_equal(apply(desk, CODE_REGISTER, "ann@x.org", "password", "123456"), ENROLMENT_DONE);
    assert_string_equal(desk->user.account, "ann@x.org");
    assert_string_equal(desk->user.region, "eu");
    assert_int_equal(strlen(desk->user.apikey), 36);
    assert_int_equal(desk->user.created_ms, 500);
    assert_true(crypto_password_verify(STR("password"), desk->user.password_hash));
    assert_int_equal(metric_total(&desk->metrics, 1, METRIC_ACCOUNT_REGISTERED), 1);
    give_code(desk, CODE_REGISTER, "ann@x.org");
    assert_int_equal(apply(desk, CODE_REGISTER, "ann@x.org", "password", "123456"),
                     ENROLMENT_EXISTS);
}

static void a_code_to_register_resets_nothing(void **state)
{
    struct desk *desk = *state;

    give_code(desk, CODE_REGISTER, "ann@x.org");
    assert_int_equal(apply(desk, CODE_RESET, "ann@x.org", "password", "123456"), ENROLMENT_WRONG);
}

static void an_account_that_has_gone_is_told(void **state)
{
    struct desk *desk = *state;

    give_code(desk, CODE_RESET, "gone@x.org");
    assert_int_equal(apply(desk, CODE_RESET, "gone@x.org", "password", "123456"),
                     ENROLMENT_UNKNOWN);
}

/* It uses no code up. */
static void a_form_that_can_be_none_is_refused(void **state)
{
    struct desk *desk = *state;

    give_code(desk, CODE_REGISTER, "ann@x.org");
    assert_int_equal(apply(desk, CODE_REGISTER, "ann", "password", "123456"), ENROLMENT_INVALID);
    assert_int_equal(apply(desk, CODE_REGISTER, "ann@x.org", "short", "123456"), ENROLMENT_INVALID);
    assert_int_equal(apply(desk, CODE_RESET, "ann@x.org", "short", "123456"), ENROLMENT_INVALID);
    stop(desk);
    start(desk, false);
    assert_false(enrolment_is_open(desk->enrolment));
    assert_int_equal(apply(desk, CODE_REGISTER, "ann@x.org", "password", "123456"),
                     ENROLMENT_CLOSED);
    stop(desk);
    start(desk, true);
    assert_int_equal(apply(desk, CODE_REGISTER, "ann@x.org", "password", "123456"), ENROLMENT_DONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_shows_the_code_has_an_account),
        TEST(a_code_to_register_resets_nothing),
        TEST(an_account_that_has_gone_is_told),
        TEST(a_form_that_can_be_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
