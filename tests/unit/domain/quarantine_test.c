#include "domain/quarantine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void knock(struct quarantine *quarantine, const char *id, const char *key, int64_t wall_ms)
{
    const struct quarantine_try it = {
        .id = str_of(id), .key = str_of(key), .peer = "192.0.2.1:5000", .wall_ms = wall_ms};

    quarantine_note(quarantine, &it);
}

static void the_first_key_is_kept_and_others_are_counted(void **state)
{
    struct quarantine *quarantine = quarantine_new(4);
    struct quarantine_record record;

    (void)state;
    knock(quarantine, "d1", "first", 1000);
    knock(quarantine, "d1", "other", 2000);
    assert_true(quarantine_find(quarantine, STR("d1"), &record));
    assert_string_equal(record.key, "first");
    assert_int_equal(record.count, 2);
    assert_int_equal(record.other_keys, 1);
    assert_int_equal(record.first_ms, 1000);
    assert_int_equal(record.last_ms, 2000);
    assert_true(quarantine_remove(quarantine, STR("d1")));
    assert_false(quarantine_remove(quarantine, STR("d1")));
    assert_false(quarantine_at(quarantine, 0, &record));
    quarantine_free(quarantine);
}

static void who_was_silent_for_longest_gives_way(void **state)
{
    struct quarantine *quarantine = quarantine_new(2);
    struct quarantine_record record;

    (void)state;
    knock(quarantine, "d1", "k", 1000);
    knock(quarantine, "d2", "k", 2000);
    knock(quarantine, "d1", "k", 3000);
    knock(quarantine, "d3", "k", 4000);
    assert_true(quarantine_find(quarantine, STR("d1"), &record));
    assert_false(quarantine_find(quarantine, STR("d2"), &record));
    assert_true(quarantine_find(quarantine, STR("d3"), &record));
    assert_int_equal(quarantine_clear(quarantine), 2);
    quarantine_free(quarantine);
}

static void new_ones_come_at_a_bounded_rate(void **state)
{
    struct quarantine *quarantine = quarantine_new(QUARANTINE_MAX);
    struct quarantine_record record;
    char id[16];

    (void)state;
    for (int i = 0; i < 2 * QUARANTINE_NEW_PER_MINUTE; i++) {
        snprintf(id, sizeof id, "d%d", i);
        knock(quarantine, id, "k", 1000);
    }
    assert_true(quarantine_at(quarantine, QUARANTINE_NEW_PER_MINUTE - 1, &record));
    assert_false(quarantine_at(quarantine, QUARANTINE_NEW_PER_MINUTE, &record));
    knock(quarantine, "next", "k", 61000);
    assert_true(quarantine_find(quarantine, STR("next"), &record));
    quarantine_free(quarantine);
}

static void what_is_no_devices_text_is_passed_over(void **state)
{
    struct quarantine *quarantine = quarantine_new(2);
    struct quarantine_record record;

    (void)state;
    knock(quarantine, "", "k", 1000);
    knock(quarantine, "a b", "k", 1000);
    knock(quarantine, "d1", "back\\slash", 1000);
    knock(quarantine, "a-name-that-is-longer-than-any-device-has", "k", 1000);
    assert_false(quarantine_at(quarantine, 0, &record));
    quarantine_free(quarantine);
    knock(NULL, "d1", "k", 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_key_is_kept_and_others_are_counted),
        cmocka_unit_test(who_was_silent_for_longest_gives_way),
        cmocka_unit_test(new_ones_come_at_a_bounded_rate),
        cmocka_unit_test(what_is_no_devices_text_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
