#include "store/store_share.h"

#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OWNER "a4e77f7e-2116-4215-b961-6f3fc5982667"
#define SHAREE "6d1f0c52-7b3e-4b44-9d8e-0f2f5a1b3c77"
#define THIRD "93d1b0a5-3a5e-4cf0-8a0b-0c4b7a3c9e11"

static int setup(void **state)
{
    struct store_fixture *fx;

    store_fixture_setup(state);
    fx = *state;
    assert_int_equal(store_fixture_create_user(fx, OWNER, "u1@example.com"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, SHAREE, "u2@example.com"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, THIRD, "u3@example.com"), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d1", OWNER), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, "d2", OWNER), ERR_NONE);
    return 0;
}

static struct share_record share_of(const char *deviceid, const char *owner, const char *sharee)
{
    struct share_record share = {.permit = 5, .name = "lamp", .note = "Ben", .created_ms = 7};

    str_copy(str_of(deviceid), share.deviceid, sizeof share.deviceid);
    str_copy(str_of(owner), share.owner, sizeof share.owner);
    str_copy(str_of(sharee), share.sharee, sizeof share.sharee);
    return share;
}

static enum err create_by(struct store_fixture *fx, const char *deviceid, const char *owner,
                          const char *sharee)
{
    const struct share_record share = share_of(deviceid, owner, sharee);
    struct store_answer answer = {0};

    assert_int_equal(
        store_share_create(fx->store, fx->mailbox, &share, 2, store_fixture_on_done, &answer),
        ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static enum err create(struct store_fixture *fx, const char *deviceid, const char *sharee)
{
    return create_by(fx, deviceid, OWNER, sharee);
}

static enum err delete (struct store_fixture *fx, const char *owner) {
    const struct share_record share = share_of("d1", owner, SHAREE);
    struct store_answer answer = {0};

    assert_int_equal(store_share_delete(fx->store, fx->mailbox, &share, store_fixture_on_done,
                                        &answer),
                     ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static enum err assign(struct store_fixture *fx, const char *owner)
{
    struct store_answer answer = {0};

    assert_int_equal(store_device_assign(fx->store, fx->mailbox, STR("d1"), str_of(owner),
                                         store_fixture_on_done, &answer),
                     ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static void on_share(void *ctx, enum err err, const struct share_record *share)
{
    struct store_answer *answer = ctx;
    size_t used = strlen(answer->keys);

    answer->err = err;
    if (share == NULL) {
        answer->done = true;
        return;
    }
    answer->count++;
    snprintf(answer->keys + used, sizeof answer->keys - used, "%s>%s:%u:%s:%s ", share->deviceid,
             share->sharee_account, share->permit, share->name, share->note);
    assert_string_equal(share->owner_account, "u1@example.com");
}

static void list_is(struct store_fixture *fx, struct store_share_range range, const char *keys)
{
    struct store_answer answer = {0};

    range.limit = range.limit == 0 ? 16 : range.limit;
    assert_int_equal(store_share_list(fx->store, fx->mailbox, &range, on_share, &answer), ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.keys, keys);
}

static void on_prospect(void *ctx, enum err err, const struct share_prospect *prospect)
{
    struct store_answer *answer = ctx;

    answer->err = err;
    answer->done = true;
    assert_non_null(prospect);
    snprintf(answer->keys, sizeof answer->keys, "%s owned=%d shared=%d count=%u", prospect->sharee,
             prospect->is_owned, prospect->is_shared, prospect->count);
}

static void look_says(struct store_fixture *fx, const char *owner, const char *account,
                      const char *keys)
{
    struct share_prospect ask = {.deviceid = "d1"};
    struct store_answer answer = {0};

    str_copy(str_of(owner), ask.owner, sizeof ask.owner);
    str_copy(str_of(account), ask.account, sizeof ask.account);
    assert_int_equal(store_share_look(fx->store, fx->mailbox, &ask, on_prospect, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_string_equal(answer.keys, keys);
}

static enum err check(struct store_fixture *fx, const char *owner, const char *sharee)
{
    struct store_answer answer = {0};

    assert_int_equal(store_share_check(fx->store, fx->mailbox, str_of(owner), str_of(sharee),
                                       store_fixture_on_done, &answer),
                     ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static bool is_shared(struct store_fixture *fx, const char *id)
{
    struct store_answer answer = {0};

    assert_int_equal(store_fixture_find_device(fx, id, &answer), ERR_NONE);
    return answer.device.is_shared;
}

static void a_share_is_made_once_and_found_by_everybody_it_concerns(void **state)
{
    struct store_fixture *fx = *state;

    assert_false(is_shared(fx, "d1"));
    assert_int_equal(check(fx, OWNER, SHAREE), ERR_NOT_FOUND);
    assert_int_equal(create(fx, "d1", SHAREE), ERR_NONE);
    assert_int_equal(create(fx, "d1", SHAREE), ERR_EXISTS);
    assert_true(is_shared(fx, "d1"));
    assert_false(is_shared(fx, "d2"));
    assert_int_equal(check(fx, OWNER, SHAREE), ERR_NONE);
    assert_int_equal(check(fx, SHAREE, OWNER), ERR_NOT_FOUND);
    assert_int_equal(check(fx, OWNER, THIRD), ERR_NOT_FOUND);
}

static void only_the_owner_shares_and_never_with_himself(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create_by(fx, "d1", SHAREE, THIRD), ERR_NOT_FOUND);
    assert_int_equal(create(fx, "d1", OWNER), ERR_NOT_FOUND);
    assert_int_equal(create(fx, "d1", "nobody"), ERR_NOT_FOUND);
    assert_int_equal(create(fx, "d9", SHAREE), ERR_NOT_FOUND);
    list_is(fx, (struct store_share_range){0}, "");
}

static void a_device_has_only_so_many_shares(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(store_fixture_create_user(fx, "fourth", "u4@example.com"), ERR_NONE);
    assert_int_equal(create(fx, "d1", SHAREE), ERR_NONE);
    assert_int_equal(create(fx, "d1", THIRD), ERR_NONE);
    assert_int_equal(create(fx, "d1", "fourth"), ERR_FULL);
    assert_int_equal(create(fx, "d2", "fourth"), ERR_NONE);
}

static void shares_are_listed_by_device_sharee_owner_and_all(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "d1", SHAREE), ERR_NONE);
    assert_int_equal(create(fx, "d1", THIRD), ERR_NONE);
    assert_int_equal(create(fx, "d2", THIRD), ERR_NONE);
    list_is(fx, (struct store_share_range){.deviceid = STR("d1")},
            "d1>u2@example.com:5:lamp:Ben d1>u3@example.com:5:lamp:Ben ");
    list_is(fx, (struct store_share_range){.sharee = STR(THIRD)},
            "d1>u3@example.com:5:lamp:Ben d2>u3@example.com:5:lamp:Ben ");
    list_is(fx, (struct store_share_range){.owner = STR(OWNER), .limit = 1},
            "d1>u2@example.com:5:lamp:Ben ");
    list_is(fx, (struct store_share_range){.owner = STR(THIRD)}, "");
    list_is(fx, (struct store_share_range){.after = STR("d1 " SHAREE)},
            "d1>u3@example.com:5:lamp:Ben d2>u3@example.com:5:lamp:Ben ");
    list_is(fx, (struct store_share_range){.after = STR("d1 " THIRD)},
            "d2>u3@example.com:5:lamp:Ben ");
}

static void a_share_is_changed_in_what_is_given(void **state)
{
    struct store_fixture *fx = *state;
    struct share_record share = share_of("d1", OWNER, SHAREE);
    struct store_answer answer = {0};

    assert_int_equal(create(fx, "d1", SHAREE), ERR_NONE);
    share.permit = 15;
    share.name[0] = '\0';
    str_copy(STR("Benjamin"), share.note, sizeof share.note);
    assert_int_equal(
        store_share_update(fx->store, fx->mailbox, &share, store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    list_is(fx, (struct store_share_range){0}, "d1>u2@example.com:15:lamp:Benjamin ");
    share = share_of("d1", SHAREE, THIRD);
    answer = (struct store_answer){0};
    assert_int_equal(
        store_share_update(fx->store, fx->mailbox, &share, store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NOT_FOUND);
}

static void a_share_ends_by_its_owner_alone(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "d1", SHAREE), ERR_NONE);
    assert_int_equal(delete (fx, THIRD), ERR_NOT_FOUND);
    assert_int_equal(delete (fx, OWNER), ERR_NONE);
    assert_int_equal(delete (fx, OWNER), ERR_NOT_FOUND);
    assert_false(is_shared(fx, "d1"));
}

static void a_share_ends_when_the_device_gets_another_owner(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "d1", SHAREE), ERR_NONE);
    assert_int_equal(assign(fx, OWNER), ERR_NONE); /* who has it anyway */
    assert_true(is_shared(fx, "d1"));
    assert_int_equal(assign(fx, SHAREE), ERR_NONE);
    assert_false(is_shared(fx, "d1"));
    assert_int_equal(create_by(fx, "d1", SHAREE, THIRD), ERR_NONE);
    assert_int_equal(assign(fx, ""), ERR_NONE);
    list_is(fx, (struct store_share_range){0}, "");
}

static void a_look_tells_all_that_a_decision_needs(void **state)
{
    struct store_fixture *fx = *state;

    look_says(fx, OWNER, "u2@example.com", SHAREE " owned=1 shared=0 count=0");
    assert_int_equal(create(fx, "d1", SHAREE), ERR_NONE);
    look_says(fx, OWNER, "u2@example.com", SHAREE " owned=1 shared=1 count=1");
    look_says(fx, OWNER, "u3@example.com", THIRD " owned=1 shared=0 count=1");
    look_says(fx, OWNER, "nobody", " owned=1 shared=0 count=1");
    look_says(fx, SHAREE, "u3@example.com", THIRD " owned=0 shared=0 count=0");
}

static void what_is_no_share_is_refused_at_once(void **state)
{
    struct store_fixture *fx = *state;
    struct share_record share = share_of("", OWNER, SHAREE);
    struct share_prospect ask = {.owner = OWNER};
    const struct store_share_range range = {.limit = STORE_LIST_MAX + 1};
    struct store_answer answer = {0};

    assert_int_equal(
        store_share_create(fx->store, fx->mailbox, &share, 2, store_fixture_on_done, &answer),
        ERR_INVALID);
    assert_int_equal(store_share_look(fx->store, fx->mailbox, &ask, on_prospect, &answer),
                     ERR_INVALID);
    assert_int_equal(store_share_list(fx->store, fx->mailbox, &range, on_share, &answer),
                     ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_share_is_made_once_and_found_by_everybody_it_concerns),
        TEST(only_the_owner_shares_and_never_with_himself),
        TEST(a_device_has_only_so_many_shares),
        TEST(shares_are_listed_by_device_sharee_owner_and_all),
        TEST(a_share_is_changed_in_what_is_given),
        TEST(a_share_ends_by_its_owner_alone),
        TEST(a_share_ends_when_the_device_gets_another_owner),
        TEST(a_look_tells_all_that_a_decision_needs),
        TEST(what_is_no_share_is_refused_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
