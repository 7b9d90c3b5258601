#include "outbox/parcel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void a_copy_has_texts_of_its_own(void **state)
{
    char url[] = "https://example.org/";
    char header[] = "X-One: 1";
    const struct parcel parcel = {
        .kind = PARCEL_POST, .url = url, .body = STR("{}"), .headers = {NULL, header}};
    struct parcel *copy = parcel_copy(&parcel);

    (void)state;
    memset(url, 'x', sizeof url - 1);
    memset(header, 'x', sizeof header - 1);
    assert_string_equal(copy->url, "https://example.org/");
    assert_null(copy->headers[0]);
    assert_string_equal(copy->headers[1], "X-One: 1");
    assert_true(str_eq(copy->body, STR("{}")));
    assert_null(copy->user);
    parcel_free(copy);
    parcel_free(NULL);
}

/* A line end in a header, or in an address, would smuggle a header or a command in. */
static void a_text_with_a_line_end_is_not_valid(void **state)
{
    struct parcel parcel = {.kind = PARCEL_MAIL,
                            .url = "smtp://mail.example.org",
                            .from = "a@example.org",
                            .to = "b@example.org"};

    (void)state;
    assert_true(parcel_is_valid(&parcel));
    parcel.to = "b@example.org>\r\nRCPT TO:<c@example.org";
    assert_false(parcel_is_valid(&parcel));
    parcel.to = "b@example.org";
    parcel.headers[PARCEL_HEADERS - 1] = "X: 1\nY: 2";
    assert_false(parcel_is_valid(&parcel));
}

static void bounds_hold(void **state)
{
    char address[PARCEL_ADDRESS_CAP + 1];
    struct parcel parcel = {.url = "http://127.0.0.1/", .from = address};

    (void)state;
    memset(address, 'a', sizeof address);
    address[PARCEL_ADDRESS_CAP - 1] = '\0';
    assert_true(parcel_is_valid(&parcel));
    address[PARCEL_ADDRESS_CAP - 1] = 'a';
    address[PARCEL_ADDRESS_CAP] = '\0';
    assert_false(parcel_is_valid(&parcel));
    parcel.from = NULL;
    parcel.body.len = PARCEL_BODY_MAX + 1;
    assert_false(parcel_is_valid(&parcel));
    parcel.body.len = 0;
    parcel.url = NULL;
    assert_false(parcel_is_valid(&parcel));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_texts_of_its_own),
        cmocka_unit_test(a_text_with_a_line_end_is_not_valid),
        cmocka_unit_test(bounds_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
