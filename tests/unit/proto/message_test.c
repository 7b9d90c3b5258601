#include "proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define O "a4e77f7e-2116-4215-b961-6f3fc5982667"
#define AT "b1d576f797ae86d276d366e7b8772ecbacecc18d"
#define D "100000140e"
#define F "4b21ebbe-8870-4d4a-93f2-7c6cfeff5fea"

#define APP_UPDATE                                                                                 \
    "{\"action\":\"update\",\"deviceid\":\"" D "\",\"apikey\":\"" O                                \
    "\",\"userAgent\":\"app\","                                                                    \
    "\"sequence\":\"1585297259553\",\"params\":{\"switch\":\"on\"}}"

static struct message parsed(const char *text)
{
    struct message msg;

    assert_int_equal(message_parse(str_of(text), &msg), ERR_NONE);
    return msg;
}

static void assert_text(struct str str, const char *text)
{
    assert_int_equal(str.len, strlen(text));
    assert_memory_equal(str.ptr, text, str.len);
}

static void an_app_says_who_it_is(void **unused)
{
    struct message msg =
        parsed("{\"action\":\"userOnline\",\"version\":8,\"ts\":1545219251,\"at\":\"" AT
               "\","
               "\"userAgent\":\"app\",\"apikey\":\"" O
               "\",\"appid\":\"I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF\","
               "\"nonce\":\"asbsedwq\",\"sequence\":\"1545219251123\"}");

    (void)unused;
    assert_int_equal(msg.action, MESSAGE_USER_ONLINE);
    assert_false(msg.has_error);
    assert_int_equal(msg.version, 8);
    assert_text(msg.at, AT);
    assert_text(msg.user_agent, "app");
    assert_text(msg.apikey, O);
    assert_text(msg.appid, "I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF");
    assert_text(msg.sequence, "1545219251123");
    assert_int_equal(msg.member_count, 9);
    assert_text(msg.members[7].key, "nonce");
}

static void a_numeric_sequence_keeps_every_digit(void **unused)
{
    (void)unused;
    assert_text(parsed("{\"sequence\":1550763249631}").sequence, "1550763249631");
    assert_text(parsed("{\"sequence\":15452192511234567}").sequence, "15452192511234567");
    assert_text(parsed("{\"sequence\":99999999999999999999999999}").sequence,
                "99999999999999999999999999");
    assert_text(parsed("{\"sequence\":1.50e3}").sequence, "1.50e3");
    assert_text(parsed("{\"sequence\":\"15452192511234567\"}").sequence, "15452192511234567");
}

static void a_handshake_of_few_members_leaves_the_rest_empty(void **unused)
{
    struct message msg =
        parsed("{\"action\":\"userOnline\",\"at\":\"" AT "\",\"apikey\":\"" O
               "\",\"appid\":\"\","
               "\"nonce\":\"75u7ws6l\",\"userAgent\":\"app\",\"sequence\":\"1795386118179\"}");

    (void)unused;
    assert_int_equal(msg.version, 0);
    assert_int_equal(msg.appid.len, 0);
    assert_int_equal(msg.deviceid.len, 0);
    assert_int_equal(msg.params.kind, JSON_NONE);
    assert_int_equal(msg.d_seq.kind, JSON_NONE);
    assert_text(msg.sequence, "1795386118179");
}

static void null_credentials_are_as_absent(void **unused)
{
    struct message msg = parsed(
        "{\"action\":\"register\",\"version\":null,\"at\":null,"
        "\"apikey\":null,\"deviceid\":null,\"sequence\":null,"
        "\"d_seq\":null,\"seq\":null,\"params\":null,\"error\":null}");

    (void)unused;
    assert_int_equal(msg.action, MESSAGE_REGISTER);
    assert_int_equal(msg.version, 0);
    assert_int_equal(msg.at.len, 0);
    assert_int_equal(msg.apikey.len, 0);
    assert_int_equal(msg.deviceid.len, 0);
    assert_int_equal(msg.sequence.len, 0);
    assert_int_equal(msg.d_seq.kind, JSON_NONE);
    assert_int_equal(msg.seq.kind, JSON_NONE);
    assert_int_equal(msg.params.kind, JSON_NONE);
    assert_false(msg.has_error);
}

