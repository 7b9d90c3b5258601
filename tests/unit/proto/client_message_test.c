#include "proto/client_message.h"

#include "proto/dispatch_message.h"
#include "proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* One character more than a client keeps. */
#define LONG_IP                                                                                    \
    "{\"port\":1,\"error\":0,\"IP\":"                                                              \
    "\"0123456789012345678901234567890123456789012345678901234567890123\"}"

static const struct client_identity who = {.at = {"token", 5},
                                           .appid = {"app", 3},
                                           .apikey = {"key", 3},
                                           .deviceid = {"100000140e", 10},
                                           .model = {"M", 1},
                                           .nonce = {"asbsedwq", 8},
                                           .ts = 1545219251};

static void assert_text(struct str str, const char *text)
{
    assert_int_equal(str.len, strlen(text));
    assert_memory_equal(str.ptr, text, str.len);
}

static struct message parsed(const struct buf *buf)
{
    struct message msg;

    assert_int_equal(message_parse(buf_str(buf), &msg), ERR_NONE);
    return msg;
}

static void both_dispatch_requests_are_what_the_server_reads(void **unused)
{
    struct dispatch_request request;
    struct buf app = BUF_EMPTY;
    struct buf device = BUF_EMPTY;

    (void)unused;
    client_message_format_dispatch(&app, &who);
    assert_int_equal(dispatch_message_parse(buf_str(&app), &request), ERR_NONE);
    assert_true(dispatch_message_accepts_ws(request.accept));
    assert_text(request.version, "8");
    assert_text(request.appid, "app");
    assert_text(request.ts, "1545219251");
    assert_text(request.nonce, "asbsedwq");
    client_message_format_dispatch_device(&device, &who);
    assert_int_equal(dispatch_message_parse(buf_str(&device), &request), ERR_NONE);
    assert_true(dispatch_message_accepts_ws(request.accept));
    assert_text(request.deviceid, "100000140e");
    assert_text(request.apikey, "key");
    buf_free(&app);
    buf_free(&device);
}

static void both_handshakes_are_what_the_server_reads(void **unused)
{
    struct buf app = BUF_EMPTY;
    struct buf device = BUF_EMPTY;
    struct message msg;

    (void)unused;
    client_message_format_user_online(&app, &who, STR("17"));
    msg = parsed(&app);
    assert_int_equal(msg.action, MESSAGE_USER_ONLINE);
    assert_text(msg.at, "token");
    assert_text(msg.apikey, "key");
    assert_text(msg.appid, "app");
    assert_text(msg.sequence, "17");
    assert_int_equal(msg.version, 8);
    client_message_format_register(&device, &who);
    msg = parsed(&device);
    assert_int_equal(msg.action, MESSAGE_REGISTER);
    assert_text(msg.deviceid, "100000140e");
    assert_text(msg.apikey, "key");
    assert_text(msg.model, "M");
    assert_int_equal(msg.version, 8);
    assert_true(msg.chipid.len > 0);
    buf_free(&app);
    buf_free(&device);
}

static void a_command_and_its_ack_belong_together(void **unused)
{
    struct buf command = BUF_EMPTY;
    struct buf ack = BUF_EMPTY;
    struct message msg;

    (void)unused;
    client_message_format_update(&command, &who, STR("18"), STR("{\"switch\":\"on\"}"));
    msg = parsed(&command);
    assert_int_equal(msg.action, MESSAGE_UPDATE);
    assert_text(msg.user_agent, "app");
    assert_text(msg.deviceid, "100000140e");
    assert_text(msg.params.raw, "{\"switch\":\"on\"}");
    client_message_format_ack(&ack, &who, 404, msg.sequence);
    msg = parsed(&ack);
    assert_int_equal(msg.action, MESSAGE_RESPONSE);
    assert_true(msg.has_error);
    assert_int_equal(msg.error, 404);
    assert_text(msg.sequence, "18");
    buf_free(&command);
    buf_free(&ack);
}

