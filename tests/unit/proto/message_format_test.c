#include "proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define O "a4e77f7e-2116-4215-b961-6f3fc5982667"
#define D "100000140e"
#define F "4b21ebbe-8870-4d4a-93f2-7c6cfeff5fea"
#define ROUTE "\"deviceid\":\"" D "\",\"apikey\":\"" O "\""

static struct json_value number(const char *digits)
{
    return (struct json_value){JSON_NUMBER, false, str_of(digits)};
}

static void assert_buf(struct buf *buf, const char *text)
{
    buf_append_byte(buf, '\0');
    assert_string_equal(buf->ptr, text);
    buf_free(buf);
}

static void assert_reply(const struct message_reply *reply, const char *text)
{
    struct buf buf = BUF_EMPTY;

    message_format_reply(&buf, reply);
    assert_buf(&buf, text);
}

static void an_app_is_welcomed(void **unused)
{
    struct message_reply reply = {
        .apikey = STR(O), .hb_interval_s = 145, .sequence = STR("1550763249631")};

    (void)unused;
    assert_reply(&reply, "{\"error\":0,\"apikey\":\"" O
                         "\",\"config\":{\"hb\":1,\"hbInterval\":145},"
                         "\"sequence\":\"1550763249631\"}");
}

static void an_app_is_refused(void **unused)
{
    struct message_reply reply = {.error = 406,
                                  .reason = STR("Authentication Failed"),
                                  .apikey = STR(O),
                                  .sequence = STR("1545219251123"),
                                  .action_name = STR("userOnline")};

    (void)unused;
    assert_reply(&reply, "{\"error\":406,\"reason\":\"Authentication Failed\",\"apikey\":\"" O
                         "\","
                         "\"sequence\":\"1545219251123\",\"actionName\":\"userOnline\"}");
    reply = (struct message_reply){.error = 406, .sequence = STR("2")};
    assert_reply(&reply, "{\"error\":406,\"sequence\":\"2\"}");
}

static void a_device_is_welcomed_in_118_bytes(void **unused)
{
    struct message_reply reply = {.deviceid = STR(D), .apikey = STR(O), .hb_interval_s = 145};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_reply(&buf, &reply);
    assert_int_equal(buf.len, 118);
    assert_buf(&buf, "{\"error\":0," ROUTE ",\"config\":{\"hb\":1,\"hbInterval\":145}}");
}

static void an_unknown_device_hears_its_own_key(void **unused)
{
    struct message_reply reply = {
        .error = 404, .reason = STR("Not Found"), .deviceid = STR("10ffffffff"), .apikey = STR(F)};

    (void)unused;
    assert_reply(&reply,
                 "{\"error\":404,\"reason\":\"Not Found\",\"deviceid\":\"10ffffffff\","
                 "\"apikey\":\"" F "\"}");
}

static void the_date_is_told_with_the_device_s_number(void **unused)
{
    struct message_reply reply = {
        .deviceid = STR(D), .apikey = STR(O), .date = STR("2017-09-17T00:24:54.955Z")};

    (void)unused;
    assert_reply(&reply, "{\"error\":0," ROUTE ",\"date\":\"2017-09-17T00:24:54.955Z\"}");
    reply.d_seq = number("1660720000123");
    assert_reply(&reply, "{\"error\":0," ROUTE
                         ",\"date\":\"2017-09-17T00:24:54.955Z\","
                         "\"d_seq\":1660720000123}");
}

static void params_are_told_as_they_are(void **unused)
{
    struct message_reply reply = {.deviceid = STR(D), .apikey = STR(O), .params = number("0")};

    (void)unused;
    assert_reply(&reply, "{\"error\":0," ROUTE ",\"params\":0}");
    reply.params = (struct json_value){JSON_OBJECT, false,
                                       STR("{\"switch\":\"off\",\"fwVersion\":\"1.5.5\"}")};
    reply.sequence = STR("7");
    assert_reply(&reply, "{\"error\":0," ROUTE
                         ",\"params\":{\"switch\":\"off\","
                         "\"fwVersion\":\"1.5.5\"},\"sequence\":\"7\"}");
}