static void members_of_a_wrong_type_are_as_absent(void **unused)
{
    struct message msg = parsed(
        "{\"at\":true,\"apikey\":17,\"deviceid\":[\"x\"],\"sequence\":{},"
        "\"d_seq\":[1],\"seq\":true,\"version\":\"eight\",\"error\":\"x\"}");

    (void)unused;
    assert_int_equal(msg.action, MESSAGE_RESPONSE);
    assert_int_equal(msg.at.len, 0);
    assert_int_equal(msg.apikey.len, 0);
    assert_int_equal(msg.deviceid.len, 0);
    assert_int_equal(msg.sequence.len, 0);
    assert_int_equal(msg.d_seq.kind, JSON_NONE);
    assert_int_equal(msg.seq.kind, JSON_NONE);
    assert_int_equal(msg.version, 0);
    assert_false(msg.has_error);
}

static void a_device_registers_with_its_version_as_a_number_or_a_string(void **unused)
{
    struct message number =
        parsed("{\"userAgent\":\"device\",\"apikey\":\"" F "\",\"deviceid\":\"" D
               "\","
               "\"action\":\"register\",\"version\":2,\"romVersion\":\"1.5.5\","
               "\"model\":\"ITA-GZ1-GL\",\"ts\":970}");
    struct message string =
        parsed("{\"userAgent\":\"device\",\"apikey\":\"" F "\",\"deviceid\":\"" D
               "\","
               "\"action\":\"register\",\"version\":\"8\",\"romVersion\":\"1.8.1\",\"model\":\"M\","
               "\"ts\":1660720000,\"d_seq\":1660720000001,\"chipid\":\"0123456789ab\"}");

    (void)unused;
    assert_int_equal(number.action, MESSAGE_REGISTER);
    assert_int_equal(number.version, 2);
    assert_text(number.apikey, F);
    assert_text(number.deviceid, D);
    assert_text(number.rom_version, "1.5.5");
    assert_text(number.model, "ITA-GZ1-GL");
    assert_int_equal(string.version, 8);
    assert_text(string.chipid, "0123456789ab");
    assert_int_equal(string.d_seq.kind, JSON_NUMBER);
    assert_text(string.d_seq.raw, "1660720000001");
}

static void a_device_s_own_number_keeps_its_type(void **unused)
{
    struct message number = parsed("{\"action\":\"date\",\"d_seq\":11,\"seq\":2}");
    struct message string = parsed("{\"action\":\"date\",\"d_seq\":\"11\",\"seq\":\"2\"}");

    (void)unused;
    assert_int_equal(number.action, MESSAGE_DATE);
    assert_text(number.d_seq.raw, "11");
    assert_text(number.seq.raw, "2");
    assert_text(string.d_seq.raw, "\"11\"");
    assert_text(string.seq.raw, "\"2\"");
}

static void white_space_means_nothing(void **unused)
{
    struct message spaced = parsed("{\"action\": \"userOnline\", \"at\": \"" AT
                                   "\", "
                                   "\"sequence\": \"1795386234437\", \"version\": 8}");
    struct message pretty = parsed(
        "{\n\t\"userAgent\":\t\"device\",\n\t\"version\":\t2,\n"
        "\t\"action\":\t\"register\",\r\n\t\"deviceid\":\t\"" D "\"\n}\n");

    (void)unused;
    assert_int_equal(spaced.action, MESSAGE_USER_ONLINE);
    assert_text(spaced.at, AT);
    assert_text(spaced.sequence, "1795386234437");
    assert_int_equal(spaced.version, 8);
    assert_int_equal(pretty.action, MESSAGE_REGISTER);
    assert_int_equal(pretty.version, 2);
    assert_text(pretty.deviceid, D);
}

