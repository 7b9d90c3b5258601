/* What the facade promises of what is told of devices, and of their owners. */
#include "store/store_holding.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UUID_A "aaaaaaaa-0000-4000-8000-000000000000"
#define UUID_B "bbbbbbbb-0000-4000-8000-000000000000"
#define DEVICE "1000000001"
#define GSM "0123456789abcdef0123456789abcdef"

struct found {
    struct store_answer answer;
    struct holding_record holding;
};

static void on_holding(void *ctx, enum err err, const struct holding_record *holding)
{
    struct found *found = ctx;

    found->answer.done = true;
    found->answer.err = err;
    if (holding != NULL)
        found->holding = *holding;
}

static void on_listed(void *ctx, enum err err, const struct holding_record *holding)
{
    struct found *found = ctx;
    size_t len = strlen(found->answer.keys);

    if (holding == NULL) {
        found->answer.done = true;
        found->answer.err = err;
        return;
    }
    found->answer.count++;
    snprintf(found->answer.keys + len, sizeof found->answer.keys - len, "%s ", holding->deviceid);
}

static int furnish(void **state)
{
    struct store_fixture *fx;

    if (store_fixture_setup(state) != 0)
        return -1;
    fx = *state;
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_B, "b@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, DEVICE, ""), ERR_NONE);
    return 0;
}

static enum err describe(struct store_fixture *fx, const struct holding_record *holding)
{
    struct store_answer answer = {0};
    enum err err =
        store_holding_describe(fx->store, fx->mailbox, holding, store_fixture_on_done, &answer);

    return err != ERR_NONE ? err : store_fixture_wait(fx, &answer);
}

static enum err find(struct store_fixture *fx, const char *id, struct holding_record *out)
{
    struct found found = {0};
    enum err err = store_holding_find(fx->store, fx->mailbox, str_of(id), on_holding, &found);

    if (err == ERR_NONE)
        err = store_fixture_wait(fx, &found.answer);
    *out = found.holding;
    return err;
}

static struct holding_change change_of(const char *owner, const char *name)
{
    struct holding_change change = {.deviceid = DEVICE, .has_name = true};

    snprintf(change.owner, sizeof change.owner, "%s", owner);
    snprintf(change.name, sizeof change.name, "%s", name);
    return change;
}

typedef enum err (*change_fn)(struct store *store, struct mailbox *reply,
                              const struct holding_change *change, store_done_fn on_done,
                              void *ctx);

static enum err run(struct store_fixture *fx, change_fn call, const struct holding_change *change)
{
    struct store_answer answer = {0};
    enum err err = call(fx->store, fx->mailbox, change, store_fixture_on_done, &answer);

    return err != ERR_NONE ? err : store_fixture_wait(fx, &answer);
}

static void what_the_maker_tells_is_found_again(void **state)
{
    struct store_fixture *fx = *state;
    struct holding_record told = {.deviceid = DEVICE,
                                  .uiid = 7,
                                  .brand = "SONOFF",
                                  .product = "4CH",
                                  .maker = "m",
                                  .mac = "d0:27:00:00:00:01",
                                  .apmac = "d0:27:00:00:00:02",
                                  .chipid = "00ff",
                                  .description = "d",
                                  .gsm_id = GSM};
    struct holding_record found;
    struct found by_gsm = {0};

    assert_int_equal(find(fx, DEVICE, &found), ERR_NOT_FOUND);
    assert_int_equal(describe(fx, &told), ERR_NONE);
    assert_int_equal(find(fx, DEVICE, &found), ERR_NONE);
    assert_memory_equal(&found, &told, sizeof told);
    assert_int_equal(store_holding_find_gsm(fx->store, fx->mailbox, STR(GSM), on_holding, &by_gsm),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &by_gsm.answer), ERR_NONE);
    assert_string_equal(by_gsm.holding.deviceid, DEVICE);
    snprintf(told.deviceid, sizeof told.deviceid, "1000000009");
    assert_int_equal(describe(fx, &told), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_create_device(fx, "1000000009", ""), ERR_NONE);
    assert_int_equal(describe(fx, &told), ERR_EXISTS);
    told.uiid = -1;
    assert_int_equal(describe(fx, &told), ERR_INVALID);
}

