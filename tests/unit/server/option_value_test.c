#include "server/option_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { LONG_BYTES = 2 * OPTION_ITEMS_MAX }; /* "a,a,...": as many items as there may be */

union value {
    char *text;
    uint64_t number;
    bool flag;
    unsigned choice;
    struct address_list addresses;
    struct text_list texts;
    struct certificate_list certificates;
};

/* Parses text as it would stand in a variable. */
static bool parse(const char *path, const char *text, union value *out)
{
    const struct option *option = option_find(str_of(path));
    struct option_items items = {.at = {str_of(text)}, .count = 1};
    struct str bad;

    assert_non_null(option);
    memset(out, 0, sizeof *out);
    if (option_value_is_list(option))
        assert_true(option_value_split(str_of(text), &items));
    return option_value_parse(option, &items, out, &bad);
}

static void drop(const char *path, union value *value)
{
    option_value_free(option_find(str_of(path)), value);
}

static void durations_have_units_and_bounds(void **state)
{
    union value value;

    (void)state;
    assert_true(parse("heartbeat.interval", "145s", &value));
    assert_int_equal(value.number, 145000);
    assert_true(parse("heartbeat.interval", "2m25s", &value));
    assert_int_equal(value.number, 145000);
    assert_false(parse("heartbeat.interval", "60999ms", &value));
    assert_true(parse("heartbeat.interval", "61s", &value));
    assert_true(parse("heartbeat.interval", "1h", &value));
    assert_false(parse("heartbeat.interval", "3600001ms", &value));
    assert_false(parse("heartbeat.interval", "145", &value));
    assert_false(parse("heartbeat.interval", "", &value));
    assert_false(parse("heartbeat.interval", "-1s", &value));
}

static void sizes_have_binary_units(void **state)
{
    union value value;

    (void)state;
    assert_true(parse("limits.message_bytes", "64KiB", &value));
    assert_int_equal(value.number, 65536);
    assert_true(parse("limits.message_bytes", "1MiB", &value));
    assert_int_equal(value.number, 1048576);
    assert_true(parse("limits.message_bytes", "2048", &value));
    assert_true(parse("limits.message_bytes", "2048B", &value));
    assert_int_equal(value.number, 2048);
    assert_false(parse("limits.message_bytes", "1025KiB", &value));
    assert_false(parse("limits.message_bytes", "1023", &value));
    assert_false(parse("limits.message_bytes", "64KB", &value));
    assert_false(parse("limits.message_bytes", "KiB", &value));
    assert_false(parse("limits.message_bytes", "18446744073709551615KiB", &value));
    assert_false(parse("limits.message_bytes", "17179869185GiB", &value)); /* 1 GiB, wrapped */
}

static void numbers_and_truths_are_exact(void **state)
{
    union value value;

    (void)state;
    assert_true(parse("workers", "0", &value));
    assert_true(parse("workers", "64", &value));
    assert_int_equal(value.number, 64);
    assert_false(parse("workers", "65", &value));
    assert_false(parse("workers", "2.0", &value));
    assert_false(parse("workers", " 2", &value));
    assert_true(parse("dispatch.anonymous", "true", &value));
    assert_true(value.flag);
    assert_true(parse("dispatch.anonymous", "false", &value));
    assert_false(value.flag);
    assert_false(parse("dispatch.anonymous", "yes", &value));
}

static void choices_are_their_words(void **state)
{
    union value value;

    (void)state;
    assert_true(parse("log.level", "debug", &value));
    assert_int_equal(value.choice, 3);
    assert_true(parse("log.form", "json", &value));
    assert_int_equal(value.choice, 1);
    assert_true(parse("listen.proxy_protocol", "plain", &value));
    assert_int_equal(value.choice, OPTION_PROXY_PLAIN);
    assert_false(parse("log.level", "loud", &value));
}

static void texts_have_a_length_and_no_control_bytes(void **state)
{
    union value value;

    (void)state;
    assert_true(parse("node.region", "eu", &value));
    assert_string_equal(value.text, "eu");
    drop("node.region", &value);
    assert_false(parse("node.region", "too-long-a-name", &value));
    assert_false(parse("data", "", &value));
    assert_false(parse("data", "a\nb", &value));
}

static void a_list_is_split_at_commas(void **state)
{
    union value value;

    (void)state;
    assert_true(parse("listen.tls", "*:8080, 127.0.0.1:0,[::1]:443", &value));
    assert_int_equal(value.addresses.count, 3);
    assert_true(address_is_any(&value.addresses.items[0]));
    assert_int_equal(value.addresses.items[0].port, 8080);
    assert_true(address_is_loopback(&value.addresses.items[1]));
    assert_int_equal(value.addresses.items[2].port, 443);
    drop("listen.tls", &value);

    assert_true(parse("listen.tls", "", &value));
    assert_int_equal(value.addresses.count, 0);
    assert_false(parse("listen.tls", "*:8080,nonsense", &value));
    assert_int_equal(value.addresses.count, 0);
}

static void a_list_has_a_bound(void **state)
{
    struct option_items items;
    struct str bad = STR("x");
    union value value = {.number = 0};

    (void)state;
    assert_true(option_value_split(STR(":1,:2,:3,:4,:5"), &items));
    assert_false(option_value_parse(option_find(STR("admin.listen")), &items, &value, &bad));
    assert_null(bad.ptr);

    char text[LONG_BYTES + 2];

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 == 0 ? 'a' : ',';
    assert_false(option_value_split((struct str){text, sizeof text}, &items));
    assert_true(option_value_split((struct str){text, LONG_BYTES}, &items));
    assert_int_equal(items.count, OPTION_ITEMS_MAX);
}

static void a_certificate_is_two_files(void **state)
{
    union value value;

    (void)state;
    assert_true(parse("tls.certificates", "a.pem:a.key,b.pem:b.key", &value));
    assert_int_equal(value.certificates.count, 2);
    assert_string_equal(value.certificates.items[1].chain, "b.pem");
    assert_string_equal(value.certificates.items[1].key, "b.key");
    drop("tls.certificates", &value);

    assert_false(parse("tls.certificates", "a.pem", &value));
    assert_false(parse("tls.certificates", "a.pem:", &value));
    assert_false(parse("tls.certificates", ":a.key", &value));
    assert_false(parse("tls.certificates", "a.pem:a.key,b:c:d", &value));
}

static void what_is_expected_is_told_with_its_bounds(void **state)
{
    struct buf text = BUF_EMPTY;

    (void)state;
    option_value_expect(option_find(STR("limits.message_bytes")), &text);
    buf_append_byte(&text, '\0');
    assert_string_equal(text.ptr, "a size such as 512, 64KiB or 1MiB, 1KiB to 1MiB");
    buf_clear(&text);
    option_value_expect(option_find(STR("heartbeat.interval")), &text);
    buf_append_byte(&text, '\0');
    assert_string_equal(text.ptr, "a duration such as 250ms, 145s or 1h30m, 61s to 1h");
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_units_and_bounds),
        cmocka_unit_test(sizes_have_binary_units),
        cmocka_unit_test(numbers_and_truths_are_exact),
        cmocka_unit_test(choices_are_their_words),
        cmocka_unit_test(texts_have_a_length_and_no_control_bytes),
        cmocka_unit_test(a_list_is_split_at_commas),
        cmocka_unit_test(a_list_has_a_bound),
        cmocka_unit_test(a_certificate_is_two_files),
        cmocka_unit_test(what_is_expected_is_told_with_its_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
