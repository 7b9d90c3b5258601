#include "domain/verification.h"

#include "base/crypto.h"
#include "store/store_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { EXPIRY = 600000, ATTEMPTS = 3, WALL = 1000 };

/* A worker's verification, whose codes go into a log that the test reads. */
struct desk {
    struct store *store;
    struct mailbox *mailbox;
    struct metric_set *metrics;
    struct code_limit *limit;
    struct log *log;
    int log_fd;
    off_t log_read;
    struct code_sender *sender;
    struct verification *verification;
    int answers;
    enum verification_verdict verdict;
    char region[STORE_REGION_CAP];
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

static void start(struct desk *desk, enum code_way way, bool reveals)
{
    const struct code_sender_config sender = {.way = way, .password = "", .log = desk->log};
    struct verification_config config = {
        .store = desk->store,
        .mailbox = desk->mailbox,
        .limit = desk->limit,
        .metrics = desk->metrics,
        .expiry_ms = EXPIRY,
        .max_attempts = ATTEMPTS,
        .reveals = reveals,
        .region = "eu",
    };

    verification_free(desk->verification);
    code_sender_free(desk->sender);
    config.sender = desk->sender = code_sender_new(&sender);
    desk->verification = verification_new(&config);
}

static int open_desk(void **state)
{
    static const struct user_record ann = {
        .apikey = "a4e77f7e-2116-4215-b961-6f3fc5982667", .account = "ann@x.org", .region = "eu"};
    static const struct user_record far = {
        .apikey = "b4e77f7e-2116-4215-b961-6f3fc5982667", .account = "far@x.org", .region = "as"};
    const struct store_config store = {.max_waiting = 16};
    const struct code_limit_config limit = {
        .account = {.minute = 3, .hour = 20, .day = 100},
        .peer = {.minute = 50, .hour = 50, .day = 50},
        .max_keys = 100,
    };
    char path[] = "/tmp/verification_XXXXXX";
    struct desk *desk = *state = calloc(1, sizeof *desk);
    struct problem problem;

    assert_int_equal(crypto_init(), ERR_NONE);
    assert_int_equal(store_open(&store, &problem, &desk->store), ERR_NONE);
    desk->mailbox = mailbox_new();
    desk->metrics = metric_set_new();
    desk->limit = code_limit_new(&limit);
    desk->log_fd = mkstemp(path);
    unlink(path);
    desk->log = log_new(desk->log_fd, LOG_INFO, LOG_TEXT, 0);
    assert_int_equal(store_user_create(desk->store, desk->mailbox, &ann, on_done, desk), 0);
    settle(desk);
    assert_int_equal(store_user_create(desk->store, desk->mailbox, &far, on_done, desk), 0);
    settle(desk);
    start(desk, CODE_WAY_LOG, false);
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;

    assert_true(verification_is_idle(desk->verification));
    verification_free(desk->verification);
    code_sender_free(desk->sender);
    store_close(desk->store);
    mailbox_free(desk->mailbox);
    metric_set_free(desk->metrics);
    code_limit_free(desk->limit);
    log_free(desk->log);
    close(desk->log_fd);
    free(desk);
    return 0;
}

static void on_verdict(void *ctx, enum verification_verdict verdict, struct str region)
{
    struct desk *desk = ctx;

    desk->verdict = verdict;
    str_copy(region, desk->region, sizeof desk->region);
    desk->answers++;
}

static struct verification_question question_of(struct desk *desk, enum code_purpose purpose,
                                                const char *account)
{
    return (struct verification_question){
        .purpose = purpose,
        .account = str_of(account),
        .peer_ip = STR("192.0.2.1"),
        .wall_ms = WALL,
        .on_verdict = on_verdict,
        .ctx = desk,
    };
}

static enum verification_verdict ask(struct desk *desk, enum code_purpose purpose,
                                     const char *account)
{
    const struct verification_question question = question_of(desk, purpose, account);

    verification_ask(desk->verification, &question);
    settle(desk);
    return desk->verdict;
}

static enum verification_verdict try_at(struct desk *desk, const char *account, const char *code,
                                        int64_t wall_ms)
{
    struct verification_question question = question_of(desk, CODE_RESET, account);

    question.wall_ms = wall_ms;
    verification_try(desk->verification, &question, str_of(code));
    settle(desk);
    return desk->verdict;
}

/* The code that was sent last; false when none was since the last call. */
static bool read_code(struct desk *desk, char out[VERIFICATION_DIGITS + 1])
{
    char text[1024] = "";
    ssize_t got = pread(desk->log_fd, text, sizeof text - 1, desk->log_read);
    const char *code = strstr(text, " code=");

    assert_true(got >= 0);
    desk->log_read += got;
    if (code == NULL)
        return false;
    return str_copy(str_sub(str_of(code), 6, VERIFICATION_DIGITS), out, VERIFICATION_DIGITS + 1);
}

static void a_code_that_was_sent_is_right_once(void **state)
{
    struct desk *desk = *state;
    char code[VERIFICATION_DIGITS + 1];

    assert_int_equal(ask(desk, CODE_RESET, "ann@x.org"), VERIFICATION_DONE);
    assert_true(read_code(desk, code));
    assert_int_equal(try_at(desk, "ann@x.org", code, WALL), VERIFICATION_DONE);
    assert_int_equal(try_at(desk, "ann@x.org", code, WALL), VERIFICATION_WRONG);
}

static void an_address_is_the_same_in_any_case(void **state)
{
    struct desk *desk = *state;
    char code[VERIFICATION_DIGITS + 1];

    assert_int_equal(ask(desk, CODE_RESET, "Ann@X.org"), VERIFICATION_DONE);
    assert_true(read_code(desk, code));
    assert_int_equal(try_at(desk, "aNN@x.org", code, WALL), VERIFICATION_DONE);
    assert_int_equal(ask(desk, CODE_RESET, "aNn@x.org"), VERIFICATION_DONE);
    assert_int_equal(ask(desk, CODE_RESET, "anN@x.org"), VERIFICATION_DONE);
    assert_int_equal(ask(desk, CODE_RESET, "ANN@x.org"), VERIFICATION_TOO_OFTEN);
}

static void a_code_expires(void **state)
{
    struct desk *desk = *state;
    char code[VERIFICATION_DIGITS + 1];

    assert_int_equal(ask(desk, CODE_RESET, "ann@x.org"), VERIFICATION_DONE);
    assert_true(read_code(desk, code));
    assert_int_equal(try_at(desk, "ann@x.org", code, WALL + EXPIRY), VERIFICATION_WRONG);
}

static void guessing_uses_a_code_up(void **state)
{
    struct desk *desk = *state;
    char code[VERIFICATION_DIGITS + 1];
    char wrong[VERIFICATION_DIGITS + 1];

    assert_int_equal(ask(desk, CODE_RESET, "ann@x.org"), VERIFICATION_DONE);
    assert_true(read_code(desk, code));
    memcpy(wrong, code, sizeof wrong);
    wrong[0] = code[0] == '9' ? '0' : '9';
    for (int i = 0; i < ATTEMPTS; i++)
        assert_int_equal(try_at(desk, "ann@x.org", wrong, WALL), VERIFICATION_WRONG);
    assert_int_equal(try_at(desk, "ann@x.org", code, WALL), VERIFICATION_WRONG);
    assert_int_equal(metric_total(&desk->metrics, 1, METRIC_CODE_WRONG), ATTEMPTS + 1);
    assert_int_equal(metric_total(&desk->metrics, 1, METRIC_CODE_SENT), 1);
}

/* Nobody learns whether there is such an account, and nobody is sent what is not for them. */
static void an_account_that_is_not_there_gets_the_same_answer_and_no_code(void **state)
{
    struct desk *desk = *state;
    char code[VERIFICATION_DIGITS + 1];

    assert_int_equal(ask(desk, CODE_RESET, "new@x.org"), VERIFICATION_DONE);
    assert_false(read_code(desk, code));
    assert_int_equal(ask(desk, CODE_REGISTER, "ann@x.org"), VERIFICATION_DONE);
    assert_false(read_code(desk, code));
    assert_int_equal(ask(desk, CODE_REGISTER, "new@x.org"), VERIFICATION_DONE);
    assert_true(read_code(desk, code));
    assert_int_equal(try_at(desk, "new@x.org", code, WALL), VERIFICATION_WRONG);
    assert_int_equal(metric_total(&desk->metrics, 1, METRIC_CODE_SENT), 1);
}

static void clients_are_told_where_an_operator_wants_it(void **state)
{
    struct desk *desk = *state;
    char code[VERIFICATION_DIGITS + 1];

    assert_int_equal(ask(desk, CODE_RESET, "far@x.org"), VERIFICATION_DONE);
    assert_true(read_code(desk, code));
    start(desk, CODE_WAY_LOG, true);
    assert_int_equal(ask(desk, CODE_RESET, "new@x.org"), VERIFICATION_UNKNOWN);
    assert_int_equal(ask(desk, CODE_REGISTER, "ann@x.org"), VERIFICATION_EXISTS);
    assert_int_equal(ask(desk, CODE_RESET, "far@x.org"), VERIFICATION_ELSEWHERE);
    assert_string_equal(desk->region, "as");
    assert_int_equal(ask(desk, CODE_RESET, "ann@x.org"), VERIFICATION_DONE);
    assert_string_equal(desk->region, "");
}

static void asking_too_often_is_refused(void **state)
{
    struct desk *desk = *state;

    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(desk, CODE_RESET, "new@x.org"), VERIFICATION_DONE);
    assert_int_equal(ask(desk, CODE_RESET, "new@x.org"), VERIFICATION_TOO_OFTEN);
    assert_int_equal(metric_total(&desk->metrics, 1, METRIC_CODE_TOO_OFTEN), 1);
}

