#include "outbox/outbox_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void an_address_of_its_kind_is_fine(void **state)
{
    (void)state;
    assert_null(outbox_url_check("https://example.org/hook?a=b", PARCEL_POST));
    assert_null(outbox_url_check("http://127.0.0.1:8080/", PARCEL_POST));
    assert_null(outbox_url_check("http://[::1]:8080/x", PARCEL_POST));
    assert_null(outbox_url_check("smtp://mail.example.org:587", PARCEL_MAIL));
    assert_null(outbox_url_check("smtps://mail.example.org", PARCEL_MAIL));
}

static void another_scheme_is_refused(void **state)
{
    static const char *const urls[] = {
        "file:///etc/passwd",      "ftp://example.org/",
        "gopher://example.org/",   "ldap://example.org/",
        "dict://example.org/",     "example.org",
        "//example.org/",          "",
        "smtp://mail.example.org", "javascript:1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_non_null(outbox_url_check(urls[i], PARCEL_POST));
    assert_non_null(outbox_url_check("https://example.org/", PARCEL_MAIL));
}

static void credentials_and_odd_bytes_are_refused(void **state)
{
    (void)state;
    assert_string_equal(outbox_url_check("https://a:b@example.org/", PARCEL_POST),
                        "an address without credentials");
    assert_string_equal(outbox_url_check("https://a@example.org/", PARCEL_POST),
                        "an address without credentials");
    assert_string_equal(outbox_url_check("https://example.org/#x", PARCEL_POST),
                        "an address without a part behind #");
    assert_non_null(outbox_url_check("https://example.org/a b", PARCEL_POST));
    assert_non_null(outbox_url_check("https://example.org/\r\nX: y", PARCEL_POST));
    assert_non_null(outbox_url_check("https://exampl\xc3\xa9.org/", PARCEL_POST));
}

static void an_address_that_is_too_long_is_refused(void **state)
{
    char url[PARCEL_URL_CAP + 1];

    (void)state;
    memset(url, 'a', sizeof url);
    memcpy(url, "https://example.org/", 20);
    url[PARCEL_URL_CAP - 1] = '\0';
    assert_null(outbox_url_check(url, PARCEL_POST));
    url[PARCEL_URL_CAP - 1] = 'a';
    url[PARCEL_URL_CAP] = '\0';
    assert_non_null(outbox_url_check(url, PARCEL_POST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_of_its_kind_is_fine),
        cmocka_unit_test(another_scheme_is_refused),
        cmocka_unit_test(credentials_and_odd_bytes_are_refused),
        cmocka_unit_test(an_address_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
