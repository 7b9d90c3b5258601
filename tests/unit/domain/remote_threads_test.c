/* Two workers on threads of their own, whose accounts use each other's devices at once. */
#include "domain/remote.h"

#include "household.h"
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

/* Both threads ask one store, which lets 64 wait and refuses more: a slow disk may make all wait.
 */
enum { THREADS = 2, CALLS = 300, UNDER_WAY = 16, TURN_MS = 1 };

struct worker {
    pthread_t thread;
    struct household *home;
    const char *apikey; /* who lives here */
    const char *device; /* what he asks about */
    const char *sharee; /* with whom he shares it */
    struct witness app;
    size_t asked;
    size_t answered;
    bool has_shared;
    atomic_size_t *done;
};

/* A query that is his to make, for the device is shared with him; or none, for it is not. */
static void on_result(void *ctx, const struct command_result *result)
{
    struct worker *worker = ctx;
    enum command_outcome expected =
        str_eq(str_of(worker->device), STR(DEVICE)) ? COMMAND_OK : COMMAND_FORBIDDEN;

    assert_int_equal(result->outcome, expected);
    if (++worker->answered == CALLS)
        atomic_fetch_add(worker->done, 1);
}

static void ask(struct worker *worker)
{
    const struct remote_command command = {
        .kind = COMMAND_QUERY,
        .asker = str_of(worker->apikey),
        .request = {.deviceid = str_of(worker->device)},
        .on_result = on_result,
        .ctx = worker,
    };
    struct remote_call *call;

    if (remote_command(worker->home->accounts, &command, &call) == ERR_NONE)
        worker->asked++;
}

static void *run(void *ctx)
{
    struct worker *worker = ctx;

    while (atomic_load(worker->done) < THREADS) {
        if (worker->asked < CALLS && worker->asked - worker->answered < UNDER_WAY)
            ask(worker);
        loop_turn(worker->home->loop, TURN_MS);
    }
    return NULL;
}

static void homes_on_threads_serve_each_other(void **state)
{
    struct household home;
    struct household elsewhere;
    atomic_size_t done = 0;
    struct worker workers[THREADS] = {
        {.home = &home, .apikey = OWNER, .device = FOREIGN, .done = &done},
        {.home = &elsewhere, .apikey = OTHER, .device = DEVICE, .done = &done},
    };

    (void)state;
    household_open(&home);
    household_join(&elsewhere, &home);
    household_share(&home, DEVICE, OTHER, 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(workers[i].answered, CALLS);
    household_settle(&home);
    household_close(&elsewhere);
    household_close(&home);
}

/* Each worker's account is offered shares by the other's while it makes its own. */
static void *share_and_accept(void *ctx)
{
    struct worker *worker = ctx;

    witness_app(&worker->app, worker->home, worker->apikey);
    atomic_fetch_add(worker->done, 1);
    while (atomic_load(worker->done) < THREADS)
        loop_turn(worker->home->loop, TURN_MS);
    witness_share(&worker->app, SHARE_OFFER, worker->device, worker->sharee);
    while (!worker->has_shared || atomic_load(worker->done) < 2 * THREADS) {
        loop_turn(worker->home->loop, TURN_MS);
        if (worker->app.sequence[0] != '\0') {
            witness_answer_offer(&worker->app, true);
            worker->app.sequence[0] = '\0';
        }
        if (!worker->has_shared && worker->app.told.len > 0 &&
            memmem(worker->app.told.ptr, worker->app.told.len, "done", 4) != NULL) {
            worker->has_shared = true;
            atomic_fetch_add(worker->done, 1);
        }
    }
    witness_leave(&worker->app);
    return NULL;
}

static void accounts_on_threads_share_with_each_other(void **state)
{
    struct household home;
    struct household elsewhere;
    atomic_size_t done = 0;
    struct worker workers[THREADS] = {
        {.home = &home, .apikey = OWNER, .device = DEVICE, .sharee = "u2", .done = &done},
        {.home = &elsewhere, .apikey = OTHER, .device = FOREIGN, .sharee = "u1", .done = &done},
    };

    (void)state;
    household_open(&home);
    household_join(&elsewhere, &home);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, share_and_accept, &workers[i]),
                         0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    household_settle(&home);
    household_close(&elsewhere);
    household_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(homes_on_threads_serve_each_other),
        cmocka_unit_test(accounts_on_threads_share_with_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