static void reports_queries_and_dates_are_what_the_server_reads(void **unused)
{
    struct buf buf = BUF_EMPTY;
    struct message msg;

    (void)unused;
    client_message_format_report(&buf, &who, STR("{\"switch\":\"off\"}"));
    msg = parsed(&buf);
    assert_int_equal(msg.action, MESSAGE_UPDATE);
    assert_text(msg.user_agent, "device");
    assert_text(msg.params.raw, "{\"switch\":\"off\"}");
    buf_clear(&buf);
    client_message_format_query(&buf, &who, STR("19"));
    msg = parsed(&buf);
    assert_int_equal(msg.action, MESSAGE_QUERY);
    assert_text(msg.params.raw, "[]");
    assert_text(msg.sequence, "19");
    buf_free(&buf);
}

static void credentials_are_escaped(void **unused)
{
    struct client_identity odd = who;
    struct buf buf = BUF_EMPTY;

    (void)unused;
    odd.at = STR("a\"b\\");
    client_message_format_user_online(&buf, &odd, STR("1"));
    assert_text(parsed(&buf).at, "a\\\"b\\\\");
    buf_free(&buf);
}

static void a_route_is_read(void **unused)
{
    struct client_route route;

    (void)unused;
    assert_int_equal(
        client_message_parse_route(STR("{\"port\":8080,\"reason\":\"ok\",\"IP\":\"127.0.0.1\","
                                       "\"error\":0,\"domain\":\"gate.example\"}"),
                                   &route),
        ERR_NONE);
    assert_int_equal(route.error, 0);
    assert_int_equal(route.port, 8080);
    assert_string_equal(route.ip, "127.0.0.1");
    assert_string_equal(route.domain, "gate.example");
    assert_int_equal(
        client_message_parse_route(STR("{\"error\":0,\"IP\":\"192.0.2.1\",\"port\":443}"), &route),
        ERR_NONE);
    assert_string_equal(route.ip, "192.0.2.1");
    assert_string_equal(route.domain, "");
}

static void a_refusal_is_read(void **unused)
{
    struct client_route route;

    (void)unused;
    assert_int_equal(
        client_message_parse_route(STR("{\"error\":402,\"reason\":\"expired\"}"), &route),
        ERR_NONE);
    assert_int_equal(route.error, 402);
    assert_int_equal(route.port, 0);
    assert_string_equal(route.ip, "");
}

static void an_answer_that_leads_nowhere_is_refused(void **unused)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "{\"reason\":\"ok\"}",
        "{\"error\":\"0\",\"IP\":\"192.0.2.1\",\"port\":1}",
        "{\"error\":0,\"port\":8080}",
        "{\"error\":0,\"IP\":\"\",\"domain\":\"\",\"port\":8080}",
        "{\"error\":0,\"IP\":\"192.0.2.1\"}",
        "{\"error\":0,\"IP\":\"192.0.2.1\",\"port\":0}",
        "{\"error\":0,\"IP\":\"192.0.2.1\",\"port\":65536}",
        "{\"error\":0,\"IP\":7,\"port\":8080}",
        LONG_IP,
    };
    struct client_route route = {.port = 7};

    (void)unused;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_int_equal(client_message_parse_route(str_of(bodies[i]), &route), ERR_INVALID);
    assert_int_equal(route.port, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_dispatch_requests_are_what_the_server_reads),
        cmocka_unit_test(both_handshakes_are_what_the_server_reads),
        cmocka_unit_test(a_command_and_its_ack_belong_together),
        cmocka_unit_test(reports_queries_and_dates_are_what_the_server_reads),
        cmocka_unit_test(credentials_are_escaped),
        cmocka_unit_test(a_route_is_read),
        cmocka_unit_test(a_refusal_is_read),
        cmocka_unit_test(an_answer_that_leads_nowhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
