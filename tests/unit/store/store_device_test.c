/* What the facade promises of devices. */
#include "store/store_device.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UUID_A "aaaaaaaa-0000-4000-8000-000000000000"
#define UUID_B "bbbbbbbb-0000-4000-8000-000000000000"

static void a_device_is_found_as_it_was_created(void **state)
{
    struct store_fixture *fx = *state;
    struct device_record device = {.id = "1000abcdef",
                                   .key = "factory",
                                   .owner = UUID_A,
                                   .name = "lamp",
                                   .model = "ITA-GZ1-GL",
                                   .params = "{\"switch\":\"on\"}",
                                   .created_ms = 1,
                                   .online_ms = 2,
                                   .offline_ms = 3};
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(
        store_device_create(fx->store, fx->mailbox, &device, 1, store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, device.id, &answer), ERR_NONE);
    assert_string_equal(answer.device.id, device.id);
    assert_string_equal(answer.device.key, device.key);
    assert_string_equal(answer.device.owner, device.owner);
    assert_string_equal(answer.device.name, device.name);
    assert_string_equal(answer.device.model, device.model);
    assert_string_equal(answer.device.params, device.params);
    assert_int_equal(answer.device.created_ms, 1);
    assert_int_equal(answer.device.online_ms, 2);
    assert_int_equal(answer.device.offline_ms, 3);
}

static void a_device_without_params_has_an_empty_object(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    assert_int_equal(store_fixture_create_device(fx, "device", ""), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "device", &answer), ERR_NONE);
    assert_string_equal(answer.device.params, "{}");
    assert_string_equal(answer.device.owner, "");
}

static void an_update_changes_only_what_it_names(void **state)
{
    struct store_fixture *fx = *state;
    struct store_device_change changes[] = {
        {.id = STR("device"), .params = STR("{\"a\":1}")},
        {.id = STR("device"), .model = STR("PSF-B01-GL")},
        {.id = STR("device"), .online_ms = 5},
        {.id = STR("device"), .offline_ms = 6},
    };
    struct store_answer answer;

    assert_int_equal(store_fixture_create_device(fx, "device", ""), ERR_NONE);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        answer = (struct store_answer){0};
        assert_int_equal(store_device_update(fx->store, fx->mailbox, &changes[i],
                                             store_fixture_on_done, &answer),
                         ERR_NONE);
        assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    }
    assert_int_equal(store_fixture_find_device(fx, "device", &answer), ERR_NONE);
    assert_string_equal(answer.device.params, "{\"a\":1}");
    assert_string_equal(answer.device.model, "PSF-B01-GL");
    assert_int_equal(answer.device.online_ms, 5);
    assert_int_equal(answer.device.offline_ms, 6);
    assert_string_equal(answer.device.name, "a device");
}

static enum err assign(struct store_fixture *fx, const char *owner)
{
    struct store_answer answer = {0};

    assert_int_equal(store_device_assign(fx->store, fx->mailbox, STR("device"), str_of(owner),
                                         store_fixture_on_done, &answer),
                     ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static void a_device_is_assigned_and_taken_back(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    assert_int_equal(store_fixture_create_device(fx, "device", ""), ERR_NONE);
    assert_int_equal(assign(fx, UUID_A), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(assign(fx, UUID_A), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "device", &answer), ERR_NONE);
    assert_string_equal(answer.device.owner, UUID_A);
    assert_int_equal(assign(fx, ""), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "device", &answer), ERR_NONE);
    assert_string_equal(answer.device.owner, "");
}

static enum err update_as(struct store_fixture *fx, const char *owner, const char *params)
{
    const struct store_device_change change = {
        .id = STR("device"), .owner = str_of(owner), .params = str_of(params)};
    struct store_answer answer = {0};

    assert_int_equal(
        store_device_update(fx->store, fx->mailbox, &change, store_fixture_on_done, &answer),
        ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static void an_update_that_names_an_owner_changes_no_other_accounts_device(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "device", ""), ERR_NONE);
    assert_int_equal(update_as(fx, UUID_A, "{\"a\":1}"), ERR_NOT_FOUND);
    assert_int_equal(assign(fx, UUID_A), ERR_NONE);
    assert_int_equal(update_as(fx, UUID_A, "{\"a\":2}"), ERR_NONE);
    assert_int_equal(update_as(fx, "nobody", "{\"a\":3}"), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_find_device(fx, "device", &answer), ERR_NONE);
    assert_string_equal(answer.device.params, "{\"a\":2}");
}

static enum err create_batch(struct store_fixture *fx, const char *last_id, const char *last_owner)
{
    struct device_record devices[3] = {{.id = "b1", .key = "k"}, {.id = "b2", .key = "k"}};
    struct store_answer answer = {0};

