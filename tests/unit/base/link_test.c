#include "base/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ITEMS = 4 };

struct item {
    int number;
    struct link link;
};

struct fixture {
    struct link list;
    struct link other;
    struct item items[ITEMS];
};

static int set_up(void **state)
{
    static struct fixture fixture;

    link_init(&fixture.list);
    link_init(&fixture.other);
    for (int i = 0; i < ITEMS; i++) {
        fixture.items[i].number = i;
        link_init(&fixture.items[i].link);
    }
    *state = &fixture;
    return 0;
}

/* The numbers in the list, forwards, as the digits of one number; backwards they are the same. */
static int numbers(struct link *list)
{
    int forwards = 0;
    int backwards = 0;
    int place = 1;

    for (struct link *at = list->next; at != list; at = at->next)
        forwards = forwards * 10 + CONTAINER_OF(at, struct item, link)->number;
    for (struct link *at = list->prev; at != list; at = at->prev, place *= 10)
        backwards += place * CONTAINER_OF(at, struct item, link)->number;
    assert_int_equal(forwards, backwards);
    return forwards;
}

static void a_new_link_is_alone(void **state)
{
    struct fixture *fixture = *state;

    assert_true(link_is_alone(&fixture->list));
    link_remove(&fixture->list);
    assert_true(link_is_alone(&fixture->list));
}

static void inserting_before_the_list_appends(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 1; i < ITEMS; i++)
        link_insert(&fixture->list, &fixture->items[i].link);
    assert_int_equal(numbers(&fixture->list), 123);
    assert_false(link_is_alone(&fixture->items[1].link));
}

static void inserting_before_an_object_stands_before_it(void **state)
{
    struct fixture *fixture = *state;

    link_insert(&fixture->list, &fixture->items[1].link);
    link_insert(&fixture->items[1].link, &fixture->items[2].link);
    link_insert(fixture->list.next, &fixture->items[3].link);
    assert_int_equal(numbers(&fixture->list), 321);
}

static void a_removed_link_is_alone_and_may_be_removed_again(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 1; i < ITEMS; i++)
        link_insert(&fixture->list, &fixture->items[i].link);
    link_remove(&fixture->items[2].link);
    link_remove(&fixture->items[2].link);
    assert_true(link_is_alone(&fixture->items[2].link));
    assert_int_equal(numbers(&fixture->list), 13);
    link_remove(&fixture->items[1].link);
    link_remove(&fixture->items[3].link);
    assert_true(link_is_alone(&fixture->list));
}

static void splicing_moves_all_to_the_end(void **state)
{
    struct fixture *fixture = *state;

    link_splice(&fixture->list, &fixture->other);
    assert_true(link_is_alone(&fixture->list));
    link_insert(&fixture->list, &fixture->items[1].link);
    link_insert(&fixture->other, &fixture->items[2].link);
    link_insert(&fixture->other, &fixture->items[3].link);
    link_splice(&fixture->list, &fixture->other);
    assert_int_equal(numbers(&fixture->list), 123);
    assert_true(link_is_alone(&fixture->other));
    link_splice(&fixture->other, &fixture->list);
    assert_int_equal(numbers(&fixture->other), 123);
    assert_true(link_is_alone(&fixture->list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_new_link_is_alone, set_up),
        cmocka_unit_test_setup(inserting_before_the_list_appends, set_up),
        cmocka_unit_test_setup(inserting_before_an_object_stands_before_it, set_up),
        cmocka_unit_test_setup(a_removed_link_is_alone_and_may_be_removed_again, set_up),
        cmocka_unit_test_setup(splicing_moves_all_to_the_end, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
