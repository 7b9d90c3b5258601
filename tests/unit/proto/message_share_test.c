#include "proto/message_share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum err parse(const char *params, struct message_share *out)
{
    struct json_value value = {0};

    if (params != NULL)
        assert_int_equal(json_scan(str_of(params), &value), ERR_NONE);
    return message_share_parse(value, out);
}

static void what_is_said_is_decoded(void **state)
{
    struct message_share share;

    (void)state;
    assert_int_equal(parse("{\"uid\":\"u2@example.com\",\"deviceName\":\"a \\\"lamp\\\"\","
                           "\"userName\":\"Ann\",\"permit\":11,\"note\":\"x\","
                           "\"shareTime\":1545219251123}",
                           &share),
                     ERR_NONE);
    assert_string_equal(share.account, "u2@example.com");
    assert_string_equal(share.name, "a \"lamp\"");
    assert_string_equal(share.user_name, "Ann");
    assert_string_equal(share.note, "x");
    assert_int_equal(share.permit, 11);
    assert_true(share.share_time == 1545219251123);
}

static void but_for_the_account_nothing_is_required(void **state)
{
    struct message_share share;

    (void)state;
    assert_int_equal(parse("{\"uid\":\"u2\",\"note\":null,\"permit\":null}", &share), ERR_NONE);
    assert_string_equal(share.name, "");
    assert_int_equal(share.permit, -1);
    assert_true(share.share_time == 0);
    assert_int_equal(parse("{\"uid\":\"u2\",\"permit\":\"7\",\"shareTime\":\"12\"}", &share),
                     ERR_NONE);
    assert_int_equal(share.permit, 7);
    assert_true(share.share_time == 12);
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const char *const bad[] = {
        NULL,
        "[]",
        "{}",
        "{\"uid\":\"\"}",
        "{\"uid\":7}",
        "{\"uid\":\"u2\",\"permit\":16}",
        "{\"uid\":\"u2\",\"permit\":-1}",
        "{\"uid\":\"u2\",\"permit\":\"all\"}",
        "{\"uid\":\"u2\",\"note\":[]}",
    };
    char long_name[200] = "{\"uid\":\"u2\",\"deviceName\":\"";
    struct message_share share;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(parse(bad[i], &share), ERR_INVALID);
    memset(long_name + strlen(long_name), 'x', MESSAGE_SHARE_TEXT_CAP);
    memcpy(long_name + strlen(long_name), "\"}", 3);
    assert_int_equal(parse(long_name, &share), ERR_INVALID);
}

static void an_offer_is_a_request_with_the_servers_sequence(void **state)
{
    const struct message_share_offer offer = {
        .deviceid = STR("100000140e"),
        .apikey = STR("owner"),
        .sequence = STR("17"),
        .account = STR("u2@example.com"),
        .name = STR("a \"lamp\""),
        .user_name = STR("Ann"),
        .note = STR(""),
        .permit = 3,
        .share_time = 12,
    };
    struct buf out = BUF_EMPTY;

    (void)state;
    message_share_format(&out, &offer);
    buf_append_byte(&out, '\0');
    assert_string_equal(out.ptr,
                        "{\"action\":\"share\",\"deviceid\":\"100000140e\",\"apikey\":\"owner\","
                        "\"userAgent\":\"app\",\"sequence\":\"17\",\"ts\":0,\"params\":{\"uid\":"
                        "\"u2@example.com\",\"deviceName\":\"a \\\"lamp\\\"\",\"userName\":\"Ann\","
                        "\"permit\":3,\"note\":\"\",\"shareTime\":12},\"from\":\"app\"}");
    buf_free(&out);
}

static void an_answer_accepts_by_its_result(void **state)
{
    static const char *const texts[] = {"{\"error\":0,\"result\":2}",
                                        "{\"error\":0,\"result\":\"2\"}",
                                        "{\"error\":0,\"result\":3}", "{\"error\":0}"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct json_member members[4];
        size_t count;

        assert_int_equal(json_scan_object(str_of(texts[i]), members, 4, &count), ERR_NONE);
        assert_int_equal(message_share_is_accepted(members, count), i < 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_decoded),
        cmocka_unit_test(but_for_the_account_nothing_is_required),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(an_offer_is_a_request_with_the_servers_sequence),
        cmocka_unit_test(an_answer_accepts_by_its_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