static void a_negative_code_is_written_too(void **unused)
{
    struct message_reply reply = {.error = -2147483647 - 1};

    (void)unused;
    assert_reply(&reply, "{\"error\":-2147483648}");
    reply.error = 2147483647;
    assert_reply(&reply, "{\"error\":2147483647}");
}

static void a_string_is_echoed_with_its_escapes(void **unused)
{
    struct message msg;
    struct message_reply reply = {.error = 400};

    (void)unused;
    assert_int_equal(message_parse(STR("{\"sequence\":\"a\\\"\\u00e9\\n\"}"), &msg), ERR_NONE);
    reply.sequence = msg.sequence;
    assert_reply(&reply, "{\"error\":400,\"sequence\":\"a\\\"\\u00e9\\n\"}");
}

static void further_members_of_an_ack_are_passed_on(void **unused)
{
    struct message ack;
    struct message_reply reply = {.deviceid = STR(D), .apikey = STR(O), .sequence = STR("1")};

    (void)unused;
    assert_int_equal(message_parse(STR("{\"error\":0,\"userAgent\":\"device\",\"apikey\":\"x\","
                                       "\"deviceid\":\"x\",\"sequence\":\"9\",\"d_seq\":1,"
                                       "\"reason\":\"x\",\"params\":{\"switch\":\"on\"},"
                                       "\"config\":{ \"hundredDaysKwhData\":\"000002\" },"
                                       "\"\":[ ],\"\\u0061ction\":\"x\",\"seq\":\"2\"}"),
                                   &ack),
                     ERR_NONE);
    reply.extras = &ack;
    assert_reply(&reply, "{\"error\":0," ROUTE
                         ",\"config\":{ \"hundredDaysKwhData\":\"000002\" },"
                         "\"\":[ ],\"seq\":\"2\",\"sequence\":\"1\"}");
}