    devices[2] = (struct device_record){.key = "k"};
    assert_true(str_copy(str_of(last_id), devices[2].id, sizeof devices[2].id));
    assert_true(str_copy(str_of(last_owner), devices[2].owner, sizeof devices[2].owner));
    assert_int_equal(
        store_device_create(fx->store, fx->mailbox, devices, 3, store_fixture_on_done, &answer),
        ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static void a_batch_of_devices_is_created_whole_or_not_at_all(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    assert_int_equal(store_fixture_create_device(fx, "taken", ""), ERR_NONE);
    assert_int_equal(create_batch(fx, "taken", ""), ERR_EXISTS);
    assert_int_equal(create_batch(fx, "b1", ""), ERR_EXISTS);
    assert_int_equal(create_batch(fx, "b3", UUID_A), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_find_device(fx, "b1", &answer), ERR_NOT_FOUND);
    assert_int_equal(create_batch(fx, "b3", ""), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "b1", &answer), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "b3", &answer), ERR_NONE);
}

static void a_change_that_fails_does_not_harm_its_group(void **state)
{
    struct store_fixture *fx = *state;
    const struct store_device_change unknown = {.id = STR("unknown"), .params = STR("{}")};
    struct device_record devices[2] = {{.id = "first", .key = "k"}, {.id = "taken", .key = "k"}};
    struct device_record last = {.id = "last", .key = "k"};
    struct store_answer answers[3] = {0};
    struct store_answer answer;

    assert_int_equal(store_fixture_create_device(fx, "taken", ""), ERR_NONE);
    assert_int_equal(
        store_device_update(fx->store, fx->mailbox, &unknown, store_fixture_on_done, &answers[0]),
        ERR_NONE);
    assert_int_equal(
        store_device_create(fx->store, fx->mailbox, devices, 2, store_fixture_on_done, &answers[1]),
        ERR_NONE);
    assert_int_equal(
        store_device_create(fx->store, fx->mailbox, &last, 1, store_fixture_on_done, &answers[2]),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answers[2]), ERR_NONE);
    assert_int_equal(answers[0].err, ERR_NOT_FOUND);
    assert_int_equal(answers[1].err, ERR_EXISTS);
    assert_int_equal(store_fixture_find_device(fx, "first", &answer), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_find_device(fx, "last", &answer), ERR_NONE);
}

static void list_devices(struct store_fixture *fx, const struct store_device_range *range,
                         const char *expected)
{
    struct store_answer answer = {0};

    assert_int_equal(
        store_device_list(fx->store, fx->mailbox, range, store_fixture_on_device_listed, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.keys, expected);
}

static void devices_are_listed_in_order_and_by_owner(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_B, "b@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d3", UUID_A), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d1", UUID_A), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d4", UUID_B), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d2", ""), ERR_NONE);
    list_devices(fx, &(struct store_device_range){.limit = 10}, "d1 d2 d3 d4 ");
    list_devices(fx, &(struct store_device_range){.limit = 2}, "d1 d2 ");
    list_devices(fx, &(struct store_device_range){.limit = 2, .after = STR("d2")}, "d3 d4 ");
    list_devices(fx, &(struct store_device_range){.limit = 2, .after = STR("d20")}, "d3 d4 ");
    list_devices(fx, &(struct store_device_range){.limit = 9, .after = STR("d4")}, "");
    list_devices(fx, &(struct store_device_range){.limit = 0}, "");
    list_devices(fx, &(struct store_device_range){.limit = 9, .owner = STR(UUID_A)}, "d1 d3 ");
    list_devices(fx,
                 &(struct store_device_range){.limit = 9, .owner = STR(UUID_A), .after = STR("d1")},
                 "d3 ");
    list_devices(fx, &(struct store_device_range){.limit = 9, .owner = STR("nobody")}, "");
}

/* As many of the largest records as one list may ask for. */
static void a_list_of_large_records_is_whole_and_pages_on(void **state)
{
    enum { COUNT = STORE_LIST_MAX + 3 };
    struct store_fixture *fx = *state;
    static char params[STORE_PARAMS_MAX + 1];
    static struct store_answer answers[2];

    memset(params, 'x', STORE_PARAMS_MAX);
    for (int i = 0; i < COUNT; i++) {
        struct device_record device = {.key = "k", .params = params};
        struct store_answer answer = {0};

        snprintf(device.id, sizeof device.id, "d%03d", i);
        assert_int_equal(
            store_device_create(fx->store, fx->mailbox, &device, 1, store_fixture_on_done, &answer),
            ERR_NONE);
        assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    }
    memset(answers, 0, sizeof answers);
    for (int page = 0; page < 2; page++) {
        struct store_device_range range = {.limit = STORE_LIST_MAX};

        if (page == 1)
            range.after = (struct str){answers[0].keys + 5 * (STORE_LIST_MAX - 1), 4};
        assert_int_equal(store_device_list(fx->store, fx->mailbox, &range,
                                           store_fixture_on_device_listed, &answers[page]),
                         ERR_NONE);
        assert_int_equal(store_fixture_wait(fx, &answers[page]), ERR_NONE);
    }
    assert_int_equal(answers[0].count, STORE_LIST_MAX);
    assert_int_equal(answers[1].count, COUNT - STORE_LIST_MAX);
    assert_string_equal(answers[1].keys, "d256 d257 d258 ");
}

