#include "proto/control_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void each_kind_is_read_back_as_written(void **state)
{
    static const char *const bodies[] = {"{\"n\":0}", "{\"n\":1}", "{\"n\":2}"};

    (void)state;
    for (int kind = CONTROL_ROW; kind <= CONTROL_REFUSED; kind++) {
        struct buf buf = BUF_EMPTY;
        struct json_out out = control_answer_begin(&buf, (enum control_answer_kind)kind);
        struct control_answer answer;

        json_out_int(&out, "n", kind);
        control_answer_end(&out);
        assert_int_equal(control_answer_parse(buf_str(&buf), &answer), ERR_NONE);
        assert_int_equal(answer.kind, kind);
        assert_true(str_eq(answer.body, str_of(bodies[kind])));
        buf_free(&buf);
    }
}

static void a_refusal_is_written_with_its_code_text_and_hint(void **state)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = control_answer_begin(&buf, CONTROL_REFUSED);
    struct control_refusal refusal;

    (void)state;
    assert_int_equal(
        control_refusal_set(&refusal, ERR_NOT_FOUND, "list them", "no app '%s'", "A\"1"),
        ERR_NOT_FOUND);
    control_answer_refusal(&out, &refusal);
    control_answer_end(&out);
    assert_true(str_eq(buf_str(&buf), STR("{\"error\":{\"code\":\"not_found\",\"text\":\"no app "
                                          "'A\\\"1'\",\"hint\":\"list them\"}}")));
    buf_free(&buf);
}

static void a_refusal_without_hint_has_no_such_member(void **state)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = json_out_to(&buf);
    struct control_refusal refusal;

    (void)state;
    control_refusal_set(&refusal, ERR_TOO_LARGE, NULL, "x");
    json_out_object(&out, NULL);
    control_answer_refusal(&out, &refusal);
    json_out_end_object(&out);
    assert_true(str_eq(buf_str(&buf), STR("{\"code\":\"too_large\",\"text\":\"x\"}")));
    buf_free(&buf);
}

static void what_is_no_answer_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "{}",
        "{\"row\":1}",
        "{\"ok\":true}",
        "{\"ok\":false,\"result\":{}}",
        "{\"error\":\"x\"}",
        "{\"row\":{}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct control_answer answer;

        assert_int_equal(control_answer_parse(str_of(lines[i]), &answer), ERR_INVALID);
    }
}

static void every_code_fits(void **state)
{
    char code[CONTROL_CODE_CAP];

    (void)state;
    for (int err = ERR_NONE; err <= ERR_INTERNAL; err++)
        control_answer_code((enum err)err, code);
    assert_string_equal(code, "internal");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_read_back_as_written),
        cmocka_unit_test(a_refusal_is_written_with_its_code_text_and_hint),
        cmocka_unit_test(a_refusal_without_hint_has_no_such_member),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(every_code_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
