#include "proto/pair_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define D "100000140e"
#define F "4b21ebbe-8870-4d4a-93f2-7c6cfeff5fea"

static void a_device_tells_its_id_and_key(void **unused)
{
    struct pair_device device;

    (void)unused;
    assert_int_equal(pair_message_parse_device(STR("\r\n{\"deviceid\":\"" D "\",\"apikey\":\"" F
                                                   "\",\"accept\":\"post\",\"chipid\":12345}\n"),
                                               &device),
                     ERR_NONE);
    assert_true(str_eq(device.deviceid, STR(D)));
    assert_true(str_eq(device.apikey, STR(F)));
    assert_true(str_eq(device.chipid, STR("12345")));
}

static void what_is_no_device_is_refused(void **unused)
{
    static const char *const bodies[] = {
        "",
        "404 page not found",
        "[]",
        "{}",
        "{\"deviceid\":\"" D "\"}",
        "{\"deviceid\":5,\"apikey\":\"" F "\"}",
        "{\"deviceid\":\"\",\"apikey\":\"" F "\"}",
    };
    struct pair_device device;

    (void)unused;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(pair_message_parse_device(str_of(bodies[i]), &device), ERR_INVALID);
}

static void the_network_is_told_in_both_spellings(void **unused)
{
    struct pair_network network = {
        .ssid = STR("My \"home\""),
        .password = STR("secret"),
        .server = STR("192.0.2.7"),
        .port = 443,
    };
    struct buf out = BUF_EMPTY;

    (void)unused;
    pair_message_format_network(&out, &network);
    assert_true(str_eq(buf_str(&out), STR("{\"port\":443,\"serverName\":\"192.0.2.7\",\"password\":"
                                          "\"secret\",\"ssid\":\"My \\\"home\\\"\"}")));
    buf_clear(&out);
    network.is_upper = true;
    pair_message_format_network(&out, &network);
    assert_true(str_eq(buf_str(&out), STR("{\"port\":443,\"serverName\":\"192.0.2.7\",\"password\":"
                                          "\"secret\",\"SSID\":\"My \\\"home\\\"\"}")));
    buf_free(&out);
}

static void its_answer_is_a_number_or_digits(void **unused)
{
    int64_t error = 7;

    (void)unused;
    assert_int_equal(pair_message_parse_answer(STR("{\"error\":0}"), &error), ERR_NONE);
    assert_int_equal(error, 0);
    assert_int_equal(pair_message_parse_answer(STR("{\"error\":\"12\"}"), &error), ERR_NONE);
    assert_int_equal(error, 12);
    assert_int_equal(pair_message_parse_answer(STR("{}"), &error), ERR_INVALID);
    assert_int_equal(pair_message_parse_answer(STR("ok"), &error), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_tells_its_id_and_key),
        cmocka_unit_test(what_is_no_device_is_refused),
        cmocka_unit_test(the_network_is_told_in_both_spellings),
        cmocka_unit_test(its_answer_is_a_number_or_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
