#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define POST_APP                                                                                   \
    "POST /dispatch/app HTTP/1.1\r\nHost: sw.example.com:8080\r\nAuthorization: "                  \
    "Bearer " DESK_TOKEN
#define BODY                                                                                       \
    "{\"accept\":\"ws\",\"version\":8,\"appid\":\"" DESK_APP                                       \
    "\",\"ts\":1545219251,\"nonce\":\"asbsedwq\"}"

static const struct bus_node bare = {.id = "n1", .weight = 1};

static void assert_has(const char *answer, const char *part)
{
    if (strstr(answer, part) == NULL)
        fail_msg("no %s in:\n%s", part, answer);
}

static void without_a_gateway_the_code_is_500(void **state)
{
    struct desk *desk = *state;
    const char *answer = desk_ask(desk, POST_APP, BODY);

    assert_has(answer, "HTTP/1.1 200 OK\r\n");
    assert_has(answer,
               "{\"error\":500,\"reason\":\"server error\","
               "\"requestid\":\"1545219251-asbsedwq\"}");
    answer = desk_ask(desk, "POST /dispatch/device HTTP/1.1\r\nHost: h",
                      "{\"deviceid\":\"" DESK_DEVICE "\",\"apikey\":\"" DESK_KEY "\"}");
    assert_has(answer, "{\"error\":500,\"reason\":\"server error\"}");
}

static void a_draining_node_is_not_handed_out(void **state)
{
    struct bus_node draining = bare;

    draining.draining = true;
    desk_announce(*state, &draining);
    assert_has(desk_ask(*state, POST_APP, BODY), "\"error\":500");
}

static void what_is_not_configured_is_where_the_client_reached_us(void **state)
{
    const char *answer;

    desk_announce(*state, &bare);
    answer = desk_ask(*state, POST_APP, BODY);
    assert_has(answer, "\"IP\":\"127.0.0.1\"");
    assert_has(answer, "\"domain\":\"sw.example.com\"");
    assert_has(answer, "\"reason\":\"ok\"");
    assert_null(strstr(answer, "\"port\":0"));
}

static void a_host_that_is_no_name_is_not_repeated(void **state)
{
    const char *answer;

    desk_announce(*state, &bare);
    answer = desk_ask(*state,
                      "POST /dispatch/app HTTP/1.1\r\nHost: a_b\r\nAuthorization: "
                      "bearer " DESK_TOKEN,
                      BODY);
    assert_has(answer, "\"domain\":\"127.0.0.1\"");
}

static void what_is_configured_is_told(void **state)
{
    struct bus_node node = {.id = "n1",
                            .weight = 1,
                            .ip = "192.0.2.7",
                            .domain = "gw.example.com",
                            .region = "eu",
                            .port = 443};
    const char *answer;

    desk_announce(*state, &node);
    answer = desk_ask(*state, POST_APP, BODY);
    assert_has(answer,
               "{\"port\":443,\"reason\":\"ok\",\"IP\":\"192.0.2.7\",\"error\":0,"
               "\"domain\":\"gw.example.com\",\"requestid\":\"1545219251-asbsedwq\"}");
    answer = desk_ask(*state, "POST /dispatch/device HTTP/1.1\r\nHost: h",
                      "{\"deviceid\":\"" DESK_DEVICE "\",\"apikey\":\"" DESK_KEY "\"}");
    assert_has(answer, "\r\n\r\n{\"error\":0,\"reason\":\"ok\",\"IP\":\"192.0.2.7\",\"port\":443}");
}

static void a_node_of_another_region_is_not_for_this_account(void **state)
{
    struct bus_node far = {.id = "n1", .weight = 1, .region = "us"};

    desk_announce(*state, &far);
    assert_has(desk_ask(*state, POST_APP, BODY), "\"error\":500");
}

static void a_wrong_device_key_and_an_unknown_device_look_alike(void **state)
{
    static const char head[] = "POST /dispatch/device HTTP/1.1\r\nHost: h";

    desk_announce(*state, &bare);
    assert_has(desk_ask(*state, head, "{\"deviceid\":\"" DESK_DEVICE "\",\"apikey\":\"x\"}"),
               "{\"error\":401,\"reason\":\"authorization failed\"}");
    assert_has(desk_ask(*state, head, "{\"deviceid\":\"10ffffffff\",\"apikey\":\"x\"}"),
               "{\"error\":401,\"reason\":\"authorization failed\"}");
    assert_has(desk_ask(*state, head, "{\"deviceid\":\"" DESK_DEVICE "\"}"), "\"error\":400");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_a_gateway_the_code_is_500),
        CASE(a_draining_node_is_not_handed_out),
        CASE(what_is_not_configured_is_where_the_client_reached_us),
        CASE(a_host_that_is_no_name_is_not_repeated),
        CASE(what_is_configured_is_told),
        CASE(a_node_of_another_region_is_not_for_this_account),
        CASE(a_wrong_device_key_and_an_unknown_device_look_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
