#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MEMBERS = 8 };

/* Scans a copy of exactly that size, so that a sanitizer sees any read past the end. */
static enum json_kind kind_of(struct str text)
{
    char *copy = malloc(text.len + (text.len == 0));
    struct json_value value = {JSON_NONE, false, STR_EMPTY};

    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    if (json_scan((struct str){copy, text.len}, &value) != ERR_NONE)
        value.kind = JSON_NONE;
    free(copy);
    return value.kind;
}

static struct json_value scan(const char *text)
{
    struct json_value value;

    assert_int_equal(json_scan(str_of(text), &value), ERR_NONE);
    return value;
}

static void assert_text(struct str str, const char *text)
{
    assert_int_equal(str.len, strlen(text));
    assert_memory_equal(str.ptr, text, str.len);
}

static void every_kind_of_value_is_recognised(void **unused)
{
    static const struct {
        const char *text;
        enum json_kind kind;
    } cases[] = {
        {"{}", JSON_OBJECT},
        {"[]", JSON_ARRAY},
        {"\"\"", JSON_STRING},
        {"0", JSON_NUMBER},
        {"true", JSON_TRUE},
        {"false", JSON_FALSE},
        {"null", JSON_NULL},
        {" \t\r\n{ \"a\" : [ 1 , { } , [ ] ] , \"b\" : null } \n", JSON_OBJECT},
        {"[[],{},[{}],{\"\":[]}]", JSON_ARRAY},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(kind_of(str_of(cases[i].text)), cases[i].kind);
}

static void numbers_follow_the_grammar_of_rfc_8259(void **unused)
{
    static const char *const good[] = {"0",      "-0",     "10",    "-1.5",   "0.0",      "1e5",
                                       "1E+05",  "1e-5",   "0e0",   "123456", "1.25E+10", "-0.0e-0",
                                       "1e9999", "0.0001", "[0,1]", "[-1]"};
    static const char *const bad[] = {"-",   "+1",  "01",  "-01", "1.",   ".5",  "1.e5", "1e",
                                      "1e+", "0x1", "1 2", "NaN", "-Inf", "1_0", "1.5.", "--1"};

    (void)unused;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_not_equal(kind_of(str_of(good[i])), JSON_NONE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(kind_of(str_of(bad[i])), JSON_NONE);
}

static void what_is_not_json_is_refused(void **unused)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[",
        "}",
        "]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{]",
        "{\"a\":1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\" 1}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}",
        "[]]",
        "{}{}",
        "tru",
        "truE",
        "nul",
        "nulll",
        "falsee",
        "undefined",
        "\"",
        "\"a",
        "\"a\\\"",
        "[1]x",
        "/**/1",
        "\xef\xbb\xbf{}",
        "\f{}",
        "{\"a\":{\"b\":[1,2}}",
        "[{\"a\":1,}]",
        "[[1],]",
        "[{},,{}]",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(kind_of(str_of(bad[i])), JSON_NONE);
    assert_int_equal(kind_of(STR("{}\0")), JSON_NONE);
    assert_int_equal(kind_of(STR_EMPTY), JSON_NONE);
}

static void escapes_and_control_bytes_are_checked(void **unused)
{
    static const char *const good[] = {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                       "\"\\u0000\\uD83d\\udE00\"", "\"\x7f\"",
                                       "\"a longer string, then \\n an escape\""};
    static const char *const bad[] = {"\"\\a\"",
                                      "\"\\\"",
                                      "\"\\u\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"\\U0041\"",
                                      "\"\\x41\"",
                                      "\"\n\"",
                                      "\"a\tb\"",
                                      "\"\x1f\"",
                                      "\"\x01long enough for a word\"",
                                      "\"long enough for a word\x1f\""};

    (void)unused;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(kind_of(str_of(good[i])), JSON_STRING);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(kind_of(str_of(bad[i])), JSON_NONE);
    assert_int_equal(kind_of(STR("\"a\0b\"")), JSON_NONE);
}

static void strings_must_be_utf8_wherever_they_stand(void **unused)
{
    (void)unused;
    assert_int_equal(kind_of(STR("\"caf\xc3\xa9 \xf0\x9f\x98\x80\"")), JSON_STRING);
    assert_int_equal(kind_of(STR("\"caf\xc3\"")), JSON_NONE);
    assert_int_equal(kind_of(STR("\"\xed\xa0\x80\"")), JSON_NONE);
    assert_int_equal(kind_of(STR("\"\xff and more than eight bytes\"")), JSON_NONE);
    assert_int_equal(kind_of(STR("{\"\xff\":1}")), JSON_NONE);
    assert_int_equal(kind_of(STR("[[\"\xc0\x80\"]]")), JSON_NONE);
    assert_int_equal(kind_of(STR("[1,\xc3\xa9]")), JSON_NONE);
    /* A byte of 80 and more behind the string's end is the next string's affair. */
    assert_int_equal(kind_of(STR("[\"a\",\"\xc3\xa9\"]")), JSON_ARRAY);
}

/* The string's end, an escape and a bad byte at every offset within the scanner's words. */
static void a_string_may_end_at_any_offset(void **unused)
{
    char text[64];

    (void)unused;
    for (size_t len = 0; len < 40; len++) {
        memset(text, 'x', sizeof text);
        text[0] = text[len + 1] = '"';
        assert_int_equal(kind_of((struct str){text, len + 2}), JSON_STRING);
        assert_int_equal(kind_of((struct str){text, len + 1}), JSON_NONE);
        text[len + 1] = '\\';
        text[len + 2] = 'n';
        text[len + 3] = '"';
        assert_int_equal(kind_of((struct str){text, len + 4}), JSON_STRING);
        text[len + 1] = 0x1f;
        assert_int_equal(kind_of((struct str){text, len + 4}), JSON_NONE);
        text[len + 1] = (char)0xff;
        assert_int_equal(kind_of((struct str){text, len + 4}), JSON_NONE);
    }
}

static void no_part_of_a_document_is_a_document(void **unused)
{
    static const char text[] =
        "{\"action\":\"update\",\"n\":[1,-2.5e+3,{\"caf\xc3\xa9\":true}],"
        "\"s\":\"\\ud83d\\ude00\",\"z\":null}";
    const size_t len = sizeof text - 1;

    (void)unused;
    for (size_t part = 0; part < len; part++)
        assert_int_equal(kind_of((struct str){text, part}), JSON_NONE);
    assert_int_equal(kind_of((struct str){text, len}), JSON_OBJECT);
}

static void nesting_ends_at_the_limit(void **unused)
{
    char text[2 * JSON_MAX_DEPTH + 2];
    struct json_member member;
    size_t count;
    char object[sizeof text + 6] = "{\"a\":";

    (void)unused;
    memset(text, '[', JSON_MAX_DEPTH + 1);
    memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    assert_int_equal(kind_of((struct str){text, sizeof text}), JSON_NONE);
    assert_int_equal(kind_of((struct str){text + 1, sizeof text - 2}), JSON_ARRAY);

    memcpy(object + 5, text + 1, sizeof text - 2);
    object[5 + sizeof text - 2] = '}';
    assert_int_equal(json_scan_object((struct str){object, sizeof text + 4}, &member, 1, &count),
                     ERR_INVALID);
    memcpy(object + 5, text + 2, sizeof text - 4);
    object[5 + sizeof text - 4] = '}';
    assert_int_equal(json_scan_object((struct str){object, sizeof text + 2}, &member, 1, &count),
                     ERR_NONE);
}

static void members_are_views_of_the_text(void **unused)
{
    const struct str text =
        STR(" { \"action\" : \"update\" , \"params\":{\"switch\":\"on\"}, \"a\\nb\":[1, 2]} ");
    struct json_member members[MEMBERS];
    size_t count;

    (void)unused;
    assert_int_equal(json_scan_object(text, members, MEMBERS, &count), ERR_NONE);
    assert_int_equal(count, 3);
    assert_text(members[0].key, "action");
    assert_text(members[0].value.raw, "\"update\"");
    assert_false(members[0].value.has_escape);
    assert_int_equal(members[1].value.kind, JSON_OBJECT);
    assert_text(members[1].value.raw, "{\"switch\":\"on\"}");
    assert_text(members[2].key, "a\\nb");
    assert_text(members[2].value.raw, "[1, 2]");
    assert_true(members[1].value.raw.ptr > text.ptr);
    assert_true(members[1].value.raw.ptr < text.ptr + text.len);
}

static void only_an_object_is_an_object(void **unused)
{
    static const char *const bad[] = {
        "", "[]", "1", "{\"a\":1", "{\"a\":1}x", "{\"a\":1,}", "{\"a\":\"\\z\"}", "{\"a\"}", "{,}"};
    struct json_member members[MEMBERS];
    size_t count = 77;

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(json_scan_object(str_of(bad[i]), members, MEMBERS, &count), ERR_INVALID);
        assert_int_equal(count, 77);
    }
    assert_int_equal(json_scan_object(STR(" { } "), members, 0, &count), ERR_NONE);
    assert_int_equal(count, 0);
}

static void more_members_than_room_are_too_large(void **unused)
{
    struct json_member members[2];
    size_t count = 77;

    (void)unused;
    assert_int_equal(json_scan_object(STR("{\"a\":1,\"b\":2}"), members, 2, &count), ERR_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(json_scan_object(STR("{\"a\":1,\"b\":2,\"c\":3}"), members, 2, &count),
                     ERR_TOO_LARGE);
    assert_int_equal(count, 2);
}

static void the_first_of_equal_keys_is_found(void **unused)
{
    struct json_member members[MEMBERS];
    size_t count;

    (void)unused;
    assert_int_equal(json_scan_object(STR("{\"a\":1,\"ab\":2,\"a\":3}"), members, MEMBERS, &count),
                     ERR_NONE);
    assert_int_equal(count, 3);
    assert_text(json_find(members, count, STR("a")).raw, "1");
    assert_text(json_find(members, count, STR("ab")).raw, "2");
    assert_int_equal(json_find(members, count, STR("b")).kind, JSON_NONE);
}

static void an_array_is_walked_item_by_item(void **unused)
{
    struct str rest = scan(" [ 1 ,\"a\\n\", [ 2 ] , {\"b\":[3]} ] ").raw;
    struct json_value item;

    (void)unused;
    assert_true(json_array_next(&rest, &item));
    assert_text(item.raw, "1");
    assert_true(json_array_next(&rest, &item));
    assert_text(item.raw, "\"a\\n\"");
    assert_true(item.has_escape);
    assert_true(json_array_next(&rest, &item));
    assert_text(item.raw, "[ 2 ]");
    assert_true(json_array_next(&rest, &item));
    assert_text(item.raw, "{\"b\":[3]}");
    assert_false(json_array_next(&rest, &item));
    assert_false(json_array_next(&rest, &item));
}

static void an_empty_array_has_no_items(void **unused)
{
    struct str rest = scan("[ ]").raw;
    struct str none = STR_EMPTY;
    struct json_value item;

    (void)unused;
    assert_false(json_array_next(&rest, &item));
    assert_false(json_array_next(&none, &item));
}

static void a_string_without_escapes_is_a_view(void **unused)
{
    struct str view;

    (void)unused;
    assert_true(json_to_view(scan("\"plain\""), &view));
    assert_text(view, "plain");
    assert_true(json_to_view(scan("\"\""), &view));
    assert_int_equal(view.len, 0);
    assert_false(json_to_view(scan("\"a\\n\""), &view));
    assert_false(json_to_view(scan("12"), &view));
    assert_false(json_to_view((struct json_value){JSON_NONE, false, STR_EMPTY}, &view));
}

static void escapes_are_decoded_to_utf8(void **unused)
{
    char text[32];

    (void)unused;
    assert_true(json_to_text(scan("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), text, sizeof text));
    assert_string_equal(text, "\"\\/\b\f\n\r\t");
    assert_true(json_to_text(scan("\"\\u0041\\u00e9\\u20AC\\ud83D\\uDE00\""), text, sizeof text));
    assert_string_equal(text, "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_true(json_to_text(scan("\"\\ud800\\udc00\\udbff\\udfff\""), text, sizeof text));
    assert_string_equal(text, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    assert_true(json_to_text(scan("\"\xc3\xa9\""), text, sizeof text));
    assert_string_equal(text, "\xc3\xa9");
}

static void what_no_text_can_hold_is_refused(void **unused)
{
    static const char *const bad[] = {"\"a\\u0000\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800x\"",
                                      "\"\\ud800\\n\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\ud800\\ud800\"",
                                      "\"\\udc00\\ud800\"",
                                      "12",
                                      "null"};
    char text[32];

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(json_to_text(scan(bad[i]), text, sizeof text));
        assert_string_equal(text, "");
    }
}

static void a_text_that_does_not_fit_is_refused(void **unused)
{
    char text[5];

    (void)unused;
    assert_true(json_to_text(scan("\"abcd\""), text, 5));
    assert_string_equal(text, "abcd");
    assert_false(json_to_text(scan("\"abcde\""), text, 5));
    assert_string_equal(text, "");
    assert_true(json_to_text(scan("\"a\\u20ac\""), text, 5));
    assert_false(json_to_text(scan("\"ab\\u20ac\""), text, 5));
    assert_true(json_to_text(scan("\"\""), text, 1));
    assert_string_equal(text, "");
    assert_false(json_to_text(scan("\"a\""), text, 1));
}

static void whole_numbers_that_fit_are_integers(void **unused)
{
    static const char *const bad[] = {"9223372036854775808",
                                      "-9223372036854775809",
                                      "18446744073709551616",
                                      "1.0",
                                      "1e2",
                                      "\"1\"",
                                      "true"};
    int64_t value = 77;

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(json_to_i64(scan(bad[i]), &value));
    assert_int_equal(value, 77);
    assert_true(json_to_i64(scan("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_true(json_to_i64(scan("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(json_to_i64(scan("-0"), &value));
    assert_true(value == 0);
    assert_true(json_to_i64(scan("1506148500346"), &value));
    assert_true(value == 1506148500346);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_recognised),
        cmocka_unit_test(numbers_follow_the_grammar_of_rfc_8259),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(escapes_and_control_bytes_are_checked),
        cmocka_unit_test(strings_must_be_utf8_wherever_they_stand),
        cmocka_unit_test(a_string_may_end_at_any_offset),
        cmocka_unit_test(no_part_of_a_document_is_a_document),
        cmocka_unit_test(nesting_ends_at_the_limit),
        cmocka_unit_test(members_are_views_of_the_text),
        cmocka_unit_test(only_an_object_is_an_object),
        cmocka_unit_test(more_members_than_room_are_too_large),
        cmocka_unit_test(the_first_of_equal_keys_is_found),
        cmocka_unit_test(an_array_is_walked_item_by_item),
        cmocka_unit_test(an_empty_array_has_no_items),
        cmocka_unit_test(a_string_without_escapes_is_a_view),
        cmocka_unit_test(escapes_are_decoded_to_utf8),
        cmocka_unit_test(what_no_text_can_hold_is_refused),
        cmocka_unit_test(a_text_that_does_not_fit_is_refused),
        cmocka_unit_test(whole_numbers_that_fit_are_integers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
