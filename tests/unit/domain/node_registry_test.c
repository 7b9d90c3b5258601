#include "domain/node_registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LEASE = 3000, RESERVATION = 2000 };

static struct bus_node node(const char *id, uint32_t links)
{
    struct bus_node node = {.weight = 1, .links = links, .capacity = 1000, .region = "eu"};

    snprintf(node.id, sizeof node.id, "%s", id);
    return node;
}

static void announce(struct node_registry *registry, struct bus_node node, uint64_t now_ms)
{
    assert_int_equal(node_registry_announce(registry, &node, now_ms), ERR_NONE);
}

static const char *pick(struct node_registry *registry, const char *account, uint64_t now_ms)
{
    const struct bus_node *picked =
        node_registry_pick(registry, str_of(account), STR("eu"), now_ms);

    return picked == NULL ? "none" : picked->id;
}

static void an_empty_registry_has_no_node(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);

    (void)state;
    assert_string_equal(pick(registry, "a", 0), "none");
    node_registry_free(registry);
    node_registry_free(NULL);
}

static void a_silent_node_is_gone_when_its_lease_ends(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);

    (void)state;
    announce(registry, node("n1", 0), 0);
    assert_string_equal(pick(registry, "a", LEASE - 1), "n1");
    assert_string_equal(pick(registry, "a", LEASE), "none");
    node_registry_free(registry);
}

static void an_account_keeps_its_node_and_accounts_spread(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    const char *first;
    char account[16];
    int on_n1 = 0;

    (void)state;
    announce(registry, node("n1", 500), 0);
    announce(registry, node("n2", 500), 0);
    first = pick(registry, "an account", 0);
    for (int i = 0; i < 20; i++)
        assert_string_equal(pick(registry, "an account", 0), first);
    for (int i = 0; i < 100; i++) {
        snprintf(account, sizeof account, "u%d", i);
        on_n1 += strcmp(pick(registry, account, 0), "n1") == 0;
    }
    assert_in_range(on_n1, 25, 75);
    node_registry_free(registry);
}

static void a_node_above_the_bounded_load_is_passed_over(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    char account[16];

    (void)state;
    announce(registry, node("busy", 300), 0);
    announce(registry, node("free", 100), 0);
    for (int i = 0; i < 50; i++) {
        snprintf(account, sizeof account, "u%d", i);
        assert_string_equal(pick(registry, account, 0), "free");
    }
    node_registry_free(registry);
}

static void reservations_count_until_they_end(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    struct bus_node small = node("small", 0);

    (void)state;
    small.capacity = 2;
    announce(registry, small, 0);
    assert_string_equal(pick(registry, "a", 0), "small");
    assert_string_equal(pick(registry, "b", 0), "small");
    assert_string_equal(pick(registry, "c", 0), "none");
    announce(registry, small, 1000);
    assert_string_equal(pick(registry, "c", 1000), "none");
    assert_string_equal(pick(registry, "c", RESERVATION), "small");
    node_registry_free(registry);
}

static void an_account_that_asks_again_reserves_no_second_place(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    struct bus_node small = node("small", 0);

    (void)state;
    small.capacity = 2;
    announce(registry, small, 0);
    for (int i = 0; i < 100; i++)
        assert_string_equal(pick(registry, "a", 0), "small");
    assert_string_equal(pick(registry, "b", 0), "small");
    assert_string_equal(pick(registry, "c", 0), "none");
    node_registry_free(registry);
}

static void a_full_node_still_takes_those_who_hold_a_place(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    struct bus_node small = node("small", 0);

    (void)state;
    small.capacity = 2;
    announce(registry, small, 0);
    assert_string_equal(pick(registry, "a", 0), "small");
    assert_string_equal(pick(registry, "b", 0), "small");
    assert_string_equal(pick(registry, "c", 0), "none");
    assert_string_equal(pick(registry, "a", 0), "small");
    assert_string_equal(pick(registry, "b", RESERVATION - 1), "small");
    small.links = 2;
    announce(registry, small, RESERVATION);
    assert_string_equal(pick(registry, "a", RESERVATION), "none");
    node_registry_free(registry);
}

static void a_held_place_is_no_way_to_a_draining_node(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    struct bus_node small = node("small", 0);

    (void)state;
    announce(registry, small, 0);
    assert_string_equal(pick(registry, "a", 0), "small");
    small.draining = true;
    announce(registry, small, 0);
    assert_string_equal(pick(registry, "a", 0), "none");
    node_registry_free(registry);
}

static void draining_full_and_foreign_nodes_are_not_handed_out(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    struct bus_node draining = node("draining", 0);
    struct bus_node full = node("full", 1000);
    struct bus_node foreign = node("foreign", 0);

    (void)state;
    draining.draining = true;
    snprintf(foreign.region, sizeof foreign.region, "us");
    announce(registry, draining, 0);
    announce(registry, full, 0);
    announce(registry, foreign, 0);
    assert_string_equal(pick(registry, "a", 0), "none");
    assert_non_null(node_registry_pick(registry, STR("a"), STR_EMPTY, 0));
    node_registry_free(registry);
}

static void a_full_registry_reuses_the_slots_of_silent_nodes(void **state)
{
    struct node_registry *registry = node_registry_new(LEASE, RESERVATION);
    struct bus_node late = node("late", 0);
    char id[16];

    (void)state;
    for (int i = 0; i < NODE_REGISTRY_CAP; i++) {
        snprintf(id, sizeof id, "n%d", i);
        announce(registry, node(id, 0), 0);
    }
    assert_int_equal(node_registry_announce(registry, &late, LEASE - 1), ERR_FULL);
    assert_int_equal(node_registry_announce(registry, &late, LEASE), ERR_NONE);
    node_registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_registry_has_no_node),
        cmocka_unit_test(a_silent_node_is_gone_when_its_lease_ends),
        cmocka_unit_test(an_account_keeps_its_node_and_accounts_spread),
        cmocka_unit_test(a_node_above_the_bounded_load_is_passed_over),
        cmocka_unit_test(reservations_count_until_they_end),
        cmocka_unit_test(an_account_that_asks_again_reserves_no_second_place),
        cmocka_unit_test(a_full_node_still_takes_those_who_hold_a_place),
        cmocka_unit_test(a_held_place_is_no_way_to_a_draining_node),
        cmocka_unit_test(draining_full_and_foreign_nodes_are_not_handed_out),
        cmocka_unit_test(a_full_registry_reuses_the_slots_of_silent_nodes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
