#include "base/map.h"

#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { ITEMS = 2000 };

struct item {
    char name[16];
    unsigned seen;
};

static struct str key_of(const void *item)
{
    return str_of(((const struct item *)item)->name);
}

static void name_items(struct item *items)
{
    for (unsigned i = 0; i < ITEMS; i++)
        snprintf(items[i].name, sizeof items[i].name, "device%u", i);
}

static void an_empty_map_finds_and_removes_nothing(void **unused)
{
    struct map *map = map_new(key_of);

    (void)unused;
    assert_int_equal(map_count(map), 0);
    assert_null(map_find(map, STR("a")));
    assert_null(map_remove(map, STR("a")));
    assert_null(map_find(map, STR_EMPTY));
    map_free(map);
    map_free(NULL);
}

static void what_was_put_is_found_until_it_is_removed(void **unused)
{
    struct map *map = map_new(key_of);
    struct item item = {"a", 0};

    (void)unused;
    assert_null(map_put(map, &item));
    assert_ptr_equal(map_find(map, STR("a")), &item);
    assert_null(map_find(map, STR("b")));
    assert_null(map_remove(map, STR("b")));
    assert_ptr_equal(map_remove(map, STR("a")), &item);
    assert_null(map_find(map, STR("a")));
    assert_int_equal(map_count(map), 0);
    map_free(map);
}

static void an_item_of_the_same_key_replaces_and_returns_the_old_one(void **unused)
{
    struct map *map = map_new(key_of);
    struct item old = {"a", 0};
    struct item new = {"a", 0};

    (void)unused;
    assert_null(map_put(map, &old));
    assert_ptr_equal(map_put(map, &new), &old);
    assert_int_equal(map_count(map), 1);
    assert_ptr_equal(map_find(map, STR("a")), &new);
    map_free(map);
}

static void an_empty_key_is_a_key(void **unused)
{
    struct map *map = map_new(key_of);
    struct item item = {"", 0};

    (void)unused;
    assert_null(map_put(map, &item));
    assert_ptr_equal(map_find(map, STR_EMPTY), &item);
    map_free(map);
}

static void many_items_survive_growing_and_the_removal_of_others(void **unused)
{
    static struct item items[ITEMS];
    struct map *map = map_new(key_of);

    (void)unused;
    name_items(items);
    for (unsigned i = 0; i < ITEMS; i++)
        assert_null(map_put(map, &items[i]));
    assert_int_equal(map_count(map), ITEMS);
    for (unsigned i = 0; i < ITEMS; i += 3)
        assert_ptr_equal(map_remove(map, key_of(&items[i])), &items[i]);
    for (unsigned i = 0; i < ITEMS; i++)
        assert_ptr_equal(map_find(map, key_of(&items[i])), i % 3 == 0 ? NULL : &items[i]);
    for (unsigned i = 0; i < ITEMS; i++)
        map_remove(map, key_of(&items[i]));
    assert_int_equal(map_count(map), 0);
    map_free(map);
}

/* Puts and removes at random against an array of flags that can't be wrong. */
static void the_map_agrees_with_a_plain_array_of_flags(void **unused)
{
    static struct item items[ITEMS];
    static bool is_in[ITEMS];
    struct map *map = map_new(key_of);
    uint32_t random = 1;
    size_t count = 0;

    (void)unused;
    name_items(items);
    for (unsigned turn = 0; turn < 20000; turn++) {
        unsigned i = (random = random * 1664525U + 1013904223U) >> 8 & 511;
        struct item *was = is_in[i] ? &items[i] : NULL;

        if ((random >> 31) != 0) {
            assert_ptr_equal(map_put(map, &items[i]), was);
            is_in[i] = true;
        } else {
            assert_ptr_equal(map_remove(map, key_of(&items[i])), was);
            is_in[i] = false;
        }
        count += (size_t)is_in[i] - (was != NULL);
        assert_int_equal(map_count(map), count);
    }
    for (unsigned i = 0; i < 512; i++)
        assert_ptr_equal(map_find(map, key_of(&items[i])), is_in[i] ? &items[i] : NULL);
    map_free(map);
}

static void on_item(void *ctx, void *item)
{
    ((struct item *)item)->seen++;
    ++*(unsigned *)ctx;
}

static void each_visits_every_item_once(void **unused)
{
    static struct item items[ITEMS];
    struct map *map = map_new(key_of);
    unsigned visits = 0;

    (void)unused;
    name_items(items);
    map_each(map, on_item, &visits);
    assert_int_equal(visits, 0);
    for (unsigned i = 0; i < ITEMS; i++)
        map_put(map, &items[i]);
    map_each(map, on_item, &visits);
    assert_int_equal(visits, ITEMS);
    for (unsigned i = 0; i < ITEMS; i++)
        assert_int_equal(items[i].seen, 1);
    map_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_finds_and_removes_nothing),
        cmocka_unit_test(what_was_put_is_found_until_it_is_removed),
        cmocka_unit_test(an_item_of_the_same_key_replaces_and_returns_the_old_one),
        cmocka_unit_test(an_empty_key_is_a_key),
        cmocka_unit_test(many_items_survive_growing_and_the_removal_of_others),
        cmocka_unit_test(the_map_agrees_with_a_plain_array_of_flags),
        cmocka_unit_test(each_visits_every_item_once),
    };

    if (crypto_init())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
