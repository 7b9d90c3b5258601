#include "domain/permit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define TIMER(id, enabled, at)                                                                     \
    "{\"mId\":\"" id "\",\"type\":\"once\",\"enabled\":" enabled ",\"at\":\"" at "\"}"
#define TIMERS(items) "{\"switch\":\"on\",\"timers\":[" items "]}"

static const char *const stored = TIMERS(TIMER("a", "1", "7") "," TIMER("b", "0", "8"));

static bool allows(unsigned permit, const char *before, const char *change)
{
    struct json_value value;

    assert_int_equal(json_scan(str_of(change), &value), ERR_NONE);
    return permit_allows(permit, str_of(before), value);
}

/* A change that takes exactly these bits. */
static void takes(unsigned bits, const char *before, const char *change)
{
    for (unsigned permit = 0; permit <= PERMIT_ALL; permit++)
        assert_int_equal(allows(permit, before, change), (bits & ~permit) == 0);
}

static void what_leaves_the_timers_alone_takes_no_permit(void **state)
{
    (void)state;
    takes(0, stored, "{\"switch\":\"off\"}");
    takes(0, stored, "[{\"switch\":\"off\"},{\"light\":1}]");
    takes(0, stored, stored);
    takes(0, "{}", "{\"timers\":[]}");
    takes(0, "{\"timers\":0}", "{\"timers\":[]}");
}

static void each_thing_done_to_a_timer_takes_its_bit(void **state)
{
    (void)state;
    takes(PERMIT_ADD, "{}", TIMERS(TIMER("a", "1", "7")));
    takes(PERMIT_ADD, stored,
          TIMERS(TIMER("a", "1", "7") "," TIMER("b", "0", "8") "," TIMER("c", "1", "9")));
    takes(PERMIT_DELETE, stored, TIMERS(TIMER("b", "0", "8")));
    takes(PERMIT_DELETE, stored, "{\"timers\":[]}");
    takes(PERMIT_DELETE, stored, "{\"timers\":0}");
    takes(PERMIT_EDIT, stored, TIMERS(TIMER("a", "1", "9") "," TIMER("b", "0", "8")));
    takes(PERMIT_ENABLE, stored, TIMERS(TIMER("a", "1", "7") "," TIMER("b", "1", "8")));
}

static void several_things_take_all_their_bits(void **state)
{
    (void)state;
    takes(PERMIT_EDIT | PERMIT_ENABLE, stored,
          TIMERS(TIMER("a", "0", "9") "," TIMER("b", "0", "8")));
    takes(PERMIT_ADD | PERMIT_DELETE, stored,
          TIMERS(TIMER("a", "1", "7") "," TIMER("c", "0", "8")));
    takes(PERMIT_ADD, "{}", "[{\"switch\":\"on\"}," TIMERS(TIMER("a", "1", "7")) "]");
}

static void the_order_of_timers_and_of_their_members_means_nothing(void **state)
{
    (void)state;
    takes(0, stored, TIMERS(TIMER("b", "0", "8") "," TIMER("a", "1", "7")));
    takes(PERMIT_ENABLE, TIMERS(TIMER("a", "1", "7")),
          TIMERS("{\"enabled\":0,\"at\":\"7\",\"type\":\"once\",\"mId\":\"a\"}"));
}

static void a_member_that_is_dropped_or_added_is_an_edit(void **state)
{
    (void)state;
    takes(PERMIT_EDIT, TIMERS(TIMER("a", "1", "7")),
          TIMERS("{\"mId\":\"a\",\"type\":\"once\",\"enabled\":1}"));
    takes(PERMIT_EDIT, TIMERS("{\"mId\":\"a\",\"type\":\"once\",\"enabled\":1}"),
          TIMERS(TIMER("a", "1", "7")));
}

static void a_timer_without_an_id_is_another_when_it_differs(void **state)
{
    (void)state;
    takes(0, TIMERS("{\"at\":\"7\"}"), TIMERS("{\"at\":\"7\"}"));
    takes(PERMIT_ADD | PERMIT_DELETE, TIMERS("{\"at\":\"7\"}"), TIMERS("{\"at\":\"8\"}"));
}

static void too_many_timers_take_every_bit(void **state)
{
    char many[4096] = "{\"timers\":[1";
    size_t len = 12;

    (void)state;
    for (int i = 0; i < PERMIT_TIMERS_MAX; i++)
        len += (size_t)snprintf(many + len, sizeof many - len, ",%d", i);
    snprintf(many + len, sizeof many - len, "]}");
    takes(PERMIT_ALL, "{}", many);
}

/* What the first of two says, or a plain name, must not hide what the device will read. */
static void timers_under_another_spelling_are_timers(void **state)
{
    (void)state;
    takes(PERMIT_ADD, "{}", "{\"t\\u0069mers\":[" TIMER("a", "1", "7") "]}");
    takes(PERMIT_ADD, "{}", "{\"Timers\":[" TIMER("a", "1", "7") "]}");
    takes(PERMIT_DELETE, stored, "[{\"\\u0074imers\":[" TIMER("b", "0", "8") "]}]");
    takes(PERMIT_ALL, "{}", "{\"timers\":[],\"timers\":[" TIMER("a", "1", "7") "]}");
    takes(PERMIT_ALL, "{}", "{\"timers\":0,\"t\\u0069mers\":0}");
    takes(0, "{}", "{\"caf\\u00e9\":1,\"a\\u0000\":2,\"timers2\":[1]}");
}

static void a_timer_that_is_enabled_twice_is_switched(void **state)
{
    (void)state;
    takes(PERMIT_EDIT | PERMIT_ENABLE, TIMERS(TIMER("a", "1", "7")),
          TIMERS("{\"mId\":\"a\",\"type\":\"once\",\"enabled\":1,\"at\":\"7\",\"enabled\":0}"));
    takes(PERMIT_EDIT | PERMIT_ENABLE, TIMERS(TIMER("a", "1", "7")),
          TIMERS("{\"mId\":\"a\",\"type\":\"once\",\"enabled\":1,\"at\":\"7\","
                 "\"\\u0065nabled\":0}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_leaves_the_timers_alone_takes_no_permit),
        cmocka_unit_test(each_thing_done_to_a_timer_takes_its_bit),
        cmocka_unit_test(several_things_take_all_their_bits),
        cmocka_unit_test(the_order_of_timers_and_of_their_members_means_nothing),
        cmocka_unit_test(a_member_that_is_dropped_or_added_is_an_edit),
        cmocka_unit_test(a_timer_without_an_id_is_another_when_it_differs),
        cmocka_unit_test(too_many_timers_take_every_bit),
        cmocka_unit_test(timers_under_another_spelling_are_timers),
        cmocka_unit_test(a_timer_that_is_enabled_twice_is_switched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
