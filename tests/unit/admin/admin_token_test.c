#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "store/store_token.h"

#define TOKEN "5d41402abc4b2a76b9719d911017c592ae2fb4c1"
#define ISSUE "{\"verb\":\"token issue\",\"args\":{\"user\":\"ann@example.com\",\"app\":\"A1\""

static int open_rig(void **state)
{
    admin_rig_open(state);
    admin_rig_add_user(*state, "ann@example.com", "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e");
    admin_rig_do(*state, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    return 0;
}

static void a_token_is_40_random_hexadecimal_digits(void **state)
{
    struct admin_rig *rig = *state;
    char first[64];
    char second[64];

    assert_non_null(strstr(admin_rig_do(rig, ISSUE "}}"),
                           "\"account\":\"ann@example.com\",\"kind\":\"access\",\"apikey\":"
                           "\"8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e\",\"app\":\"A1\""));
    admin_rig_member(rig, "token", first, sizeof first);
    assert_int_equal(strlen(first), 40);
    assert_int_equal(strspn(first, "0123456789abcdef"), 40);
    admin_rig_do(rig, ISSUE "}}");
    admin_rig_member(rig, "token", second, sizeof second);
    assert_string_not_equal(first, second);
}

static void a_token_is_checked_by_its_text(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, ISSUE ",\"token\":\"" TOKEN "\",\"kind\":\"refresh\"}}");
    assert_non_null(
        strstr(admin_rig_do(rig, "{\"verb\":\"token check\",\"args\":{\"token\":\"" TOKEN "\"}}"),
               "\"state\":\"valid\",\"kind\":\"refresh\""));
    assert_non_null(strstr(rig->answers.ptr, "\"revoked_at\":null"));
    admin_rig_expect_refusal(rig, "{\"verb\":\"token check\",\"args\":{\"token\":\"other\"}}",
                             "not_found", "no such token has been issued");
}

/* Days between issue and expiry, by the store's record. */
struct ask {
    int64_t ttl_ms;
    bool is_done;
};

static void on_token(void *ctx, enum err err, const struct token_record *token)
{
    struct ask *ask = ctx;

    assert_int_equal(err, ERR_NONE);
    ask->ttl_ms = token->expires_ms - token->issued_ms;
    ask->is_done = true;
}

static int64_t ttl_of(struct admin_rig *rig, const char *args)
{
    struct ask ask = {.ttl_ms = -1};
    uint8_t hash[CRYPTO_SHA256_BYTES];
    char line[512];
    char text[64];

    snprintf(line, sizeof line, ISSUE "%s}}", args);
    admin_rig_do(rig, line);
    admin_rig_member(rig, "token", text, sizeof text);
    crypto_sha256(str_of(text), hash);
    assert_int_equal(store_token_find(rig->store, loop_mailbox(rig->loop), hash, on_token, &ask),
                     ERR_NONE);
    while (!ask.is_done)
        loop_turn(rig->loop, 1000);
    return ask.ttl_ms;
}

static void a_token_lives_as_long_as_asked(void **state)
{
    struct admin_rig *rig = *state;
    const int64_t day_ms = 24 * 60 * 60 * 1000;

    assert_int_equal(ttl_of(rig, ""), 30 * day_ms);
    assert_int_equal(ttl_of(rig, ",\"kind\":\"refresh\""), 60 * day_ms);
    assert_int_equal(ttl_of(rig, ",\"ttl\":\"90s\""), 90 * 1000);
    assert_int_equal(ttl_of(rig, ",\"expired\":true"), 0);
    admin_rig_expect_refusal(rig, ISSUE ",\"ttl\":\"tomorrow\"}}", "invalid",
                             "'ttl' must be a duration of at most 3660 days");
    admin_rig_expect_refusal(rig, ISSUE ",\"ttl\":\"3661d\"}}", "invalid",
                             "'ttl' must be a duration of at most 3660 days");
    admin_rig_expect_refusal(rig, ISSUE ",\"kind\":\"access \"}}", "invalid",
                             "'kind' must be access or refresh");
}

