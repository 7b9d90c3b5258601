#include "net/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct address parsed(const char *text)
{
    struct address address;

    assert_int_equal(address_parse(str_of(text), &address), ERR_NONE);
    return address;
}

static void what_is_parsed_formats_as_it_was_written(void **state)
{
    static const char *const texts[] = {
        "1.2.3.4:80",      "0.0.0.0:0",         "127.0.0.1:65535",
        "[::1]:80",        "[::]:443",          "*:8080",
        "[2001:db8::7]:1", "255.255.255.255:9", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
    };
    char out[ADDRESS_TEXT_CAP];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address = parsed(texts[i]);

        assert_string_equal(address_format(&address, out), texts[i]);
    }
}

static void every_number_in_an_ipv4_address_is_written_as_it_is_read(void **state)
{
    char text[ADDRESS_TEXT_CAP];
    char out[ADDRESS_TEXT_CAP];
    struct address address;

    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        snprintf(text, sizeof text, "%u.%u.%u.%u:1", i, 255 - i, i, 255 - i);
        assert_int_equal(address_parse(str_of(text), &address), ERR_NONE);
        assert_string_equal(address_format(&address, out), text);
    }
}

static void an_address_without_host_is_any_of_both_families(void **state)
{
    struct address short_form = parsed(":80");
    struct address long_form = parsed("*:80");

    (void)state;
    assert_memory_equal(short_form.ip, long_form.ip, sizeof long_form.ip);
    assert_int_equal(short_form.port, 80);
    assert_false(short_form.is_v6);
}

static void an_ipv4_address_written_as_ipv6_is_the_ipv4_address(void **state)
{
    struct address address = parsed("[::ffff:1.2.3.4]:5");
    char out[ADDRESS_TEXT_CAP];

    (void)state;
    assert_false(address.is_v6);
    assert_string_equal(address_format_ip(&address, out), "1.2.3.4");
}

static void what_is_no_address_is_refused_and_changes_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "80",
        "1.2.3.4",
        "1.2.3.4:",
        "1.2.3.4:65536",
        "1.2.3:80",
        "[::1]",
        "[::1:80",
        "::1:80",
        "[]:80",
        "[:80",
        "]:80",
        "localhost:80",
        "1.2.3.4:-1",
        "1.2.3.4:+1",
        "1.2.3.4: 80",
        "1.2.3.4:000080",
        " 1.2.3.4:80",
        "1.2.3.4:80 ",
        "**:80",
        "[1.2.3.4]:80",
        "[fe80::1%eth0]:80",
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80",
    };
    struct address address;
    struct address before;

    (void)state;
    memset(&address, 0x5a, sizeof address);
    before = address;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(address_parse(str_of(texts[i]), &address), ERR_INVALID);
        assert_memory_equal(address.ip, before.ip, sizeof before.ip);
        assert_int_equal(address.port, before.port);
    }
    assert_int_equal(address_parse((struct str){"1.2.3.4\0:80", 11}, &address), ERR_INVALID);
}

static void any_and_loopback_are_known(void **state)
{
    static const struct {
        const char *text;
        bool any;
        bool loopback;
    } rows[] = {
        {"*:1", true, false},         {"0.0.0.0:1", true, false},   {"[::]:1", true, false},
        {"127.0.0.1:1", false, true}, {"127.9.8.7:1", false, true}, {"[::1]:1", false, true},
        {"10.0.0.1:1", false, false}, {"[::2]:1", false, false},    {"[7f00::]:1", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address address = parsed(rows[i].text);

        assert_int_equal(address_is_any(&address), rows[i].any);
        assert_int_equal(address_is_loopback(&address), rows[i].loopback);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_parsed_formats_as_it_was_written),
        cmocka_unit_test(every_number_in_an_ipv4_address_is_written_as_it_is_read),
        cmocka_unit_test(an_address_without_host_is_any_of_both_families),
        cmocka_unit_test(an_ipv4_address_written_as_ipv6_is_the_ipv4_address),
        cmocka_unit_test(what_is_no_address_is_refused_and_changes_nothing),
        cmocka_unit_test(any_and_loopback_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