static void what_no_way_leads_to_is_told(void **state)
{
    struct desk *desk = *state;

    start(desk, CODE_WAY_OFF, false);
    assert_int_equal(ask(desk, CODE_RESET, "ann@x.org"), VERIFICATION_NOT_SENT);
    start(desk, CODE_WAY_SMTP, false);
    assert_int_equal(ask(desk, CODE_RESET, "+8613512345678"), VERIFICATION_NOT_SENT);
    assert_int_equal(ask(desk, CODE_RESET, "nobody"), VERIFICATION_INVALID);
}

static void a_guess_that_can_be_none_is_wrong(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(try_at(desk, "ann@x.org", "", WALL), VERIFICATION_WRONG);
    assert_int_equal(try_at(desk, "ann@x.org", "12345", WALL), VERIFICATION_WRONG);
    assert_int_equal(try_at(desk, "ann@x.org", "1234567", WALL), VERIFICATION_WRONG);
    assert_int_equal(try_at(desk, "ann@x.org", "12345a", WALL), VERIFICATION_WRONG);
    assert_int_equal(try_at(desk, "nobody", "123456", WALL), VERIFICATION_WRONG);
    assert_int_equal(metric_total(&desk->metrics, 1, METRIC_CODE_WRONG), 0);
}

static void addresses_and_phone_numbers_are_accounts(void **state)
{
    static const char *const right[] = {"a@b", "ann.b+c@example.org", "+12345", "+861351234567890"};
    static const char *const wrong[] = {
        "",       "a",          "@b",    "a@",       "a@b@c", "a b@c", "a@b,c@d",
        "a@b>c",  "\"a\"@b",    "a\r@b", "a@b\r\nc", "+1234", "12345", "+1234567890123456",
        "+1a345", "\xc3\xa9@b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(verification_is_account(str_of(right[i])));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(verification_is_account(str_of(wrong[i])));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_code_that_was_sent_is_right_once),
        TEST(an_address_is_the_same_in_any_case),
        TEST(a_code_expires),
        TEST(guessing_uses_a_code_up),
        TEST(an_account_that_is_not_there_gets_the_same_answer_and_no_code),
        TEST(clients_are_told_where_an_operator_wants_it),
        TEST(asking_too_often_is_refused),
        TEST(what_no_way_leads_to_is_told),
        TEST(a_guess_that_can_be_none_is_wrong),
        cmocka_unit_test(addresses_and_phone_numbers_are_accounts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