static void an_expired_token_checks_as_expired(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_do(rig, ISSUE ",\"token\":\"" TOKEN "\",\"ttl\":\"0s\"}}");
    assert_non_null(
        strstr(admin_rig_do(rig, "{\"verb\":\"token check\",\"args\":{\"token\":\"" TOKEN "\"}}"),
               "\"state\":\"expired\""));
}

static void a_revoked_token_is_told_to_the_workers_first(void **state)
{
    struct admin_rig *rig = *state;
    uint8_t hash[CRYPTO_SHA256_BYTES];
    char hex[2 * CRYPTO_SHA256_BYTES + 1];

    crypto_sha256(STR(TOKEN), hash);
    crypto_hex(hash, sizeof hash, hex);
    admin_rig_do(rig, ISSUE ",\"token\":\"" TOKEN "\"}}");
    assert_int_equal(rig->event_count, 0);
    admin_rig_do(rig, "{\"verb\":\"token revoke\",\"args\":{\"token\":\"" TOKEN "\"}}");
    assert_int_equal(rig->event_count, 1);
    assert_int_equal(rig->events[0].topic, BUS_TOKEN_REVOKED);
    assert_string_equal(rig->events[0].subject, hex);
    assert_string_equal(rig->events[0].account, "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e");
    assert_non_null(
        strstr(admin_rig_do(rig, "{\"verb\":\"token check\",\"args\":{\"token\":\"" TOKEN "\"}}"),
               "\"state\":\"revoked\""));
}

static void revoking_twice_does_no_harm_and_tells_again(void **state)
{
    struct admin_rig *rig = *state;
    char first[64];
    char second[64];

    admin_rig_do(rig, ISSUE ",\"token\":\"" TOKEN "\"}}");
    admin_rig_do(rig, "{\"verb\":\"token revoke\",\"args\":{\"token\":\"" TOKEN "\"}}");
    admin_rig_member(rig, "revoked_at", first, sizeof first);
    admin_rig_do(rig, "{\"verb\":\"token revoke\",\"args\":{\"token\":\"" TOKEN "\"}}");
    admin_rig_member(rig, "revoked_at", second, sizeof second);
    assert_string_equal(first, second);
    assert_int_equal(rig->event_count, 2);
}

static void what_is_not_there_is_named(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(
        rig, "{\"verb\":\"token issue\",\"args\":{\"user\":\"bob@example.com\",\"app\":\"A1\"}}",
        "not_found", "there is no user 'bob@example.com'");
    admin_rig_expect_refusal(
        rig, "{\"verb\":\"token issue\",\"args\":{\"user\":\"ann@example.com\",\"app\":\"A9\"}}",
        "not_found", "there is no app 'A9'");
    admin_rig_expect_refusal(rig, "{\"verb\":\"token revoke\",\"args\":{\"token\":\"x\"}}",
                             "not_found", "no such token has been issued");
    assert_int_equal(rig->event_count, 0);
}

static void a_token_is_issued_once(void **state)
{
    struct admin_rig *rig = *state;
    char line[512];

    admin_rig_do(rig, ISSUE ",\"token\":\"" TOKEN "\"}}");
    admin_rig_expect_refusal(rig, ISSUE ",\"token\":\"" TOKEN "\"}}", "exists",
                             "this token has been issued already");
    snprintf(line, sizeof line, ISSUE ",\"token\":\"%0257d\"}}", 0);
    admin_rig_expect_refusal(rig, line, "invalid", "'token' must be 1 to 256 visible ASCII");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_token_is_40_random_hexadecimal_digits),
        TEST(a_token_is_checked_by_its_text),
        TEST(a_token_lives_as_long_as_asked),
        TEST(an_expired_token_checks_as_expired),
        TEST(a_revoked_token_is_told_to_the_workers_first),
        TEST(revoking_twice_does_no_harm_and_tells_again),
        TEST(what_is_not_there_is_named),
        TEST(a_token_is_issued_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