static void text_that_looks_like_sql_is_only_text(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    assert_int_equal(store_fixture_create_device(fx, "'; DROP TABLE device; --", ""), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "%", ""), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "'; DROP TABLE device; --", &answer), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "_", &answer), ERR_NOT_FOUND);
}

static void disable(struct store_fixture *fx, const char *id, bool disabled, enum err expected)
{
    struct store_answer answer = {0};

    assert_int_equal(store_device_disable(fx->store, fx->mailbox, str_of(id), disabled,
                                          store_fixture_on_done, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), expected);
}

static void delete_device(struct store_fixture *fx, const char *id, enum err expected)
{
    struct store_answer answer = {0};

    assert_int_equal(
        store_device_delete(fx->store, fx->mailbox, str_of(id), store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), expected);
}

static void a_device_is_disabled_and_enabled_again(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    assert_int_equal(store_fixture_create_device(fx, "d1", ""), ERR_NONE);
    assert_int_equal(store_fixture_set_params(fx, "d1", "{\"n\":1}"), ERR_NONE);
    disable(fx, "d1", true, ERR_NONE);
    disable(fx, "d2", true, ERR_NOT_FOUND);
    store_fixture_close(fx);
    store_fixture_open(fx);
    assert_int_equal(store_fixture_find_device(fx, "d1", &answer), ERR_NONE);
    assert_true(answer.device.disabled);
    disable(fx, "d1", false, ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, "d1", &answer), ERR_NONE);
    assert_false(answer.device.disabled);
    assert_string_equal(answer.params, "{\"n\":1}");
}

/* Its changes may be in the journal alone when it goes, and are not to reach another device. */
static void what_was_a_deleted_devices_is_nobody_elses(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_fixture_create_device(fx, "d1", ""), ERR_NONE);
        assert_int_equal(store_fixture_find_device(fx, "d1", &answer), ERR_NONE);
        assert_string_equal(answer.params, "{}");
        assert_int_equal(store_fixture_set_params(fx, "d1", "{\"n\":1}"), ERR_NONE);
        delete_device(fx, "d1", ERR_NONE);
        assert_int_equal(store_fixture_find_device(fx, "d1", &answer), ERR_NOT_FOUND);
        assert_int_equal(store_fixture_set_params(fx, "d1", "{\"n\":2}"), ERR_NOT_FOUND);
        delete_device(fx, "d1", ERR_NOT_FOUND);
        if (i == 1) {
            store_fixture_close(fx);
            store_fixture_open(fx);
        }
    }
    assert_int_equal(store_fixture_create_device(fx, "d2", ""), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d1", ""), ERR_NONE);
    assert_int_equal(store_fixture_set_params(fx, "d1", "{\"m\":3}"), ERR_NONE);
    store_fixture_close(fx); /* all is folded into the rows */
    store_fixture_open(fx);
    assert_int_equal(store_fixture_find_device(fx, "d2", &answer), ERR_NONE);
    assert_string_equal(answer.params, "{}");
    assert_int_equal(store_fixture_find_device(fx, "d1", &answer), ERR_NONE);
    assert_string_equal(answer.params, "{\"m\":3}");
}

#define CASE(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_device_is_found_as_it_was_created),
        CASE(a_device_without_params_has_an_empty_object),
        CASE(an_update_changes_only_what_it_names),
        CASE(a_device_is_assigned_and_taken_back),
        CASE(an_update_that_names_an_owner_changes_no_other_accounts_device),
        CASE(a_batch_of_devices_is_created_whole_or_not_at_all),
        CASE(a_change_that_fails_does_not_harm_its_group),
        CASE(devices_are_listed_in_order_and_by_owner),
        CASE(a_list_of_large_records_is_whole_and_pages_on),
        CASE(text_that_looks_like_sql_is_only_text),
        CASE(a_device_is_disabled_and_enabled_again),
        CASE(what_was_a_deleted_devices_is_nobody_elses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
