#include "proto/dispatch_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define D "100000140e"
#define F "4b21ebbe-8870-4d4a-93f2-7c6cfeff5fea"
#define APP_REQUEST                                                                                \
    "{\"accept\":\"ws\",\"version\":8,\"appid\":\"I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF\","             \
    "\"ts\":1545219251,\"nonce\":\"asbsedwq\"}"

static struct dispatch_request parsed(const char *body)
{
    struct dispatch_request request;

    assert_int_equal(dispatch_message_parse(str_of(body), &request), ERR_NONE);
    return request;
}

static void assert_text(struct str str, const char *text)
{
    assert_int_equal(str.len, strlen(text));
    if (str.len > 0)
        assert_memory_equal(str.ptr, text, str.len);
}

static void assert_buf(struct buf *buf, const char *text)
{
    buf_append_byte(buf, '\0');
    assert_string_equal(buf->ptr, text);
    buf_free(buf);
}

static void the_documented_request_is_read(void **unused)
{
    struct dispatch_request request = parsed(APP_REQUEST);

    (void)unused;
    assert_text(request.accept, "ws");
    assert_text(request.version, "8");
    assert_text(request.appid, "I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF");
    assert_text(request.ts, "1545219251");
    assert_text(request.nonce, "asbsedwq");
    assert_text(request.deviceid, "");
}

static void a_device_s_request_is_read(void **unused)
{
    struct dispatch_request request =
        parsed("{\"accept\":\"ws;2\",\"version\":2,\"ts\":933,\"deviceid\":\"" D
               "\",\"apikey\":\"" F "\",\"model\":\"ITA-GZ1-GL\",\"romVersion\":\"1.5.5\"}");

    (void)unused;
    assert_text(request.accept, "ws;2");
    assert_text(request.deviceid, D);
    assert_text(request.apikey, F);
    assert_text(request.ts, "933");
}

static void numbers_and_strings_may_change_places(void **unused)
{
    struct dispatch_request request =
        parsed("{\"version\":\"6\",\"ts\":\"1545219251123\",\"nonce\":1795386234}");

    (void)unused;
    assert_text(request.version, "6");
    assert_text(request.ts, "1545219251123");
    assert_text(request.nonce, "1795386234");
}

static void what_is_no_number_is_as_absent(void **unused)
{
    struct dispatch_request request =
        parsed("{\"accept\":7,\"version\":8.5,\"ts\":\"-1\",\"nonce\":true,\"appid\":null}");

    (void)unused;
    assert_text(request.accept, "");
    assert_text(request.version, "");
    assert_text(request.ts, "");
    assert_text(request.nonce, "");
    assert_text(request.appid, "");
    assert_text(parsed("{\"ts\":\"\"}").ts, "");
    assert_text(parsed("{\"ts\":\"now\"}").ts, "");
    assert_text(parsed("{\"ts\":1e9}").ts, "");
}

