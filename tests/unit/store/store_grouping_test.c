/* What the facade promises of groups. */
#include "store/store_grouping.h"
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

enum { MAX = 3 };

static void note(struct store_answer *answer, const char *text)
{
    size_t len = strlen(answer->keys);

    snprintf(answer->keys + len, sizeof answer->keys - len, "%s ", text);
}

static void on_grouping(void *ctx, enum err err, const struct grouping_record *grouping)
{
    struct store_answer *answer = ctx;
    char text[256];

    if (grouping == NULL) {
        answer->done = true;
        answer->err = err;
        return;
    }
    snprintf(text, sizeof text, "%s=%s@%d", grouping->id, grouping->name, (int)grouping->place);
    note(answer, text);
}

static void on_member(void *ctx, enum err err, const struct grouping_member *member)
{
    struct store_answer *answer = ctx;
    char text[256];

    if (member == NULL) {
        answer->done = true;
        answer->err = err;
        return;
    }
    snprintf(text, sizeof text, "%s/%s", member->deviceid, member->grouping);
    note(answer, text);
}

static int furnish(void **state)
{
    struct store_fixture *fx;

    if (store_fixture_setup(state) != 0)
        return -1;
    fx = *state;
    assert_int_equal(store_fixture_create_user(fx, UUID_A, "a@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, UUID_B, "b@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d1", UUID_A), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d2", UUID_A), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d3", UUID_B), ERR_NONE);
    return 0;
}

static struct grouping_record record_of(const char *id, const char *name, int place)
{
    struct grouping_record record = {.owner = UUID_A, .place = place, .created_ms = 1};

    snprintf(record.id, sizeof record.id, "%s", id);
    snprintf(record.name, sizeof record.name, "%s", name);
    return record;
}

static enum err create(struct store_fixture *fx, const char *id, const char *name, int place)
{
    const struct grouping_record record = record_of(id, name, place);
    struct store_answer answer = {0};
    enum err err =
        store_grouping_create(fx->store, fx->mailbox, &record, MAX, store_fixture_on_done, &answer);

    return err != ERR_NONE ? err : store_fixture_wait(fx, &answer);
}

static enum err change(struct store_fixture *fx, const struct grouping_record *record)
{
    struct store_answer answer = {0};
    enum err err =
        store_grouping_change(fx->store, fx->mailbox, record, store_fixture_on_done, &answer);

    return err != ERR_NONE ? err : store_fixture_wait(fx, &answer);
}

static enum err delete_group(struct store_fixture *fx, const struct grouping_record *record)
{
    struct store_answer answer = {0};
    enum err err =
        store_grouping_delete(fx->store, fx->mailbox, record, store_fixture_on_done, &answer);

    return err != ERR_NONE ? err : store_fixture_wait(fx, &answer);
}

static enum err assign(struct store_fixture *fx, const struct grouping_move *move)
{
    struct store_answer answer = {0};
    enum err err =
        store_grouping_assign(fx->store, fx->mailbox, move, store_fixture_on_done, &answer);

    return err != ERR_NONE ? err : store_fixture_wait(fx, &answer);
}

static void expect_groups(struct store_fixture *fx, const char *groups)
{
    struct store_answer answer = {0};

    assert_int_equal(store_grouping_list(fx->store, fx->mailbox, STR(UUID_A), on_grouping, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.keys, groups);
}

static void expect_members(struct store_fixture *fx, const char *after, const char *members)
{
    struct store_answer answer = {0};

    assert_int_equal(store_grouping_members(fx->store, fx->mailbox, STR(UUID_A), str_of(after),
                                            on_member, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.keys, members);
}

static void a_group_that_comes_between_pushes_others_along(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "a", "x", 0), ERR_NONE);
    assert_int_equal(create(fx, "b", "y", 9), ERR_NONE);
    assert_int_equal(create(fx, "c", "z", 2), ERR_NONE);
    expect_groups(fx, "a=x@1 b=y@3 c=z@2 ");
    assert_int_equal(create(fx, "d", "w", 0), ERR_FULL);
}

static void only_the_owner_changes_and_deletes_a_group(void **state)
{
    struct store_fixture *fx = *state;
    struct grouping_record record = record_of("a", "new", 0);

    assert_int_equal(create(fx, "a", "x", 0), ERR_NONE);
    assert_int_equal(create(fx, "b", "y", 0), ERR_NONE);
    assert_int_equal(change(fx, &record), ERR_NONE);
    record = record_of("b", "", 1);
    assert_int_equal(change(fx, &record), ERR_NONE);
    expect_groups(fx, "a=new@2 b=y@1 ");
    snprintf(record.owner, sizeof record.owner, "%s", UUID_B);
    assert_int_equal(change(fx, &record), ERR_NOT_FOUND);
    assert_int_equal(delete_group(fx, &record), ERR_NOT_FOUND);
    snprintf(record.owner, sizeof record.owner, "%s", UUID_A);
    assert_int_equal(delete_group(fx, &record), ERR_NONE);
    expect_groups(fx, "a=new@2 ");
}

static void devices_move_between_the_groups_of_their_owner(void **state)
{
    struct store_fixture *fx = *state;
    struct grouping_move move = {.owner = UUID_A, .deviceid = "d1", .target = "a"};

    assert_int_equal(create(fx, "a", "x", 0), ERR_NONE);
    assert_int_equal(create(fx, "b", "y", 0), ERR_NONE);
    assert_int_equal(create(fx, "c", "z", 0), ERR_NONE);
    assert_int_equal(assign(fx, &move), ERR_NONE);
    assert_int_equal(assign(fx, &move), ERR_NONE);
    snprintf(move.target, sizeof move.target, "b");
    assert_int_equal(assign(fx, &move), ERR_NONE);
    expect_members(fx, "", "d1/a d1/b ");
    expect_members(fx, "d1 a", "d1/b ");
    snprintf(move.source, sizeof move.source, "a");
    snprintf(move.target, sizeof move.target, "c");
    assert_int_equal(assign(fx, &move), ERR_NONE);
    expect_members(fx, "", "d1/b d1/c ");
    move.from_all = true;
    snprintf(move.target, sizeof move.target, "a");
    assert_int_equal(assign(fx, &move), ERR_NONE);
    expect_members(fx, "", "d1/a ");
    move.target[0] = '\0';
    assert_int_equal(assign(fx, &move), ERR_NONE);
    expect_members(fx, "", "");
    snprintf(move.target, sizeof move.target, "nowhere");
    assert_int_equal(assign(fx, &move), ERR_NOT_FOUND);
    snprintf(move.deviceid, sizeof move.deviceid, "d3");
    snprintf(move.target, sizeof move.target, "a");
    assert_int_equal(assign(fx, &move), ERR_NOT_FOUND);
}

static void a_device_leaves_its_groups_with_its_owner(void **state)
{
    struct store_fixture *fx = *state;
    struct grouping_move move = {.owner = UUID_A, .deviceid = "d1", .target = "a"};
    const struct holding_change gone = {.deviceid = "d1", .owner = UUID_A};
    struct store_answer answer = {0};

    assert_int_equal(create(fx, "a", "x", 0), ERR_NONE);
    assert_int_equal(assign(fx, &move), ERR_NONE);
    assert_int_equal(
        store_holding_release(fx->store, fx->mailbox, &gone, store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    expect_members(fx, "", "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, furnish, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_group_that_comes_between_pushes_others_along),
        CASE(only_the_owner_changes_and_deletes_a_group),
        CASE(devices_move_between_the_groups_of_their_owner),
        CASE(a_device_leaves_its_groups_with_its_owner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
