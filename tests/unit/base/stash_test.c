#include "base/stash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { SIZE = 40, MANY = STASH_MAX + 10 };

static void take_all(struct stash *stash, void *blocks[MANY])
{
    for (int i = 0; i < MANY; i++) {
        blocks[i] = stash_take(stash, SIZE);
        memset(blocks[i], i, SIZE);
    }
}

static void a_block_is_whole_and_nobody_elses(void **state)
{
    struct stash stash = {0};
    void *blocks[MANY];

    (void)state;
    for (int round = 0; round < 2; round++) {
        take_all(&stash, blocks);
        for (int i = 0; i < MANY; i++)
            for (size_t k = 0; k < SIZE; k++)
                assert_int_equal(((const uint8_t *)blocks[i])[k], (uint8_t)i);
        for (int i = 0; i < MANY; i++)
            stash_give(&stash, blocks[i]);
    }
    stash_free(&stash);
}

static void a_stash_keeps_no_more_than_its_bound(void **state)
{
    struct stash stash = {0};
    void *blocks[MANY];

    (void)state;
    take_all(&stash, blocks);
    for (int i = 0; i < MANY; i++) {
        stash_give(&stash, blocks[i]);
        assert_int_equal(stash.count, i < STASH_MAX ? i + 1 : STASH_MAX);
    }
    stash_free(&stash);
    assert_int_equal(stash.count, 0);
    assert_null(stash.first);
}

static void what_was_given_last_is_taken_first(void **state)
{
    struct stash stash = {0};
    void *a = stash_take(&stash, SIZE);
    void *b = stash_take(&stash, SIZE);

    (void)state;
    stash_give(&stash, a);
    stash_give(&stash, b);
    if (STASH_MAX > 0)
        assert_ptr_equal(stash_take(&stash, SIZE), b);
    if (STASH_MAX > 0)
        stash_give(&stash, b);
    stash_free(&stash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_whole_and_nobody_elses),
        cmocka_unit_test(a_stash_keeps_no_more_than_its_bound),
        cmocka_unit_test(what_was_given_last_is_taken_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