static void long_values_are_as_absent(void **unused)
{
    (void)unused;
    assert_text(parsed("{\"ts\":12345678901234567890}").ts, "12345678901234567890");
    assert_text(parsed("{\"ts\":123456789012345678901}").ts, "");
    assert_text(
        parsed("{\"nonce\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}")
            .nonce,
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    assert_text(
        parsed("{\"nonce\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefx\"}")
            .nonce,
        "");
}

static void an_empty_body_is_an_empty_request(void **unused)
{
    (void)unused;
    assert_text(parsed("").accept, "");
    assert_text(parsed(" \r\n").nonce, "");
    assert_text(parsed("{}").ts, "");
}

static void what_is_no_object_is_refused_and_changes_nothing(void **unused)
{
    static const char *const bodies[] = {"[]", "7", "null", "{", "x", "{}{}", "{\"ts\":01}"};
    struct dispatch_request request = {.nonce = STR("before")};

    (void)unused;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_int_equal(dispatch_message_parse(str_of(bodies[i]), &request), ERR_INVALID);
    assert_text(request.nonce, "before");
}

static void a_request_of_too_many_members_is_refused(void **unused)
{
    struct dispatch_request request;
    struct buf body = BUF_EMPTY;

    (void)unused;
    buf_append(&body, STR("{\"k\":0"));
    for (int i = 1; i < DISPATCH_MAX_MEMBERS; i++)
        buf_append(&body, STR(",\"k\":0"));
    buf_append_byte(&body, '}');
    assert_int_equal(dispatch_message_parse(buf_str(&body), &request), ERR_NONE);
    body.len--;
    buf_append(&body, STR(",\"k\":0}"));
    assert_int_equal(dispatch_message_parse(buf_str(&body), &request), ERR_TOO_LARGE);
    buf_free(&body);
}

/* Each part lies in memory of exactly its size, so that a sanitizer sees any read past it. */
static void no_part_of_a_request_passes_for_a_whole(void **unused)
{
    struct str whole = STR(APP_REQUEST);
    struct dispatch_request request;

    (void)unused;
    for (size_t len = 1; len <= whole.len; len++) {
        char *part = malloc(len);
        enum err err;

        memcpy(part, whole.ptr, len);
        err = dispatch_message_parse((struct str){part, len}, &request);
        assert_int_equal(err, len == whole.len ? ERR_NONE : ERR_INVALID);
        free(part);
    }
}

static void ws_is_accepted_alone_and_in_lists(void **unused)
{
    (void)unused;
    assert_true(dispatch_message_accepts_ws(STR("ws")));
    assert_true(dispatch_message_accepts_ws(STR("mqtt,ws")));
    assert_true(dispatch_message_accepts_ws(STR("ws;2")));
    assert_true(dispatch_message_accepts_ws(STR("mqtt;1, ws;2")));
    assert_false(dispatch_message_accepts_ws(STR("")));
    assert_false(dispatch_message_accepts_ws(STR("mqtt")));
    assert_false(dispatch_message_accepts_ws(STR("wss")));
    assert_false(dispatch_message_accepts_ws(STR("mqtt;ws")));
    assert_false(dispatch_message_accepts_ws(STR(",;")));
}

static void an_app_is_told_all_six_fields(void **unused)
{
    struct dispatch_answer answer = {.reason = STR("ok"),
                                     .ip = STR("127.0.0.1"),
                                     .port = 8080,
                                     .domain = STR("us-pconnect1.coolkit.cc"),
                                     .ts = STR("1545219251"),
                                     .nonce = STR("asbsedwq")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    dispatch_message_format_app(&buf, &answer);
    assert_buf(&buf,
               "{\"port\":8080,\"reason\":\"ok\",\"IP\":\"127.0.0.1\",\"error\":0,"
               "\"domain\":\"us-pconnect1.coolkit.cc\",\"requestid\":\"1545219251-asbsedwq\"}");
}

static void a_request_without_ts_or_nonce_has_no_requestid(void **unused)
{
    struct dispatch_answer answer = {.reason = STR("ok"),
                                     .ip = STR("127.0.0.1"),
                                     .port = 8080,
                                     .domain = STR("d"),
                                     .nonce = STR("n")};
    const char *text =
        "{\"port\":8080,\"reason\":\"ok\",\"IP\":\"127.0.0.1\",\"error\":0,"
        "\"domain\":\"d\"}";
    struct buf buf = BUF_EMPTY;

    (void)unused;
    dispatch_message_format_app(&buf, &answer);
    assert_buf(&buf, text);
    buf = BUF_EMPTY;
    answer.ts = STR("1");
    answer.nonce = STR_EMPTY;
    dispatch_message_format_app(&buf, &answer);
    assert_buf(&buf, text);
}

static void a_nonce_is_echoed_with_its_escapes(void **unused)
{
    struct dispatch_request request = parsed("{\"ts\":1,\"nonce\":\"a\\\"\\u0062\"}");
    struct dispatch_answer answer = {
        .error = 400, .reason = STR("x"), .ts = request.ts, .nonce = request.nonce};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    dispatch_message_format_app(&buf, &answer);
    assert_buf(&buf, "{\"error\":400,\"reason\":\"x\",\"requestid\":\"1-a\\\"\\u0062\"}");
}

static void an_app_s_error_leads_nowhere(void **unused)
{
    struct dispatch_answer answer = {.error = 401,
                                     .reason = STR("authorization failed"),
                                     .ip = STR("127.0.0.1"),
                                     .port = 8080,
                                     .domain = STR("d")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    dispatch_message_format_app(&buf, &answer);
    assert_buf(&buf, "{\"error\":401,\"reason\":\"authorization failed\"}");
}

static void a_device_is_told_four_fields_and_no_more(void **unused)
{
    struct dispatch_answer answer = {.reason = STR("ok"),
                                     .ip = STR("192.168.1.10"),
                                     .port = 443,
                                     .domain = STR("d"),
                                     .ts = STR("933"),
                                     .nonce = STR("n")};
    struct buf buf = BUF_EMPTY;

    (void)unused;
    dispatch_message_format_device(&buf, &answer);
    assert_int_equal(buf.len, 56);
    assert_buf(&buf, "{\"error\":0,\"reason\":\"ok\",\"IP\":\"192.168.1.10\",\"port\":443}");
    buf = BUF_EMPTY;
    answer.error = 403;
    answer.reason = STR("no permission");
    dispatch_message_format_device(&buf, &answer);
    assert_buf(&buf, "{\"error\":403,\"reason\":\"no permission\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_request_is_read),
        cmocka_unit_test(a_device_s_request_is_read),
        cmocka_unit_test(numbers_and_strings_may_change_places),
        cmocka_unit_test(what_is_no_number_is_as_absent),
        cmocka_unit_test(long_values_are_as_absent),
        cmocka_unit_test(an_empty_body_is_an_empty_request),
        cmocka_unit_test(what_is_no_object_is_refused_and_changes_nothing),
        cmocka_unit_test(a_request_of_too_many_members_is_refused),
        cmocka_unit_test(no_part_of_a_request_passes_for_a_whole),
        cmocka_unit_test(ws_is_accepted_alone_and_in_lists),
        cmocka_unit_test(an_app_is_told_all_six_fields),
        cmocka_unit_test(a_request_without_ts_or_nonce_has_no_requestid),
        cmocka_unit_test(a_nonce_is_echoed_with_its_escapes),
        cmocka_unit_test(an_app_s_error_leads_nowhere),
        cmocka_unit_test(a_device_is_told_four_fields_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
