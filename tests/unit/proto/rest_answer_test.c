#include "proto/rest_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    enum rest_style style;
    const char *success;
    const char *refusal;
} rows[] = {
    {REST_INFO, "{\"error\":0,\"a\":1}", "{\"error\":400,\"info\":\"why\"}"},
    {REST_ERRMSG, "{\"error\":0,\"a\":1}", "{\"error\":400,\"errmsg\":\"why\"}"},
    {REST_CODE, "{\"error\":0,\"a\":1}", "{\"error\":400,\"code\":400,\"info\":\"why\"}"},
    {REST_BARE, "{\"a\":1}", "{\"error\":400,\"info\":\"why\"}"},
    {REST_V2, "{\"error\":0,\"msg\":\"\",\"data\":{\"a\":1}}",
     "{\"error\":400,\"msg\":\"why\",\"data\":{}}"},
};

static void each_style_has_its_envelope(void **state)
{
    struct buf out = BUF_EMPTY;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_out json = rest_answer_begin(&out, rows[i].style);

        json_out_int(&json, "a", 1);
        rest_answer_end(&json, rows[i].style);
        assert_true(str_eq(buf_str(&out), str_of(rows[i].success)));
        buf_clear(&out);
        rest_answer_refuse(&out, rows[i].style, 400, STR("why"));
        assert_true(str_eq(buf_str(&out), str_of(rows[i].refusal)));
        buf_clear(&out);
    }
    buf_free(&out);
}

static void a_refusal_may_say_more(void **state)
{
    struct buf out = BUF_EMPTY;
    struct json_out json = rest_answer_begin_refusal(&out, REST_V2, 10004, STR("elsewhere"));

    (void)state;
    json_out_str(&json, "region", STR("eu"));
    rest_answer_end(&json, REST_V2);
    assert_true(str_eq(buf_str(&out), STR("{\"error\":10004,\"msg\":\"elsewhere\",\"data\":"
                                          "{\"region\":\"eu\"}}")));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_style_has_its_envelope),
        cmocka_unit_test(a_refusal_may_say_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
