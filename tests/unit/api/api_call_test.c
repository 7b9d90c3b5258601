#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define LIST "{\"deviceInfoList\":[{\"deviceid\":\"1000000001\"}]}"
#define V1 "POST /otaother/app HTTP/1.1\r\nHost: h"
#define V2 "POST /v2/device/ota/query HTTP/1.1\r\nHost: h"
#define BEARER "\r\nAuthorization: Bearer " DESK_TOKEN

static void assert_body(const char *answer, const char *body)
{
    const char *at = strstr(answer, "\r\n\r\n");

    assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(at);
    assert_string_equal(at + 4, body);
}

static void a_valid_token_is_let_in(void **state)
{
    assert_body(desk_ask(*state, V1 BEARER, LIST), "{\"error\":0,\"upgradeInfoList\":[]}");
    assert_body(desk_ask(*state, V2 BEARER, LIST),
                "{\"error\":0,\"msg\":\"\",\"data\":{\"otaInfoList\":[]}}");
}

static void any_other_is_not(void **state)
{
    assert_body(desk_ask(*state, V1, LIST), "{\"error\":401,\"info\":\"authorization failed\"}");
    assert_body(desk_ask(*state, V1 "\r\nAuthorization: Bearer null", LIST),
                "{\"error\":401,\"info\":\"authorization failed\"}");
    assert_body(desk_ask(*state, V2 "\r\nAuthorization: Sign abc", LIST),
                "{\"error\":401,\"msg\":\"authorization failed\",\"data\":{}}");
}

static void the_token_of_another_app_is_refused(void **state)
{
    assert_body(desk_ask(*state, V2 BEARER "\r\nX-CK-Appid: another", LIST),
                "{\"error\":407,\"msg\":\"the app has no permission\",\"data\":{}}");
    assert_body(desk_ask(*state, V1 BEARER, "{\"appid\":\"another\"}"),
                "{\"error\":403,\"info\":\"no permission\"}");
    assert_body(desk_ask(*state, V2 BEARER "\r\nx-ck-appid: " DESK_APP, LIST),
                "{\"error\":0,\"msg\":\"\",\"data\":{\"otaInfoList\":[]}}");
}

static void json_is_read_whatever_its_type(void **state)
{
    static const char *const types[] = {"text/plain;charset=UTF-8", "application/json",
                                        "application/x-www-form-urlencoded"};
    char head[512];

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        (void)snprintf(head, sizeof head, "%s\r\nContent-Type: %s", V1 BEARER, types[i]);
        assert_body(desk_ask(*state, head, LIST), "{\"error\":0,\"upgradeInfoList\":[]}");
    }
}

static void what_can_not_be_read_is_400(void **state)
{
    assert_body(desk_ask(*state, V1 BEARER, "not json"),
                "{\"error\":400,\"info\":\"wrong parameter\"}");
    assert_body(desk_ask(*state, V1 BEARER, ""), "{\"error\":400,\"info\":\"wrong parameter\"}");
    assert_body(desk_ask(*state,
                         "POST /v2/device/ota/query?a=%zz HTTP/1.1\r\nHost: h\r\n"
                         "Authorization: Bearer " DESK_TOKEN,
                         LIST),
                "{\"error\":400,\"msg\":\"wrong parameter\",\"data\":{}}");
}

static void a_form_is_read_as_one(void **state)
{
    assert_body(desk_ask(*state, V1 BEARER "\r\nContent-Type: application/x-www-form-urlencoded",
                         "appid=another"),
                "{\"error\":403,\"info\":\"no permission\"}");
}

static void an_unknown_path_is_refused_in_its_dialect(void **state)
{
    const char *answer;

    assert_body(desk_ask(*state, "POST /v2/none HTTP/1.1\r\nHost: h", ""),
                "{\"error\":403,\"msg\":\"no such API\",\"data\":{}}");
    assert_body(desk_ask(*state, "GET /v2/device/ota/query HTTP/1.1\r\nHost: h", ""),
                "{\"error\":403,\"msg\":\"no such API\",\"data\":{}}");
    answer = desk_ask(*state, "POST /api/none HTTP/1.1\r\nHost: h", "");
    assert_non_null(strstr(answer, "HTTP/1.1 404 Not Found\r\n"));
    assert_non_null(strstr(answer, "{\"error\":404,\"info\":\"no such API\"}"));
    answer = desk_ask(*state, "POST /none HTTP/1.1\r\nHost: h", "");
    assert_non_null(strstr(answer, "{\"error\":404,\"reason\":\"Not Found\"}"));
}

static void past_the_bound_of_calls_the_code_is_500(void **state)
{
    struct desk *desk = *state;

    desk_limit_calls(desk, 0);
    assert_body(desk_ask(desk, V1 BEARER, LIST), "{\"error\":500,\"info\":\"server error\"}");
    assert_int_equal(metric_total(&desk->metrics, 1, METRIC_API_REFUSED), 1);
    assert_true(api_is_idle(desk->api));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_valid_token_is_let_in),
        CASE(any_other_is_not),
        CASE(the_token_of_another_app_is_refused),
        CASE(json_is_read_whatever_its_type),
        CASE(what_can_not_be_read_is_400),
        CASE(a_form_is_read_as_one),
        CASE(an_unknown_path_is_refused_in_its_dialect),
        CASE(past_the_bound_of_calls_the_code_is_500),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