static void params_are_kept_byte_for_byte(void **unused)
{
    struct message object = parsed(APP_UPDATE);
    struct message list = parsed("{\"action\":\"query\",\"params\":[ \"switch\" , \"x\"]}");
    struct message nested =
        parsed("{\"params\":{\"error\":1,\"deviceid\":\"no\"},\"error\":\"0\"}");

    (void)unused;
    assert_int_equal(object.action, MESSAGE_UPDATE);
    assert_int_equal(object.params.kind, JSON_OBJECT);
    assert_text(object.params.raw, "{\"switch\":\"on\"}");
    assert_int_equal(list.action, MESSAGE_QUERY);
    assert_text(list.params.raw, "[ \"switch\" , \"x\"]");
    assert_int_equal(nested.deviceid.len, 0);
    assert_true(nested.has_error);
    assert_int_equal(nested.error, 0);
}

static void an_answer_has_an_error_code_and_no_action(void **unused)
{
    struct message ack =
        parsed("{\"error\":0,\"userAgent\":\"device\",\"apikey\":\"" O "\",\"deviceid\":\"" D
               "\","
               "\"sequence\":\"1585297259553\"}");
    struct message refusal = parsed("{\"error\":\"404\",\"action\":null}");

    (void)unused;
    assert_int_equal(ack.action, MESSAGE_RESPONSE);
    assert_true(ack.has_error);
    assert_int_equal(ack.error, 0);
    assert_text(ack.sequence, "1585297259553");
    assert_int_equal(refusal.action, MESSAGE_RESPONSE);
    assert_true(refusal.has_error);
    assert_int_equal(refusal.error, 404);
    assert_false(parsed("{\"error\":0.5}").has_error);
    assert_false(parsed("{\"error\":\"9223372036854775808\"}").has_error);
}

static void every_known_action_has_its_name_and_no_other_has_one(void **unused)
{
    static const struct {
        const char *name;
        enum message_action action;
    } known[] = {
        {"userOnline", MESSAGE_USER_ONLINE},
        {"register", MESSAGE_REGISTER},
        {"update", MESSAGE_UPDATE},
        {"upgrade", MESSAGE_UPGRADE},
        {"restart", MESSAGE_RESTART},
        {"redirect", MESSAGE_REDIRECT},
        {"notify", MESSAGE_NOTIFY},
        {"query", MESSAGE_QUERY},
        {"date", MESSAGE_DATE},
        {"sysmsg", MESSAGE_SYSMSG},
    };
    static const char *const unknown[] = {
        "{\"action\":\"nonsense\"}", "{\"action\":\"Update\"}", "{\"action\":\"updat\"}",
        "{\"action\":\"\"}",         "{\"action\":5}",          "{\"action\":[\"update\"]}",
    };
    char text[64];

    (void)unused;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        snprintf(text, sizeof text, "{\"action\":\"%s\"}", known[i].name);
        assert_int_equal(parsed(text).action, known[i].action);
        assert_string_equal(message_action_name(known[i].action), known[i].name);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_int_equal(parsed(unknown[i]).action, MESSAGE_UNKNOWN);
    assert_string_equal(message_action_name(MESSAGE_RESPONSE), "");
    assert_string_equal(message_action_name(MESSAGE_UNKNOWN), "");
}

static void of_a_key_that_stands_twice_the_first_counts(void **unused)
{
    struct message msg = parsed(
        "{\"deviceid\":\"one\",\"error\":0,\"d_seq\":null,"
        "\"deviceid\":\"two\",\"error\":1,\"d_seq\":4}");

    (void)unused;
    assert_text(msg.deviceid, "one");
    assert_int_equal(msg.error, 0);
    assert_int_equal(msg.d_seq.kind, JSON_NONE);
}

