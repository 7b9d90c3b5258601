#include "proto/rest_device.h"

#include "proto/rest_device_list.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct rest_share ann = {
    .apikey = {"a", 1}, .account = {"ann@example.org", 15}, .permit = 15, .shared_ms = 7};
static const struct rest_share bob = {.apikey = {"b", 1}, .account = {"+861380000", 10}};

static struct buf out;

static struct rest_device lamp(void)
{
    return (struct rest_device){.id = STR("1000000001"),
                                .owner = STR("o"),
                                .key = STR("k"),
                                .name = STR("a \"lamp\""),
                                .params = STR("{\"switch\":\"on\"}"),
                                .uiid = 1,
                                .created_ms = 1};
}

static void has(const char *part)
{
    if (strstr(out.ptr, part) == NULL)
        fail_msg("no %s in %s", part, out.ptr);
}

static void lacks(const char *part)
{
    if (strstr(out.ptr, part) != NULL)
        fail_msg("%s in %s", part, out.ptr);
}

static void put(bool is_v2, const struct rest_device *device)
{
    struct json_out json;
    struct json_value value;

    buf_clear(&out);
    json = json_out_to(&out);
    if (is_v2) {
        rest_device_put_thing(&json, NULL, device);
    } else {
        json_out_object(&json, NULL);
        rest_device_put_v1(&json, device);
        json_out_end_object(&json);
    }
    assert_int_equal(json_scan(buf_str(&out), &value), ERR_NONE);
    buf_append_byte(&out, '\0');
}

static void v1_has_two_levels_of_extra_and_v2_one(void **state)
{
    struct rest_device device = lamp();

    (void)state;
    put(false, &device);
    has("\"extra\":{\"_id\":\"1000000001\",\"extra\":{\"model\":\"\",\"uiid\":1,");
    has("\"name\":\"a \\\"lamp\\\"\"");
    has("\"params\":{\"switch\":\"on\"}");
    has("\"createdAt\":\"1970-01-01T00:00:00.001Z\"");
    lacks("onlineTime");
    put(true, &device);
    has("{\"itemType\":1,\"itemData\":{\"name\"");
    has("\"extra\":{\"model\":\"\",\"uiid\":1,");
    lacks("_id");
}

static void what_the_owner_has_not_set_is_as_usual(void **state)
{
    struct rest_device device = lamp();

    (void)state;
    put(true, &device);
    has("\"settings\":{\"opsNotify\":0,\"opsHistory\":1,\"alarmNotify\":1}");
    lacks("\"tags\"");
    device.settings = STR("{\"opsNotify\":1}");
    device.tags = STR("{\"a\":1}");
    put(true, &device);
    has("\"settings\":{\"opsNotify\":1}");
    has("\"tags\":{\"a\":1}");
}

static void people_are_named_by_address_or_number(void **state)
{
    const struct rest_share both[] = {ann, bob};
    struct rest_device device = lamp();

    (void)state;
    device.shared_to = both;
    device.shared_to_count = 2;
    put(false, &device);
    has("\"sharedTo\":[{\"apikey\":\"a\",\"email\":\"ann@example.org\",\"permit\":15,");
    has("{\"apikey\":\"b\",\"phoneNumber\":\"+861380000\",\"permit\":0,");
    put(true, &device);
    has("\"shareTo\":[{\"apikey\":\"a\"");
}

static void a_device_of_somebody_else_is_another_kind_of_thing(void **state)
{
    struct rest_device device = lamp();

    (void)state;
    device.shared_by = &bob;
    put(true, &device);
    has("\"itemType\":2");
    has("\"sharedBy\":{\"apikey\":\"b\"");
    lacks("shareTo\":");
}

static void groups_are_listed(void **state)
{
    const struct str groups[] = {STR("g1"), STR("g2")};
    struct rest_device device = lamp();

    (void)state;
    device.groups = groups;
    device.group_count = 2;
    put(false, &device);
    has("\"groups\":[\"g1\",\"g2\"]");
    put(true, &device);
    has("\"devGroups\":[{\"type\":1,\"groupId\":\"g1\"},{\"type\":1,\"groupId\":\"g2\"}]");
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v1_has_two_levels_of_extra_and_v2_one),
        cmocka_unit_test(what_the_owner_has_not_set_is_as_usual),
        cmocka_unit_test(people_are_named_by_address_or_number),
        cmocka_unit_test(a_device_of_somebody_else_is_another_kind_of_thing),
        cmocka_unit_test(groups_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
