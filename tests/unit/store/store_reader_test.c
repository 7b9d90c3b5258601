/* A reader beside the writer, each on a thread of its own. */
#include "store_direct.h"
#include "store_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int setup_closed(void **state)
{
    *state = store_fixture_new();
    return 0;
}

struct watch {
    struct store_direct *direct;
    atomic_uint committed; /* the n that d0 has at least */
    atomic_bool is_over;
    atomic_uint reads;
};

static unsigned number_in_list(struct store_direct *direct)
{
    struct store_request *list = store_direct_list(direct, "", "", 1);
    const struct store_device *devices = list->rows.items;
    unsigned n = 0;

    assert_int_equal(list->rows.count, 1);
    assert_int_equal(sscanf(devices[0].params, "{\"n\":%u}", &n), 1);
    store_request_free(list);
    return n;
}

static void *run_reader(void *arg)
{
    struct watch *watch = arg;
    unsigned seen = 0;

    while (!atomic_load(&watch->is_over)) {
        unsigned least = atomic_load(&watch->committed);
        unsigned n = atomic_load(&watch->reads) % 2 == 0
                         ? store_direct_find_number(watch->direct, "d0")
                         : number_in_list(watch->direct);

        assert_true(n >= least && n >= seen);
        seen = n;
        atomic_fetch_add(&watch->reads, 1);
    }
    return NULL;
}

/* While the journal is folded all the time, what is read is never older than what was committed
 * before, nor than what was read before. */
static void a_reader_never_sees_an_older_state(void **state)
{
    enum { READS = 3000, OTHERS = 40 };
    struct store_fixture *fx = *state;
    struct store_direct direct;
    struct watch watch = {.direct = &direct};
    pthread_t reader;
    char id[16];

    store_direct_open(&direct, fx->path, 1);
    store_direct_create_devices(&direct, OTHERS);
    store_direct_number(&direct, "d0", 1);
    assert_int_equal(pthread_create(&reader, NULL, run_reader, &watch), 0);
    for (unsigned n = 2; atomic_load(&watch.reads) < READS; n++) {
        snprintf(id, sizeof id, "d%u", n % OTHERS);
        store_direct_number(&direct, id, n);
        if (n % OTHERS == 0)
            atomic_store(&watch.committed, n);
        if (n % 7 == 0)
            store_direct_rest(&direct);
    }
    atomic_store(&watch.is_over, true);
    assert_int_equal(pthread_join(reader, NULL), 0);
    store_direct_close(&direct);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup_closed, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_reader_never_sees_an_older_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
