/* What many devices cost a store at rest: nothing that grows with their number. */
#include "store/sqlite_conn.h"
#include "store/store_device.h"

#include "store_direct.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum {
    DEVICES = 50000,
    BYTES_EACH = 40,
    BUSY_BYTES = 4 * 1024 * 1024, /* what it surely takes to read them all */
};

static int setup_closed(void **state)
{
    *state = store_fixture_new();
    return 0;
}

static void change_all(struct store_direct *direct)
{
    char id[16];

    store_direct_begin(direct);
    for (unsigned device = 0; device < DEVICES; device++) {
        struct store_device_change change = {.online_ms = 1 + device};

        snprintf(id, sizeof id, "d%u", device);
        change.id = str_of(id);
        assert_int_equal(store_direct_update(direct, &change), ERR_NONE);
    }
    store_direct_commit(direct);
}

static void read_all(struct store_direct *direct)
{
    char after[STORE_DEVICE_ID_CAP] = "";
    unsigned count = 0;
    size_t read = STORE_LIST_MAX;

    while (read == STORE_LIST_MAX) {
        struct store_request *list = store_direct_list(direct, "", after, STORE_LIST_MAX);
        const struct store_device *devices = list->rows.items;

        assert_int_equal(list->err, ERR_NONE);
        read = list->rows.count;
        count += (unsigned)read;
        if (read > 0)
            assert_true(str_copy(str_of(devices[read - 1].record.id), after, sizeof after));
        store_request_free(list);
    }
    assert_int_equal(count, DEVICES);
}

static void devices_that_nobody_asks_for_take_no_memory(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;
    int64_t before;

    store_direct_open(&direct, fx->path, 0);
    before = sqlite3_memory_used();
    store_direct_create_devices(&direct, DEVICES);
    change_all(&direct);
    read_all(&direct);
    assert_true(sqlite3_memory_used() - before > BUSY_BYTES);
    while (store_direct_rest(&direct))
        continue;
    direct.backend->rest_reader(direct.state, 0);
    assert_true(sqlite3_memory_used() - before < (int64_t)BYTES_EACH * DEVICES);
    store_direct_close(&direct);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(devices_that_nobody_asks_for_take_no_memory, setup_closed,
                                        store_fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
