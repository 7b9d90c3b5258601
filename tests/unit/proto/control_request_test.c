#include "proto/control_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static enum err parse(const char *line, struct control_request *out,
                      struct control_refusal *refusal)
{
    memset(refusal, 0, sizeof *refusal);
    return control_request_parse(str_of(line), out, refusal);
}

/* The text of the refusal, and "" when the line is accepted. */
static const char *refusal_of(const char *line)
{
    static struct control_refusal refusal;
    struct control_request request;

    return parse(line, &request, &refusal) ? refusal.text : "";
}

static const char *hint_of(const char *line)
{
    static struct control_refusal refusal;
    struct control_request request;

    assert_int_equal(parse(line, &request, &refusal), ERR_INVALID);
    return refusal.hint;
}

static void a_request_gives_its_verb_and_args(void **state)
{
    struct control_refusal refusal;
    struct control_request request;

    (void)state;
    assert_int_equal(
        parse("{\"verb\":\"app create\",\"args\":{\"id\":\"A1\",\"quirk\":[\"x\",\"y\"]}}",
              &request, &refusal),
        ERR_NONE);
    assert_int_equal(request.verb, CONTROL_APP_CREATE);
    assert_int_equal(request.count, 2);
    assert_true(str_eq(request.args[0].key, STR("id")));
    assert_true(str_eq(request.args[1].value.raw, STR("[\"x\",\"y\"]")));
}

static void a_verb_without_options_needs_no_args(void **state)
{
    (void)state;
    assert_string_equal(refusal_of("{\"verb\":\"status\"}"), "");
    assert_string_equal(refusal_of("{\"verb\":\"status\",\"args\":{}}"), "");
}

static void what_is_no_object_is_refused(void **state)
{
    static const char *const lines[] = {"",      "[]",   "status", "{\"verb\":\"status\"",
                                        "{} {}", "\"x\""};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_string_equal(refusal_of(lines[i]), "the request is not a JSON object");
    assert_string_equal(refusal_of("{\"verb\":5}"), "the request names no verb");
    assert_string_equal(refusal_of("{\"args\":{}}"), "the request names no verb");
}

static void an_unknown_verb_is_refused_with_the_nearest(void **state)
{
    (void)state;
    assert_string_equal(refusal_of("{\"verb\":\"app crete\"}"), "no verb 'app crete'");
    assert_string_equal(hint_of("{\"verb\":\"app crete\"}"), "did you mean 'app create'?");
    assert_string_equal(hint_of("{\"verb\":\"frobnicate\"}"), "see `switchyard ctl --help`");
    assert_string_equal(
        hint_of("{\"verb\":\"far longer than any verb may ever be, and then some more\"}"),
        "see `switchyard ctl --help`");
}

static void an_unknown_option_is_refused_with_the_nearest(void **state)
{
    const char *line = "{\"verb\":\"app create\",\"args\":{\"nmae\":\"x\"}}";

    (void)state;
    assert_string_equal(refusal_of(line), "'app create' has no option 'nmae'");
    assert_string_equal(hint_of(line), "did you mean 'name'?");
}

static void an_option_of_the_command_line_alone_is_refused(void **state)
{
    (void)state;
    assert_string_equal(
        refusal_of("{\"verb\":\"device import\",\"args\":{\"rows\":[],\"file\":\"x\"}}"),
        "'device import' has no option 'file'");
}

static void a_value_of_the_wrong_kind_is_refused(void **state)
{
    (void)state;
    assert_string_equal(refusal_of("{\"verb\":\"app create\",\"args\":{\"id\":5}}"),
                        "'id' must be a string");
    assert_string_equal(refusal_of("{\"verb\":\"app create\",\"args\":{\"quirk\":\"x\"}}"),
                        "'quirk' must be an array");
    assert_string_equal(
        refusal_of("{\"verb\":\"device show\",\"args\":{\"id\":\"1\",\"key\":\"yes\"}}"),
        "'key' must be true or false");
    assert_string_equal(refusal_of("{\"verb\":\"status\",\"args\":[]}"),
                        "'args' must be an object of at most 16 members");
}

