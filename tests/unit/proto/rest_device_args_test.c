#include "proto/rest_device_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char room[4096];
static struct rest_args args;

static void read_body(const char *body)
{
    args = (struct rest_args){0};
    assert_int_equal(rest_args_add_body(&args, str_of(body), room), ERR_NONE);
}

static void a_status_names_a_device_or_a_group(void **state)
{
    struct rest_status status;

    (void)state;
    read_body("{\"type\":1,\"id\":\"d\",\"params\":{\"a\":1}}");
    assert_true(rest_device_args_read_status(&args, &status));
    assert_false(status.is_group);
    assert_int_equal(status.params.kind, JSON_OBJECT);
    read_body("{\"type\":\"2\",\"id\":\"g\"}");
    assert_true(rest_device_args_read_status(&args, &status));
    assert_true(status.is_group);
    read_body("{\"type\":3,\"id\":\"g\"}");
    assert_false(rest_device_args_read_status(&args, &status));
    read_body("{\"type\":1}");
    assert_false(rest_device_args_read_status(&args, &status));
}

static void params_of_v1_may_be_json_in_a_string(void **state)
{
    struct rest_status status;

    (void)state;
    read_body("{\"deviceid\":\"d\",\"params\":\"{\\\"switch\\\":\\\"on\\\"}\"}");
    rest_device_args_read_status_v1(&args, &status);
    assert_int_equal(status.params.kind, JSON_OBJECT);
    assert_true(str_eq(status.params.raw, STR("{\"switch\":\"on\"}")));
    read_body("{\"deviceid\":\"d\",\"params\":\"on\"}");
    rest_device_args_read_status_v1(&args, &status);
    assert_int_equal(status.params.kind, JSON_STRING);
}

static void a_batch_is_bounded_and_names_nothing_twice(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"thingList\":[]}",
        "{\"thingList\":{}}",
        "{\"thingList\":[1]}",
        "{\"thingList\":[{\"type\":1}]}",
        "{\"thingList\":[{\"type\":1,\"id\":\"a\"},{\"type\":2,\"id\":\"a\"}]}",
        "{\"thingList\":[{\"type\":1,\"id\":\"a\"}],\"timeout\":8001}",
        "{\"thingList\":[{\"type\":1,\"id\":\"a\"}],\"timeout\":-1}",
        "{\"thingList\":[{\"type\":1,\"id\":\"0\"},{\"type\":1,\"id\":\"1\"},{\"type\":1,\"id\":"
        "\"2\"},{\"type\":1,\"id\":\"3\"},{\"type\":1,\"id\":\"4\"},{\"type\":1,\"id\":\"5\"},"
        "{\"type\":1,\"id\":\"6\"},{\"type\":1,\"id\":\"7\"},{\"type\":1,\"id\":\"8\"},{\"type\":"
        "1,\"id\":\"9\"},{\"type\":1,\"id\":\"10\"}]}",
    };
    struct rest_batch batch;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read_body(bad[i]);
        assert_false(rest_device_args_read_batch(&args, &batch));
    }
    read_body(
        "{\"thingList\":[{\"type\":1,\"id\":\"a\",\"params\":{}},{\"type\":2,\"id\":\"b\"}],"
        "\"timeout\":8000}");
    assert_true(rest_device_args_read_batch(&args, &batch));
    assert_int_equal(batch.count, 2);
    assert_int_equal(batch.timeout_ms, 8000);
    assert_true(batch.items[1].is_group);
}

static void a_page_has_thirty_things_unless_told(void **state)
{
    struct rest_page page;

    (void)state;
    read_body("");
    rest_device_args_read_page(&args, &page);
    assert_int_equal(page.num, 30);
    assert_true(page.begin_index < 0);
    read_body("{\"num\":0,\"beginIndex\":\"-999999\",\"familyid\":\"f\"}");
    rest_device_args_read_page(&args, &page);
    assert_int_equal(page.num, 0);
    assert_int_equal(page.begin_index, -999999);
    assert_true(str_eq(page.family, STR("f")));
    read_body("{\"num\":-1}");
    rest_device_args_read_page(&args, &page);
    assert_int_equal(page.num, 30);
}

static void things_have_a_type_and_an_id(void **state)
{
    struct rest_things things;

    (void)state;
    read_body("{\"thingList\":[{\"itemType\":1,\"id\":\"a\"},{\"itemType\":\"2\",\"id\":\"b\"}]}");
    assert_true(rest_device_args_read_things(&args, &things));
    assert_int_equal(things.count, 2);
    assert_int_equal(things.types[1], 2);
    read_body("{\"thingList\":[{\"itemType\":1}]}");
    assert_false(rest_device_args_read_things(&args, &things));
    read_body("{\"thingList\":[{\"id\":\"a\"}]}");
    assert_false(rest_device_args_read_things(&args, &things));
    read_body("{\"thingList\":[]}");
    assert_false(rest_device_args_read_things(&args, &things));
}

static void what_may_be_changed_is_told_from_what_is_not(void **state)
{
    struct rest_device_change change;
    struct rest_device_add add;

    (void)state;
    read_body("{\"name\":\"\",\"tags\":{\"a\":1},\"type\":\"merge\"}");
    rest_device_args_read_change(&args, &change);
    assert_non_null(change.name.ptr);
    assert_null(change.group.ptr);
    assert_true(change.merges_tags);
    assert_true(str_eq(change.tags, STR("{\"a\":1}")));
    read_body("{\"deviceid\":\"d\",\"apikey\":\"k\",\"settings\":[]}");
    rest_device_args_read_add(&args, &add);
    assert_true(str_eq(add.deviceid, STR("d")));
    assert_int_equal(add.settings.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_names_a_device_or_a_group),
        cmocka_unit_test(params_of_v1_may_be_json_in_a_string),
        cmocka_unit_test(a_batch_is_bounded_and_names_nothing_twice),
        cmocka_unit_test(a_page_has_thirty_things_unless_told),
        cmocka_unit_test(things_have_a_type_and_an_id),
        cmocka_unit_test(what_may_be_changed_is_told_from_what_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