static void a_command_reaches_the_device_routing_keys_first(void **unused)
{
    struct message_update update = {.deviceid = STR(D),
                                    .apikey = STR(O),
                                    .sequence = STR("1585297259553"),
                                    .params = STR("{\"switch\":\"on\"}")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_command(&buf, MESSAGE_UPDATE, &update);
    assert_int_equal(buf.len, 181);
    assert_buf(&buf, "{\"action\":\"update\"," ROUTE
                     ",\"userAgent\":\"app\","
                     "\"sequence\":\"1585297259553\",\"ts\":0,\"params\":{\"switch\":\"on\"},"
                     "\"from\":\"app\"}");
}

static void an_upgrade_ends_with_its_params(void **unused)
{
    struct message_update update = {.deviceid = STR(D),
                                    .apikey = STR(O),
                                    .sequence = STR("1507499250325"),
                                    .params = STR("{\"version\":\"1.5.5\"}")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_command(&buf, MESSAGE_UPGRADE, &update);
    assert_buf(&buf, "{\"action\":\"upgrade\"," ROUTE
                     ",\"userAgent\":\"app\","
                     "\"sequence\":\"1507499250325\",\"ts\":0,\"params\":{\"version\":\"1.5.5\"}}");
}

static void an_order_has_its_members_at_the_top(void **unused)
{
    struct message_update update = {.deviceid = STR(D), .apikey = STR(O), .sequence = STR("17")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_order(&buf, MESSAGE_RESTART, &update);
    assert_buf(&buf,
               "{\"action\":\"restart\"," ROUTE ",\"userAgent\":\"app\",\"sequence\":\"17\"}");
    update.params = STR("{}");
    message_format_order(&buf, MESSAGE_RESTART, &update);
    assert_buf(&buf,
               "{\"action\":\"restart\"," ROUTE ",\"userAgent\":\"app\",\"sequence\":\"17\"}");
    update.params = STR("{\"IP\":\"192.0.2.8\",\"port\":443}");
    message_format_order(&buf, MESSAGE_REDIRECT, &update);
    assert_buf(&buf, "{\"action\":\"redirect\"," ROUTE
                     ",\"userAgent\":\"app\",\"sequence\":\"17\","
                     "\"IP\":\"192.0.2.8\",\"port\":443}");
}

static void a_notice_of_the_heartbeat_has_no_sequence(void **unused)
{
    const struct message_update update = {.deviceid = STR(D), .apikey = STR(O)};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_notify(&buf, &update, 145);
    assert_buf(&buf,
               "{\"action\":\"notify\"," ROUTE ",\"cmd\":\"config\",\"hb\":1,\"hbInterval\":145}");
}

static void other_apps_learn_of_a_command(void **unused)
{
    struct message_update update = {.deviceid = STR(D),
                                    .apikey = STR(O),
                                    .sequence = STR("1585297259553"),
                                    .params = STR("{\"switch\":\"on\"}")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_app_push(&buf, &update);
    assert_buf(&buf, "{\"action\":\"update\"," ROUTE
                     ",\"userAgent\":\"app\","
                     "\"sequence\":\"1585297259553\",\"ts\":0,\"params\":{\"switch\":\"on\"},"
                     "\"tempRec\":\"" D "\"}");
    update.sequence = STR_EMPTY;
    buf = BUF_EMPTY;
    message_format_app_push(&buf, &update);
    assert_buf(&buf, "{\"action\":\"update\"," ROUTE
                     ",\"userAgent\":\"app\",\"ts\":0,\"params\":{\"switch\":\"on\"},"
                     "\"tempRec\":\"" D "\"}");
}

static void apps_learn_of_a_report(void **unused)
{
    struct message_update update = {
        .deviceid = STR(D), .apikey = STR(O), .params = STR("{\"switch\":\"off\",\"rssi\":-31}")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_device_push(&buf, &update);
    assert_buf(&buf, "{\"action\":\"update\"," ROUTE
                     ",\"userAgent\":\"device\",\"ts\":0,"
                     "\"params\":{\"switch\":\"off\",\"rssi\":-31},\"from\":\"device\"}");
    buf = BUF_EMPTY;
    update.d_seq = number("11");
    update.seq = (struct json_value){JSON_STRING, false, STR("\"2\"")};
    message_format_device_push(&buf, &update);
    assert_buf(&buf, "{\"action\":\"update\"," ROUTE
                     ",\"userAgent\":\"device\",\"d_seq\":11,"
                     "\"ts\":0,\"params\":{\"switch\":\"off\",\"rssi\":-31},\"from\":\"device\","
                     "\"seq\":\"2\"}");
}

static void apps_learn_whether_a_device_is_there(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_presence(&buf, STR(D), STR(O), true);
    assert_buf(&buf, "{\"action\":\"sysmsg\"," ROUTE ",\"ts\":0,\"params\":{\"online\":true}}");
    buf = BUF_EMPTY;
    message_format_presence(&buf, STR(D), STR(O), false);
    assert_buf(&buf, "{\"action\":\"sysmsg\"," ROUTE ",\"ts\":0,\"params\":{\"online\":false}}");
}

static void formatting_appends(void **unused)
{
    struct message_reply reply = {.error = 503};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    message_format_reply(&buf, &reply);
    message_format_reply(&buf, &reply);
    assert_buf(&buf, "{\"error\":503}{\"error\":503}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_app_is_welcomed),
        cmocka_unit_test(an_app_is_refused),
        cmocka_unit_test(a_device_is_welcomed_in_118_bytes),
        cmocka_unit_test(an_unknown_device_hears_its_own_key),
        cmocka_unit_test(the_date_is_told_with_the_device_s_number),
        cmocka_unit_test(params_are_told_as_they_are),
        cmocka_unit_test(a_negative_code_is_written_too),
        cmocka_unit_test(a_string_is_echoed_with_its_escapes),
        cmocka_unit_test(further_members_of_an_ack_are_passed_on),
        cmocka_unit_test(a_command_reaches_the_device_routing_keys_first),
        cmocka_unit_test(an_upgrade_ends_with_its_params),
        cmocka_unit_test(an_order_has_its_members_at_the_top),
        cmocka_unit_test(a_notice_of_the_heartbeat_has_no_sequence),
        cmocka_unit_test(other_apps_learn_of_a_command),
        cmocka_unit_test(apps_learn_of_a_report),
        cmocka_unit_test(apps_learn_whether_a_device_is_there),
        cmocka_unit_test(formatting_appends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