static void keys_that_resemble_ours_are_not_ours(void **unused)
{
    struct message msg = parsed(
        "{\"\":1,\"a\":1,\"ap\":\"x\",\"Error\":1,\"apiKey\":\"x\","
        "\"sequencex\":\"x\",\"deviceId\":\"x\",\"romversion\":\"x\","
        "\"\\u0061t\":\"x\",\"a-rather-long-key\":\"x\"}");

    (void)unused;
    assert_false(msg.has_error);
    assert_int_equal(msg.at.len, 0);
    assert_int_equal(msg.apikey.len, 0);
    assert_int_equal(msg.sequence.len, 0);
    assert_int_equal(msg.deviceid.len, 0);
    assert_int_equal(msg.rom_version.len, 0);
    assert_int_equal(msg.member_count, 10);
}

static void what_is_no_object_is_refused(void **unused)
{
    static const char *const texts[] = {
        "not json",         "", " ", "[]", "7", "\"ping\"", "{", "null", "{\"a\":1,}", "{\"a\":1}x",
        "{\"a\":\"\x80\"}",
    };
    struct message msg;

    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(message_parse(str_of(texts[i]), &msg), ERR_INVALID);
}

/* Each part lies in memory of exactly its size, so that a sanitizer sees any read past it. */
static void no_part_of_a_message_passes_for_a_whole(void **unused)
{
    struct str whole = STR(APP_UPDATE);
    struct message msg;

    (void)unused;
    for (size_t len = 0; len <= whole.len; len++) {
        char *part = malloc(len + (len == 0));
        enum err err;

        memcpy(part, whole.ptr, len);
        err = message_parse((struct str){part, len}, &msg);
        assert_int_equal(err, len == whole.len ? ERR_NONE : ERR_INVALID);
        free(part);
    }
}

static void a_message_of_too_many_members_is_refused(void **unused)
{
    char text[MESSAGE_MAX_MEMBERS * 8 + 16];
    struct message msg;
    size_t len = 1;

    (void)unused;
    text[0] = '{';
    for (int i = 0; i <= MESSAGE_MAX_MEMBERS; i++) {
        text[len] = '}';
        if (i > 0)
            assert_int_equal(message_parse((struct str){text, len + 1}, &msg), ERR_NONE);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\"k%d\":1", i == 0 ? "" : ",", i);
    }
    text[len] = '}';
    assert_int_equal(message_parse((struct str){text, len + 1}, &msg), ERR_TOO_LARGE);
}

static void the_text_heartbeat_is_known_in_any_dress(void **unused)
{
    (void)unused;
    assert_true(message_is_ping(STR("ping")));
    assert_true(message_is_ping(STR("PING")));
    assert_true(message_is_ping(STR(" Ping\r\n")));
    assert_false(message_is_ping(STR("pin")));
    assert_false(message_is_ping(STR("pingg")));
    assert_false(message_is_ping(STR("pong")));
    assert_false(message_is_ping(STR("\"ping\"")));
    assert_false(message_is_ping(STR_EMPTY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_app_says_who_it_is),
        cmocka_unit_test(a_numeric_sequence_keeps_every_digit),
        cmocka_unit_test(a_handshake_of_few_members_leaves_the_rest_empty),
        cmocka_unit_test(null_credentials_are_as_absent),
        cmocka_unit_test(members_of_a_wrong_type_are_as_absent),
        cmocka_unit_test(a_device_registers_with_its_version_as_a_number_or_a_string),
        cmocka_unit_test(a_device_s_own_number_keeps_its_type),
        cmocka_unit_test(white_space_means_nothing),
        cmocka_unit_test(params_are_kept_byte_for_byte),
        cmocka_unit_test(an_answer_has_an_error_code_and_no_action),
        cmocka_unit_test(every_known_action_has_its_name_and_no_other_has_one),
        cmocka_unit_test(of_a_key_that_stands_twice_the_first_counts),
        cmocka_unit_test(keys_that_resemble_ours_are_not_ours),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(no_part_of_a_message_passes_for_a_whole),
        cmocka_unit_test(a_message_of_too_many_members_is_refused),
        cmocka_unit_test(the_text_heartbeat_is_known_in_any_dress),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
