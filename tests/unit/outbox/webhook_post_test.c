#include "outbox/webhook_post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void events_stand_in_their_order_with_their_numbers(void **state)
{
    struct buf body = BUF_EMPTY;

    (void)state;
    webhook_post_begin(&body, "abc");
    webhook_post_add(&body, 7, STR("{\"id\":\"x\"}"));
    webhook_post_add(&body, 8, STR("{\"id\":\"y\",\"a\":[1]}"));
    webhook_post_end(&body);
    assert_true(str_eq(buf_str(&body), STR("{\"webhook\":\"abc\",\"events\":["
                                           "{\"number\":7,\"id\":\"x\"},"
                                           "{\"number\":8,\"id\":\"y\",\"a\":[1]}]}")));
    buf_free(&body);
}

/* As printf '%s' '784111777.{"a":1}' | openssl dgst -sha256 -hmac s3cret computes it. */
static void the_signature_is_of_time_and_body(void **state)
{
    const struct webhook_record webhook = {
        .id = "abc", .secret = "s3cret", .url = "https://x.org/"};
    struct webhook_post_headers headers;
    struct parcel parcel;

    (void)state;
    webhook_post_sign(&webhook, 784111777999, STR("{\"a\":1}"), &headers);
    assert_string_equal(headers.id, "Switchyard-Webhook: abc");
    assert_string_equal(headers.timestamp, "Switchyard-Timestamp: 784111777");
    assert_string_equal(headers.signature,
                        "Switchyard-Signature: "
                        "v1=6c6a7ad778b4909c8746347641d688daef2b1e4665c2bcde09b1eb08f48f7914");
    parcel = webhook_post_parcel(&webhook, STR("{\"a\":1}"), &headers);
    assert_string_equal(parcel.url, "https://x.org/");
    assert_true(parcel_is_valid(&parcel));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_stand_in_their_order_with_their_numbers),
        cmocka_unit_test(the_signature_is_of_time_and_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
