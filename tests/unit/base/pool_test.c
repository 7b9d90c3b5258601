#include "base/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

enum { MANY = 20000, SIZE = 144, PAGE = 4096, SLAB = 64 * 1024 };

static char *slab_of(char *object)
{
    return object - (uintptr_t)object % SLAB;
}

static void take_all(struct pool *pool, char **objects, size_t size)
{
    for (size_t i = 0; i < MANY; i++)
        objects[i] = pool_take(pool, size);
}

static void give_back_all(char **objects)
{
    for (size_t i = 0; i < MANY; i++)
        pool_give_back(objects[i]);
}

static void objects_are_zero_and_apart(void **unused)
{
    static char *objects[MANY];
    static const char zero[SIZE];
    struct pool *pool = pool_new();

    (void)unused;
    for (int round = 0; round < 2; round++) {
        take_all(pool, objects, SIZE);
        for (size_t i = 0; i < MANY; i++) {
            assert_memory_equal(objects[i], zero, SIZE);
            assert_int_equal((uintptr_t)objects[i] % sizeof(void *), 0);
            memset(objects[i], (int)(i % 251) + 1, SIZE);
        }
        for (size_t i = 0; i < MANY; i++)
            for (size_t at = 0; at < SIZE; at++)
                assert_int_equal(objects[i][at], (char)(i % 251 + 1));
        give_back_all(objects);
    }
    pool_free(pool);
}

static void each_size_has_places_of_its_own(void **unused)
{
    struct pool *pool = pool_new();
    char *objects[POOL_OBJECT_MAX];

    (void)unused;
    for (size_t size = 1; size <= POOL_OBJECT_MAX; size++) {
        objects[size - 1] = pool_take(pool, size);
        memset(objects[size - 1], (int)(size % 256), size);
    }
    for (size_t size = 1; size <= POOL_OBJECT_MAX; size++)
        for (size_t at = 0; at < size; at++)
            assert_int_equal(objects[size - 1][at], (char)(size % 256));
    for (size_t size = 1; size <= POOL_OBJECT_MAX; size++)
        pool_give_back(objects[size - 1]);
    pool_free(pool);
}

static void a_place_is_used_again_before_a_fresh_one(void **unused)
{
    struct pool *pool = pool_new();
    char *first = pool_take(pool, SIZE);
    char *second = pool_take(pool, SIZE);

    (void)unused;
    assert_ptr_equal(second, first + SIZE);
    pool_give_back(first);
    assert_ptr_equal(pool_take(pool, SIZE), first);
    assert_ptr_equal(pool_take(pool, SIZE), second + SIZE);
    pool_give_back(first);
    pool_give_back(second);
    pool_give_back(second + SIZE);
    pool_free(pool);
}

static void objects_cost_little_more_than_their_bytes(void **unused)
{
    static char *objects[MANY];
    struct pool *pool = pool_new();
    size_t slabs = 1;

    (void)unused;
    take_all(pool, objects, SIZE);
    for (size_t i = 1; i < MANY; i++)
        slabs += slab_of(objects[i]) != slab_of(objects[i - 1]);
    assert_in_range(slabs * SLAB, MANY * SIZE, (size_t)MANY * SIZE / 100 * 103);
    give_back_all(objects);
    pool_free(pool);
}

static bool is_mapped(char *slab)
{
    unsigned char pages[SLAB / PAGE];

    return mincore(slab, SLAB, pages) == 0;
}

static size_t count_mapped(char **objects)
{
    size_t mapped = 0;

    for (size_t i = 0; i < MANY; i++)
        if (i == 0 || slab_of(objects[i]) != slab_of(objects[i - 1]))
            mapped += is_mapped(slab_of(objects[i]));
    return mapped;
}

static void empty_slabs_go_back_to_the_system(void **unused)
{
    static char *objects[MANY];
    struct pool *pool = pool_new();

    (void)unused;
    take_all(pool, objects, SIZE);
    assert_in_range(count_mapped(objects), MANY * SIZE / SLAB, MANY);
    give_back_all(objects);
    assert_int_equal(count_mapped(objects), 1);
    pool_free(pool);
    assert_int_equal(count_mapped(objects), 0);
}

/* The last object may come back when the owner, a thread that ended, has left the pool. */
static void a_pool_lasts_as_long_as_its_objects(void **unused)
{
    struct pool *pool = pool_new();
    char *first = pool_take(pool, SIZE);
    char *last = pool_take(pool, SIZE);

    (void)unused;
    pool_free(pool);
    memset(first, 1, SIZE);
    pool_give_back(first);
    memset(last, 1, SIZE);
    pool_give_back(last);
    pool_free(NULL);
    pool_give_back(NULL);
}

enum { THREADS = 4, ROUNDS = 200, HELD = 64 };

struct churn {
    struct pool *pool;
    char mark;
    bool is_mixed;
};

static void *churn(void *ctx)
{
    struct churn *churn = ctx;
    char *held[HELD];

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < HELD; i++) {
            held[i] = pool_take(churn->pool, 40 + i % 3 * 8);
            churn->is_mixed |= held[i][0] != 0 || held[i][39] != 0;
            memset(held[i], churn->mark, 40);
        }
        for (size_t i = 0; i < HELD; i++) {
            churn->is_mixed |= held[i][0] != churn->mark || held[i][39] != churn->mark;
            pool_give_back(held[i]);
        }
    }
    return NULL;
}

static void threads_share_a_pool(void **unused)
{
    struct pool *pool = pool_new();
    struct churn churns[THREADS];
    pthread_t threads[THREADS];

    (void)unused;
    for (size_t i = 0; i < THREADS; i++) {
        churns[i] = (struct churn){.pool = pool, .mark = (char)(i + 1)};
        assert_int_equal(pthread_create(&threads[i], NULL, churn, &churns[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(churns[i].is_mixed);
    }
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_zero_and_apart),
        cmocka_unit_test(each_size_has_places_of_its_own),
        cmocka_unit_test(a_place_is_used_again_before_a_fresh_one),
        cmocka_unit_test(objects_cost_little_more_than_their_bytes),
        cmocka_unit_test(empty_slabs_go_back_to_the_system),
        cmocka_unit_test(a_pool_lasts_as_long_as_its_objects),
        cmocka_unit_test(threads_share_a_pool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
