#include "net/proxy_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define IPV4_BODY "\xcb\x00\x71\x09\xc6\x33\x64\x04\x15\xb3\x01\xbb"
#define V6_A "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
#define V6_B "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"

/* Parses a header and two bytes behind it, given byte by byte: MORE until the last of its own. */
static struct proxy_header parsed(struct str header)
{
    char *bytes = malloc(header.len + 2);
    struct proxy_header out;

    memcpy(bytes, header.ptr, header.len);
    memcpy(bytes + header.len, "\r\n", 2);
    for (size_t len = 0; len < header.len; len++) {
        /* A copy of exactly that length, so that a sanitizer sees any read behind it. */
        char *copy = malloc(len + 1);

        memcpy(copy, bytes, len);
        assert_int_equal(proxy_header_parse((struct str){copy, len}, &out), PROXY_HEADER_MORE);
        free(copy);
    }
    for (size_t len = header.len; len <= header.len + 2; len++) {
        assert_int_equal(proxy_header_parse((struct str){bytes, len}, &out), PROXY_HEADER_DONE);
        assert_int_equal(out.len, header.len);
    }
    free(bytes);
    return out;
}

static void assert_between(struct proxy_header header, const char *source, const char *destination)
{
    char text[ADDRESS_TEXT_CAP];

    assert_true(header.has_addresses);
    assert_string_equal(address_format(&header.source, text), source);
    assert_string_equal(address_format(&header.destination, text), destination);
}

static void assert_bad(struct str bytes)
{
    struct proxy_header out;

    assert_int_equal(proxy_header_parse(bytes, &out), PROXY_HEADER_BAD);
}

static void version_1_gives_both_addresses(void **state)
{
    (void)state;
    assert_between(parsed(STR("PROXY TCP4 203.0.113.9 198.51.100.4 5555 443\r\n")),
                   "203.0.113.9:5555", "198.51.100.4:443");
    assert_between(parsed(STR("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n")), "[2001:db8::1]:65535",
                   "[::1]:0");
    assert_between(parsed(STR("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                              "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n")),
                   "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
                   "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

static void version_1_may_not_know(void **state)
{
    (void)state;
    assert_false(parsed(STR("PROXY UNKNOWN\r\n")).has_addresses);
    assert_false(parsed(STR("PROXY UNKNOWN ffff::1 what ever 1 2\r\n")).has_addresses);
}

static void a_version_1_line_that_is_not_exact_is_bad(void **state)
{
    static const struct {
        const char *ptr;
    } rows[] = {
        {"PROXY \r\n"},
        {"PROXY TCP4\r\n"},
        {"PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n"},
        {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n"},
        {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n"},
        {"PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n"},
        {"PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n"},
        {"PROXY TCP4 1.2.3.4 5.6.7.8 1 02\r\n"},
        {"PROXY TCP4 1.2.3.4 5.6.7.8 1 +2\r\n"},
        {"PROXY TCP4 1.2.3.4 5.6.7.256 1 2\r\n"},
        {"PROXY TCP4 * * 1 2\r\n"},
        {"PROXY TCP4 ::1 ::1 1 2\r\n"},
        {"PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n"},
        {"PROXY TCP6 ::1] ::1 1 2\r\n"},
        {"PROXY TCP6 ::1%lo ::1 1 2\r\n"},
        {"PROXY TCP5 ::1 ::1 1 2\r\n"},
        {"PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n"},
        {"PROXY UNKNOWNS\r\n"},
        {"PROXY UNKNOWN\n"},
        {"PROXY\tTCP4"},
        {"proxy TCP4"},
        {"GET / HTTP/1.1\r\n"},
        {"PROX GET"},
    };
    char line[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_bad(str_of(rows[i].ptr));
    assert_bad(STR("PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n"));
    memset(line, 'x', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    assert_bad((struct str){line, 107}); /* longer than the specification allows */
}

static void version_2_gives_both_addresses(void **state)
{
    (void)state;
    assert_between(parsed(STR(V2 "\x21\x11\x00\x0c" IPV4_BODY)), "203.0.113.9:5555",
                   "198.51.100.4:443");
    assert_between(parsed(STR(V2 "\x21\x21\x00\x24" V6_A V6_B "\x00\x50\xff\xff")),
                   "[2001:db8::1]:80", "[2001:db8::2]:65535");
}

static void version_2_passes_over_what_follows_the_addresses(void **state)
{
    (void)state;
    assert_between(parsed(STR(V2 "\x21\x11\x00\x10" IPV4_BODY "\x04\x00\x01\x00")),
                   "203.0.113.9:5555", "198.51.100.4:443");
}

static void version_2_without_tcp_addresses_leaves_the_sockets_own(void **state)
{
    (void)state;
    assert_false(parsed(STR(V2 "\x20\x00\x00\x00")).has_addresses);
    assert_false(parsed(STR(V2 "\x20\x11\x00\x0c" IPV4_BODY)).has_addresses); /* LOCAL */
    assert_false(parsed(STR(V2 "\x21\x00\x00\x03"
                               "abc"))
                     .has_addresses);
    assert_false(parsed(STR(V2 "\x21\x12\x00\x0c" IPV4_BODY)).has_addresses); /* UDP */
}

static void a_version_2_header_that_is_not_exact_is_bad(void **state)
{
    char large[PROXY_HEADER_MAX + 1] = V2 "\x21\x11\x0f\xf1";

    (void)state;
    assert_bad(STR(V2 "\x11\x11\x00\x0c" IPV4_BODY)); /* version 1 */
    assert_bad(STR(V2 "\x22\x11\x00\x0c" IPV4_BODY)); /* no such command */
    assert_bad(STR(V2 "\x21\x11\x00\x0b" IPV4_BODY)); /* shorter than two addresses */
    assert_bad(STR(V2 "\x21\x21\x00\x0c" IPV4_BODY)); /* shorter than two IPv6 addresses */
    assert_bad(STR("\r\n\r\n\0\r\nQUIT\r"));          /* not the signature */
    assert_bad((struct str){large, 16});              /* one byte more than the bound */
    large[15] = '\xf0';
    parsed((struct str){large, PROXY_HEADER_MAX});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_gives_both_addresses),
        cmocka_unit_test(version_1_may_not_know),
        cmocka_unit_test(a_version_1_line_that_is_not_exact_is_bad),
        cmocka_unit_test(version_2_gives_both_addresses),
        cmocka_unit_test(version_2_passes_over_what_follows_the_addresses),
        cmocka_unit_test(version_2_without_tcp_addresses_leaves_the_sockets_own),
        cmocka_unit_test(a_version_2_header_that_is_not_exact_is_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