static void a_device_of_nobody_can_be_claimed_once(void **state)
{
    struct store_fixture *fx = *state;
    struct holding_change mine = change_of(UUID_A, "lamp");
    struct holding_change theirs = change_of(UUID_B, "theirs");
    struct holding_record found;
    struct store_answer answer = {0};

    snprintf(mine.chipid, sizeof mine.chipid, "00ff");
    snprintf(mine.settings, sizeof mine.settings, "{\"opsNotify\":1}");
    mine.has_settings = true;
    assert_int_equal(run(fx, store_holding_claim, &mine), ERR_NONE);
    assert_int_equal(run(fx, store_holding_claim, &theirs), ERR_EXISTS);
    assert_int_equal(run(fx, store_holding_claim, &mine), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, DEVICE, &answer), ERR_NONE);
    assert_string_equal(answer.device.owner, UUID_A);
    assert_string_equal(answer.device.name, "lamp");
    assert_int_equal(find(fx, DEVICE, &found), ERR_NONE);
    assert_string_equal(found.chipid, "00ff");
    assert_string_equal(found.settings, "{\"opsNotify\":1}");
    snprintf(mine.deviceid, sizeof mine.deviceid, "1000000009");
    assert_int_equal(run(fx, store_holding_claim, &mine), ERR_NOT_FOUND);
    theirs = change_of("cccccccc-0000-4000-8000-000000000000", "");
    assert_int_equal(run(fx, store_holding_claim, &theirs), ERR_EXISTS);
}

static void only_the_owner_changes_it(void **state)
{
    struct store_fixture *fx = *state;
    struct holding_change mine = change_of(UUID_A, "lamp");
    struct holding_change theirs = change_of(UUID_B, "theirs");
    struct holding_record found;
    struct store_answer answer = {0};

    assert_int_equal(run(fx, store_holding_change, &mine), ERR_NOT_FOUND);
    assert_int_equal(run(fx, store_holding_claim, &mine), ERR_NONE);
    assert_int_equal(run(fx, store_holding_change, &theirs), ERR_NOT_FOUND);
    snprintf(mine.tags, sizeof mine.tags, "{\"a\":1}");
    mine.has_tags = true;
    mine.has_name = false;
    assert_int_equal(run(fx, store_holding_change, &mine), ERR_NONE);
    assert_int_equal(find(fx, DEVICE, &found), ERR_NONE);
    assert_string_equal(found.tags, "{\"a\":1}");
    assert_string_equal(found.settings, "");
    assert_int_equal(store_fixture_find_device(fx, DEVICE, &answer), ERR_NONE);
    assert_string_equal(answer.device.name, "lamp");
}

static void a_released_device_is_as_new(void **state)
{
    struct store_fixture *fx = *state;
    struct holding_change mine = change_of(UUID_A, "lamp");
    struct holding_change theirs = change_of(UUID_B, "theirs");
    struct holding_record told = {.deviceid = DEVICE, .uiid = 7};
    struct holding_record found;
    struct store_answer answer = {0};

    mine.has_tags = true;
    snprintf(mine.tags, sizeof mine.tags, "{\"a\":1}");
    assert_int_equal(describe(fx, &told), ERR_NONE);
    assert_int_equal(run(fx, store_holding_claim, &mine), ERR_NONE);
    assert_int_equal(store_fixture_set_params(fx, DEVICE, "{\"switch\":\"on\"}"), ERR_NONE);
    assert_int_equal(run(fx, store_holding_release, &theirs), ERR_NOT_FOUND);
    assert_int_equal(run(fx, store_holding_release, &mine), ERR_NONE);
    assert_int_equal(store_fixture_find_device(fx, DEVICE, &answer), ERR_NONE);
    assert_string_equal(answer.device.owner, "");
    assert_string_equal(answer.device.name, "");
    assert_string_equal(answer.device.params, "{}");
    assert_int_equal(find(fx, DEVICE, &found), ERR_NONE);
    assert_string_equal(found.tags, "");
    assert_int_equal(found.uiid, 7);
    assert_int_equal(run(fx, store_holding_claim, &theirs), ERR_NONE);
}

static void an_accounts_records_are_listed_by_device(void **state)
{
    struct store_fixture *fx = *state;
    struct holding_record told = {.uiid = 1};
    struct store_holding_range range = {.owner = STR(UUID_A), .limit = 2};
    struct found found = {0};

    for (int i = 2; i < 6; i++) {
        snprintf(told.deviceid, sizeof told.deviceid, "100000000%d", i);
        assert_int_equal(store_fixture_create_device(fx, told.deviceid, i < 5 ? UUID_A : UUID_B),
                         ERR_NONE);
        assert_int_equal(describe(fx, &told), ERR_NONE);
    }
    assert_int_equal(store_holding_list(fx->store, fx->mailbox, &range, on_listed, &found),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &found.answer), ERR_NONE);
    assert_string_equal(found.answer.keys, "1000000002 1000000003 ");
    range.after = STR("1000000003");
    found = (struct found){0};
    assert_int_equal(store_holding_list(fx->store, fx->mailbox, &range, on_listed, &found),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &found.answer), ERR_NONE);
    assert_string_equal(found.answer.keys, "1000000004 ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, furnish, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_the_maker_tells_is_found_again),
        CASE(a_device_of_nobody_can_be_claimed_once),
        CASE(only_the_owner_changes_it),
        CASE(a_released_device_is_as_new),
        CASE(an_accounts_records_are_listed_by_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
