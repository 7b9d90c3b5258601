#include "proto/message_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_text(struct buf *out, const char *expected)
{
    buf_append_byte(out, '\0');
    assert_string_equal(out->ptr, expected);
    buf_free(out);
}

static void an_upgrade_lists_its_files_and_ends_with_model_and_version(void **unused)
{
    const struct message_binary binaries[] = {
        {STR("http://192.0.2.7/a\"b.bin"), STR("12"), STR("a\"b.bin")},
        {STR("http://192.0.2.7/c.bin"), STR("34"), STR("c.bin")},
    };
    const struct message_firmware firmware = {STR("1.5.6"), STR("M"), binaries, 2};
    struct buf out = BUF_EMPTY;

    (void)unused;
    message_order_format_upgrade(&out, &firmware);
    assert_text(
        &out,
        "{\"binList\":[{\"downloadUrl\":\"http://192.0.2.7/a\\\"b.bin\",\"digest\":\"12\","
        "\"name\":\"a\\\"b.bin\"},{\"downloadUrl\":\"http://192.0.2.7/c.bin\",\"digest\":\"34\","
        "\"name\":\"c.bin\"}],\"model\":\"M\",\"version\":\"1.5.6\"}");
}

static void a_redirect_names_an_address_and_a_port(void **unused)
{
    struct buf out = BUF_EMPTY;

    (void)unused;
    message_order_format_redirect(&out, STR("192.0.2.8"), 443);
    assert_text(&out, "{\"IP\":\"192.0.2.8\",\"port\":443}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgrade_lists_its_files_and_ends_with_model_and_version),
        cmocka_unit_test(a_redirect_names_an_address_and_a_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