static void an_option_given_twice_is_refused(void **state)
{
    (void)state;
    assert_string_equal(
        refusal_of("{\"verb\":\"device list\",\"args\":{\"limit\":\"1\",\"limit\":\"2\"}}"),
        "'limit' is given twice");
}

static void a_missing_option_that_is_needed_is_named(void **state)
{
    (void)state;
    assert_string_equal(refusal_of("{\"verb\":\"app disable\"}"),
                        "'app disable' needs 'id': the application's id");
    assert_string_equal(refusal_of("{\"verb\":\"token issue\",\"args\":{\"user\":\"u\"}}"),
                        "'token issue' needs 'app': the application it is issued to");
}

static void more_args_than_the_bound_are_refused(void **state)
{
    char line[1024] = "{\"verb\":\"status\",\"args\":{";

    (void)state;
    for (int i = 0; i <= CONTROL_MAX_ARGS; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s\"a%d\":1", i ? "," : "", i);
    snprintf(line + strlen(line), sizeof line - strlen(line), "}}");
    assert_string_equal(refusal_of(line), "'args' must be an object of at most 16 members");
}

static void every_prefix_of_a_request_is_refused(void **state)
{
    const char *line = "{\"verb\":\"app disable\",\"args\":{\"id\":\"A1\"}}";
    struct control_refusal refusal;
    struct control_request request;

    (void)state;
    for (size_t len = 0; len < strlen(line); len++)
        assert_int_equal(control_request_parse((struct str){line, len}, &request, &refusal),
                         ERR_INVALID);
    assert_string_equal(refusal_of(line), "");
}

static void what_is_written_is_read_back(void **state)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = control_request_begin(&buf, CONTROL_DEVICE_ASSIGN);
    struct control_refusal refusal;
    struct control_request request;
    char id[32];

    (void)state;
    json_out_str(&out, "id", STR("10\"00"));
    json_out_bool(&out, "nobody", true);
    control_request_end(&out);
    assert_int_equal(control_request_parse(buf_str(&buf), &request, &refusal), ERR_NONE);
    assert_int_equal(request.verb, CONTROL_DEVICE_ASSIGN);
    assert_true(json_to_text(request.args[0].value, id, sizeof id));
    assert_string_equal(id, "10\"00");
    buf_free(&buf);
}

static void every_verb_is_found_by_its_words_and_has_help(void **state)
{
    (void)state;
    for (int i = 0; i < CONTROL_VERB_COUNT; i++) {
        const struct control_verb_row *row = control_verb_row((enum control_verb)i);
        enum control_verb verb;
        size_t at = 0;

        assert_true(control_verb_find(str_of(row->words), &verb));
        assert_int_equal(verb, i);
        assert_true(strlen(row->summary) > 0 && strlen(row->examples) > 0);
        for (const struct control_option *option; (option = control_verb_option_next(verb, &at));) {
            assert_ptr_equal(control_verb_option_find(verb, str_of(option->name)), option);
            assert_true(option->kind == CONTROL_WIRE || strlen(option->help) > 0);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_gives_its_verb_and_args),
        cmocka_unit_test(a_verb_without_options_needs_no_args),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(an_unknown_verb_is_refused_with_the_nearest),
        cmocka_unit_test(an_unknown_option_is_refused_with_the_nearest),
        cmocka_unit_test(an_option_of_the_command_line_alone_is_refused),
        cmocka_unit_test(a_value_of_the_wrong_kind_is_refused),
        cmocka_unit_test(an_option_given_twice_is_refused),
        cmocka_unit_test(a_missing_option_that_is_needed_is_named),
        cmocka_unit_test(more_args_than_the_bound_are_refused),
        cmocka_unit_test(every_prefix_of_a_request_is_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(every_verb_is_found_by_its_words_and_has_help),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
