#include "proto/message_timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_short(const char *params, const char *expected)
{
    struct buf out = BUF_EMPTY;

    message_timers_shorten(&out, str_of(params));
    buf_append_byte(&out, '\0');
    assert_string_equal(out.ptr, expected);
    buf_free(&out);
}

static void entries_lose_what_only_apps_read(void **unused)
{
    (void)unused;
    assert_short(
        "{\"a\":1,\"timers\":[{\"mId\":\"x\",\"enabled\":1,\"do\":{\"mId\":2}},"
        "{\"coolkit_timer_type\":\"once\"}],\"b\":[{\"mId\":3}]}",
        "{\"a\":1,\"timers\":[{\"enabled\":1,\"do\":{\"mId\":2}},{}],\"b\":[{\"mId\":3}]}");
}

static void what_is_no_list_of_entries_passes_through(void **unused)
{
    (void)unused;
    assert_short("{}", "{}");
    assert_short("{\"timers\":0}", "{\"timers\":0}");
    assert_short("{\"timers\":[]}", "{\"timers\":[]}");
    assert_short("{\"timers\":[1,[{\"mId\":4}],null]}", "{\"timers\":[1,[{\"mId\":4}],null]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_lose_what_only_apps_read),
        cmocka_unit_test(what_is_no_list_of_entries_passes_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
