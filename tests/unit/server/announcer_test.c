#include "server/announcer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

struct fixture {
    struct loop *loop;
    struct bus *bus;
    struct metric_set *set;
    struct bus_event heard;
    unsigned count;
};

static void on_event(void *ctx, const struct bus_event *event)
{
    struct fixture *fixture = ctx;

    fixture->heard = *event;
    fixture->count++;
}

static struct announcer *start(struct fixture *fixture)
{
    const struct bus_node node = {.id = "one", .weight = 3, .capacity = 100};

    *fixture =
        (struct fixture){.loop = loop_new(), .bus = bus_local_new(16), .set = metric_set_new()};
    bus_subscribe(fixture->bus, loop_mailbox(fixture->loop), on_event, fixture);
    metric_add(fixture->set, METRIC_LINK_APP, 2);
    metric_add(fixture->set, METRIC_LINK_DEVICE, 5);

    const struct announcer_config config = {.loop = fixture->loop,
                                            .bus = fixture->bus,
                                            .metrics = &fixture->set,
                                            .metric_count = 1,
                                            .node = node};

    return announcer_new(&config);
}

static void stop(struct fixture *fixture, struct announcer *announcer)
{
    announcer_free(announcer);
    loop_free(fixture->loop);
    bus_free(fixture->bus);
    metric_set_free(fixture->set);
}

static void wait_for(struct fixture *fixture, unsigned count)
{
    while (fixture->count < count)
        loop_turn(fixture->loop, -1);
}

static void the_node_is_announced_at_once_with_its_load(void **state)
{
    struct fixture fixture;
    struct announcer *announcer = start(&fixture);

    (void)state;
    wait_for(&fixture, 1);
    assert_int_equal(fixture.heard.topic, BUS_NODE_ANNOUNCED);
    assert_string_equal(fixture.heard.node.id, "one");
    assert_int_equal(fixture.heard.node.weight, 3);
    assert_int_equal(fixture.heard.node.links, 7);
    assert_false(fixture.heard.node.draining);
    stop(&fixture, announcer);
}

static void it_is_announced_again_and_again(void **state)
{
    struct fixture fixture;
    struct announcer *announcer = start(&fixture);

    (void)state;
    wait_for(&fixture, 1);
    metric_add(fixture.set, METRIC_LINK_DEVICE, 1);
    wait_for(&fixture, 2);
    assert_int_equal(fixture.heard.node.links, 8);
    stop(&fixture, announcer);
}

static void a_draining_node_says_so_at_once(void **state)
{
    struct fixture fixture;
    struct announcer *announcer = start(&fixture);

    (void)state;
    announcer_drain(announcer);
    wait_for(&fixture, 2);
    assert_true(fixture.heard.node.draining);
    stop(&fixture, announcer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_node_is_announced_at_once_with_its_load),
        cmocka_unit_test(it_is_announced_again_and_again),
        cmocka_unit_test(a_draining_node_says_so_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
