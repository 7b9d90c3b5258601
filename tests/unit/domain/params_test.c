#include "domain/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct json_value scanned(const char *text)
{
    struct json_value value = {0};

    if (text != NULL)
        assert_int_equal(json_scan(str_of(text), &value), ERR_NONE);
    return value;
}

static void assert_buf(struct buf *buf, const char *text)
{
    buf_append_byte(buf, '\0');
    assert_string_equal(buf->ptr, text);
    buf_free(buf);
}

static void assert_merge(const char *stored, const char *change, const char *result)
{
    struct buf buf = BUF_EMPTY;

    assert_int_equal(params_merge(&buf, str_of(stored), scanned(change), 1000), ERR_NONE);
    assert_buf(&buf, result);
}

static void a_change_replaces_known_keys_in_place_and_adds_new_ones(void **unused)
{
    (void)unused;
    assert_merge("{\"switch\":\"off\",\"fwVersion\":\"1.5.5\"}", "{\"switch\":\"on\"}",
                 "{\"switch\":\"on\",\"fwVersion\":\"1.5.5\"}");
    assert_merge("{\"a\":1}", "{\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    assert_merge("{}", "{\"a\":1}", "{\"a\":1}");
    assert_merge("", "{\"a\":1}", "{\"a\":1}");
    assert_merge("{\"a\":1}", "{}", "{\"a\":1}");
    assert_merge("", "{}", "{}");
    assert_merge("{ \"\" : 1 }", "{ \"x\" : [ 1, 2 ] }", "{\"\":1,\"x\":[ 1, 2 ]}");
}

static void values_are_replaced_whole(void **unused)
{
    (void)unused;
    assert_merge("{\"switches\":[{\"switch\":\"on\",\"outlet\":0},{\"outlet\":1}],\"o\":{\"a\":1}}",
                 "{\"switches\":[{\"switch\":\"off\",\"outlet\":1}],\"o\":{\"b\":2}}",
                 "{\"switches\":[{\"switch\":\"off\",\"outlet\":1}],\"o\":{\"b\":2}}");
}

static void a_key_twice_in_a_change_leaves_one_with_the_last_value(void **unused)
{
    (void)unused;
    assert_merge("{}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
}

static void a_list_of_changes_is_applied_in_turn(void **unused)
{
    (void)unused;
    assert_merge("{\"a\":0}", "[{\"a\":1},{\"b\":2},{\"a\":3}]", "{\"a\":3,\"b\":2}");
    assert_merge("{\"a\":0}", "[]", "{\"a\":0}");
}

static void assert_no_merge(const char *stored, const char *change, size_t max_bytes, enum err err)
{
    struct buf buf = BUF_EMPTY;

    buf_append_byte(&buf, 'x');
    assert_int_equal(params_merge(&buf, str_of(stored), scanned(change), max_bytes), err);
    assert_buf(&buf, "x");
}

static void what_is_no_object_is_refused_and_changes_nothing(void **unused)
{
    (void)unused;
    assert_no_merge("{}", NULL, 100, ERR_INVALID);
    assert_no_merge("{}", "7", 100, ERR_INVALID);
    assert_no_merge("{}", "\"on\"", 100, ERR_INVALID);
    assert_no_merge("{}", "null", 100, ERR_INVALID);
    assert_no_merge("{}", "[{\"a\":1},2]", 100, ERR_INVALID);
    assert_no_merge("[]", "{\"a\":1}", 100, ERR_INVALID);
    assert_no_merge("{\"a\"", "{\"a\":1}", 100, ERR_INVALID);
}

static void the_result_keeps_within_its_bytes(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    assert_no_merge("{\"a\":1}", "{\"b\":22}", 13, ERR_TOO_LARGE);
    assert_int_equal(params_merge(&buf, STR("{\"a\":1}"), scanned("{\"b\":22}"), 14), ERR_NONE);
    assert_int_equal(buf.len, 14);
    assert_buf(&buf, "{\"a\":1,\"b\":22}");
    assert_no_merge("", "{}", 1, ERR_TOO_LARGE);
}

/* {"<prefix>0":0,"<prefix>1":0, ... } */
static void put_object(struct buf *buf, const char *prefix, int count)
{
    buf_append_byte(buf, '{');
    for (int i = 0; i < count; i++)
        buf_printf(buf, "%s\"%s%d\":0", i == 0 ? "" : ",", prefix, i);
    buf_append_byte(buf, '}');
}

static void the_result_keeps_within_its_members(void **unused)
{
    struct buf stored = BUF_EMPTY;
    struct buf out = BUF_EMPTY;

    (void)unused;
    put_object(&stored, "k", PARAMS_MAX_MEMBERS);
    assert_int_equal(params_merge(&out, buf_str(&stored), scanned("{\"k0\":0}"), SIZE_MAX),
                     ERR_NONE);
    assert_int_equal(out.len, stored.len);
    assert_memory_equal(out.ptr, stored.ptr, out.len);
    buf_clear(&out);
    assert_int_equal(params_merge(&out, buf_str(&stored), scanned("{\"new\":0}"), SIZE_MAX),
                     ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    buf_free(&stored);
    buf_free(&out);
}

static void a_list_of_changes_is_bounded_as_a_whole(void **unused)
{
    struct buf change = BUF_EMPTY;
    struct buf out = BUF_EMPTY;
    struct json_value value;

    (void)unused;
    buf_append_byte(&change, '[');
    put_object(&change, "k", PARAMS_MAX_MEMBERS);
    buf_append(&change, STR(",{\"k0\":1}]"));
    assert_int_equal(json_scan(buf_str(&change), &value), ERR_NONE);
    assert_int_equal(params_merge(&out, STR_EMPTY, value, SIZE_MAX), ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    buf_free(&change);
}

static void assert_select(const char *names, const char *result, size_t count)
{
    struct str stored = STR("{\"switch\":\"off\",\"timers\":[ ],\"fwVersion\":\"1.5.5\"}");
    struct buf buf = BUF_EMPTY;

    assert_int_equal(params_select(&buf, stored, scanned(names)), count);
    assert_buf(&buf, result);
}

static void no_names_ask_for_all(void **unused)
{
    const char *all = "{\"switch\":\"off\",\"timers\":[ ],\"fwVersion\":\"1.5.5\"}";

    (void)unused;
    assert_select(NULL, all, 3);
    assert_select("null", all, 3);
    assert_select("[]", all, 3);
    assert_select("[ ]", all, 3);
    assert_select("\"\"", all, 3);
    assert_select("[\"\", \" \"]", all, 3);
    assert_select("[7]", all, 3);
    assert_select("{}", all, 3);
}

static void names_choose_what_is_stored(void **unused)
{
    (void)unused;
    assert_select("[\"switch\"]", "{\"switch\":\"off\"}", 1);
    assert_select("[\"fwVersion\",\"switch\"]", "{\"switch\":\"off\",\"fwVersion\":\"1.5.5\"}", 2);
    assert_select("[\"switch\",\"nope\"]", "{\"switch\":\"off\"}", 1);
    assert_select("[\"nope\"]", "{}", 0);
    assert_select("[\" timers\",\"timers \"]", "{\"timers\":[ ]}", 1);
    assert_select("\"switch\"", "{\"switch\":\"off\"}", 1);
    assert_select("\"timers| switch\"", "{\"switch\":\"off\",\"timers\":[ ]}", 2);
    assert_select("\"nope|\"", "{}", 0);
}

static void nothing_stored_is_an_empty_object(void **unused)
{
    struct buf buf = BUF_EMPTY;

    (void)unused;
    assert_int_equal(params_select(&buf, STR_EMPTY, scanned("[]")), 0);
    assert_int_equal(params_select(&buf, STR("{}"), scanned("[\"a\"]")), 0);
    assert_buf(&buf, "{}{}");
}

static void names_past_the_bound_are_not_looked_at(void **unused)
{
    struct buf names = BUF_EMPTY;
    struct buf out = BUF_EMPTY;
    struct json_value value;

    (void)unused;
    buf_append(&names, STR("[\"first\""));
    for (int i = 1; i < PARAMS_MAX_MEMBERS; i++)
        buf_append(&names, STR(",\"x\""));
    buf_append(&names, STR(",\"last\"]"));
    assert_int_equal(json_scan(buf_str(&names), &value), ERR_NONE);
    assert_int_equal(params_select(&out, STR("{\"first\":1,\"last\":2}"), value), 1);
    assert_buf(&out, "{\"first\":1}");
    buf_free(&names);
}

/* The value lies in memory of exactly its size, so that a sanitizer sees any read past it. */
static void assert_normal(const char *text, const char *result)
{
    size_t len = strlen(text);
    char *copy = malloc(len);
    struct buf buf = BUF_EMPTY;
    struct json_value value;

    memcpy(copy, text, len);
    assert_int_equal(json_scan((struct str){copy, len}, &value), ERR_NONE);
    params_normalize(&buf, value);
    free(copy);
    assert_buf(&buf, result);
}

static void white_space_between_tokens_is_dropped(void **unused)
{
    struct buf buf = BUF_EMPTY;
    struct json_value value;
    const struct str loose = STR("{ \"a b\\\" \" :\t[ true ,\r\n{ } ]}");
    const struct str dense = STR("{\"a\":[true,{}]}");

    (void)unused;
    assert_int_equal(json_scan(loose, &value), ERR_NONE);
    assert_true(params_compact(&buf, value));
    assert_buf(&buf, "{\"a b\\\" \":[true,{}]}");
    assert_int_equal(json_scan(dense, &value), ERR_NONE);
    assert_false(params_compact(&buf, value));
    assert_buf(&buf, "");
}

static void old_firmware_gets_numbers_for_what_is_false_or_empty(void **unused)
{
    (void)unused;
    assert_normal("{\"a\":true,\"b\":false,\"c\":null}", "{\"a\":1,\"b\":0,\"c\":0}");
    assert_normal("{\"timers\":[],\"o\":{},\"x\":[ ],\"y\":{\n}}",
                  "{\"timers\":0,\"o\":0,\"x\":0,\"y\":0}");
    assert_normal("{\"deep\":[{\"do\":{\"on\":true,\"l\":[[],{}]}},null]}",
                  "{\"deep\":[{\"do\":{\"on\":1,\"l\":[0,0]}},0]}");
    assert_normal("{}", "0");
    assert_normal("[]", "0");
    assert_normal("true", "1");
    assert_normal("[[[]]]", "[[0]]");
}

static void all_else_is_left_as_it_is(void **unused)
{
    (void)unused;
    assert_normal("{\"s\":\"true [] {} null \\\" \\\\\",\"n\":-1.5e+3,\"true\":\"\"}",
                  "{\"s\":\"true [] {} null \\\" \\\\\",\"n\":-1.5e+3,\"true\":\"\"}");
    assert_normal("[ 1 ,\t2 ]", "[1,2]");
    assert_normal("\"x\"", "\"x\"");
    assert_normal("0", "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_replaces_known_keys_in_place_and_adds_new_ones),
        cmocka_unit_test(values_are_replaced_whole),
        cmocka_unit_test(a_key_twice_in_a_change_leaves_one_with_the_last_value),
        cmocka_unit_test(a_list_of_changes_is_applied_in_turn),
        cmocka_unit_test(what_is_no_object_is_refused_and_changes_nothing),
        cmocka_unit_test(the_result_keeps_within_its_bytes),
        cmocka_unit_test(the_result_keeps_within_its_members),
        cmocka_unit_test(a_list_of_changes_is_bounded_as_a_whole),
        cmocka_unit_test(no_names_ask_for_all),
        cmocka_unit_test(names_choose_what_is_stored),
        cmocka_unit_test(nothing_stored_is_an_empty_object),
        cmocka_unit_test(names_past_the_bound_are_not_looked_at),
        cmocka_unit_test(old_firmware_gets_numbers_for_what_is_false_or_empty),
        cmocka_unit_test(all_else_is_left_as_it_is),
        cmocka_unit_test(white_space_between_tokens_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
