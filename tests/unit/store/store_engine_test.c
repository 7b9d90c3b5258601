/* Groups, bounds, failures and the end of a store, over a backend that the test holds back. */
#include "store/store_app.h"
#include "store/store_device.h"
#include "store/store_engine.h"
#include "store/store_password.h"

#include "store_fixture.h"
#include "store_gate.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    AN_HOUR_MS = 3600 * 1000,
    GROUP_MAX = 512, /* of store_engine.c */
};

struct scene {
    struct store_fixture *fx;
    struct store_gate gate;
};

static int setup(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    scene->fx = store_fixture_new();
    store_gate_init(&scene->gate);
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    store_fixture_free(scene->fx);
    store_gate_fini(&scene->gate);
    free(scene);
    return 0;
}

static void open_gated(struct scene *scene)
{
    assert_int_equal(store_gate_open(&scene->gate, &scene->fx->config, &scene->fx->store),
                     ERR_NONE);
}

/* A change whose outcome does not matter: there is no such device. */
static enum err change(struct scene *scene, struct store_answer *answer)
{
    const struct store_device_change nothing = {.id = STR("unknown")};

    return store_device_update(scene->fx->store, scene->fx->mailbox, &nothing,
                               store_fixture_on_done, answer);
}

static int64_t metric_of(struct scene *scene, enum metric metric)
{
    return metric_total(&scene->fx->metrics, 1, metric);
}

static void changes_that_come_during_a_commit_share_the_next_one(void **state)
{
    struct scene *scene = *state;
    static struct store_answer answers[11];

    scene->gate.is_shut = true;
    open_gated(scene);
    assert_int_equal(change(scene, &answers[0]), ERR_NONE);
    sem_wait(&scene->gate.entered);
    for (size_t i = 1; i < 11; i++)
        assert_int_equal(change(scene, &answers[i]), ERR_NONE);
    sem_post(&scene->gate.passes);
    sem_post(&scene->gate.passes);
    for (size_t i = 0; i < 11; i++)
        assert_int_equal(store_fixture_wait(scene->fx, &answers[i]), ERR_NOT_FOUND);
    assert_int_equal(store_gate_group(&scene->gate, 0), 1);
    assert_int_equal(store_gate_group(&scene->gate, 1), 10);
    assert_int_equal(metric_of(scene, METRIC_STORE_COMMIT), 2);
    assert_int_equal(metric_of(scene, METRIC_STORE_QUEUE), 0);
}

static void a_full_group_does_not_wait_for_its_time(void **state)
{
    struct scene *scene = *state;
    static struct store_answer answers[GROUP_MAX];

    scene->fx->config.commit_ms = AN_HOUR_MS;
    open_gated(scene);
    for (size_t i = 0; i < GROUP_MAX; i++)
        assert_int_equal(change(scene, &answers[i]), ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &answers[GROUP_MAX - 1]), ERR_NOT_FOUND);
    assert_int_equal(store_gate_group(&scene->gate, 0), GROUP_MAX);
}

static void a_group_is_committed_when_its_time_has_come(void **state)
{
    struct scene *scene = *state;
    struct store_answer answer = {0};

    scene->fx->config.commit_ms = 5;
    open_gated(scene);
    assert_int_equal(change(scene, &answer), ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &answer), ERR_NOT_FOUND);
    assert_int_equal(store_gate_group(&scene->gate, 0), 1);
}

static void closing_commits_what_waits_and_answers_it(void **state)
{
    struct scene *scene = *state;
    static struct store_answer answers[6];

    scene->fx->config.commit_ms = AN_HOUR_MS;
    open_gated(scene);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(change(scene, &answers[i]), ERR_NONE);
    assert_int_equal(store_device_find(scene->fx->store, scene->fx->mailbox, STR("unknown"),
                                       store_fixture_on_device, &answers[5]),
                     ERR_NONE);
    store_fixture_close(scene->fx);
    assert_false(answers[0].done);
    assert_int_equal(mailbox_deliver(scene->fx->mailbox), 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(answers[i].done);
    assert_int_equal(store_gate_group(&scene->gate, 0), 5);
}

static void a_store_that_closes_without_a_mailbox_turn_frees_its_answers_later(void **state)
{
    struct scene *scene = *state;
    struct store_answer answer = {0};

    open_gated(scene);
    assert_int_equal(change(scene, &answer), ERR_NONE);
    store_fixture_close(scene->fx);
    store_close(NULL);
    assert_int_equal(store_fixture_wait(scene->fx, &answer), ERR_NOT_FOUND);
}

static void a_full_store_refuses_until_an_answer_is_delivered(void **state)
{
    struct scene *scene = *state;
    static struct store_answer answers[3];
    struct store_answer refused = {0};
    struct store_answer later = {0};

    scene->gate.is_shut = true;
    scene->fx->config.max_waiting = 3;
    open_gated(scene);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(change(scene, &answers[i]), ERR_NONE);
    assert_int_equal(change(scene, &refused), ERR_FULL);
    assert_int_equal(store_app_find(scene->fx->store, scene->fx->mailbox, STR("app"),
                                    store_fixture_on_app, &refused),
                     ERR_FULL);
    for (size_t i = 0; i < 4; i++)
        sem_post(&scene->gate.passes);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(store_fixture_wait(scene->fx, &answers[i]), ERR_NOT_FOUND);
    assert_int_equal(change(scene, &later), ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &later), ERR_NOT_FOUND);
    assert_false(refused.done);
    assert_int_equal(metric_of(scene, METRIC_QUEUE_DROP_STORE), 2);
}

/* As change(), with so many bytes of params. */
static enum err change_params(struct scene *scene, size_t bytes, struct store_answer *answer)
{
    char *params = calloc(1, bytes);
    const struct store_device_change large = {.id = STR("unknown"), .params = {params, bytes}};
    enum err err;

    assert_non_null(params);
    memset(params, ' ', bytes);
    err = store_device_update(scene->fx->store, scene->fx->mailbox, &large, store_fixture_on_done,
                              answer);
    free(params);
    return err;
}

static void a_store_that_holds_its_bytes_refuses_until_an_answer_is_delivered(void **state)
{
    enum { BYTES = 60000 };
    struct scene *scene = *state;
    static struct store_answer answers[4];
    struct store_answer refused = {0};
    struct store_answer later = {0};

    scene->gate.is_shut = true;
    scene->fx->config.max_waiting_bytes = 4 * BYTES;
    open_gated(scene);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(change_params(scene, BYTES, &answers[i]), ERR_NONE);
    assert_int_equal(change_params(scene, BYTES, &refused), ERR_FULL);
    assert_int_equal(change(scene, &answers[3]), ERR_NONE);
    assert_int_equal(metric_of(scene, METRIC_QUEUE_DROP_STORE), 1);
    for (size_t i = 0; i < 5; i++)
        sem_post(&scene->gate.passes);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(store_fixture_wait(scene->fx, &answers[i]), ERR_NOT_FOUND);
    assert_int_equal(change_params(scene, BYTES, &later), ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &later), ERR_NOT_FOUND);
    assert_false(refused.done);
}

struct chain {
    struct scene *scene;
    struct store_answer next;
    enum err err;
};

static void on_first(void *ctx, enum err err)
{
    struct chain *chain = ctx;

    assert_int_equal(err, ERR_NOT_FOUND);
    chain->err = change(chain->scene, &chain->next);
}

static void a_callback_has_room_for_the_next_call(void **state)
{
    struct chain chain = {.scene = *state, .err = ERR_INTERNAL};
    const struct store_device_change nothing = {.id = STR("unknown")};

    chain.scene->fx->config.max_waiting = 1;
    open_gated(chain.scene);
    assert_int_equal(store_device_update(chain.scene->fx->store, chain.scene->fx->mailbox, &nothing,
                                         on_first, &chain),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(chain.scene->fx, &chain.next), ERR_NOT_FOUND);
    assert_int_equal(chain.err, ERR_NONE);
}

static void a_failed_commit_fails_its_whole_group_and_the_next_one_heals(void **state)
{
    struct scene *scene = *state;
    static struct store_answer answers[4];
    struct store_answer healed = {0};

    scene->gate.is_shut = true;
    open_gated(scene);
    assert_true(store_is_healthy(scene->fx->store));
    assert_int_equal(change(scene, &answers[0]), ERR_NONE);
    sem_wait(&scene->gate.entered);
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(change(scene, &answers[i]), ERR_NONE);
    store_gate_fail(&scene->gate, 2);
    sem_post(&scene->gate.passes);
    sem_post(&scene->gate.passes);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(store_fixture_wait(scene->fx, &answers[i]), ERR_IO);
    assert_false(store_is_healthy(scene->fx->store));
    assert_int_equal(metric_of(scene, METRIC_STORE_FAILED), 4);
    assert_int_equal(metric_of(scene, METRIC_STORE_COMMIT), 0);
    for (size_t i = 0; i < 9; i++)
        sem_post(&scene->gate.passes);
    assert_int_equal(change(scene, &healed), ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &healed), ERR_NOT_FOUND);
    assert_true(store_is_healthy(scene->fx->store));
}

static void an_unhealthy_store_tries_again_by_itself(void **state)
{
    struct scene *scene = *state;
    struct store_answer answer = {0};

    open_gated(scene);
    store_gate_fail(&scene->gate, 1);
    assert_int_equal(change(scene, &answer), ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &answer), ERR_IO);
    sem_wait(&scene->gate.entered);
    sem_wait(&scene->gate.entered); /* the probe's commit */
    while (!store_is_healthy(scene->fx->store))
        sched_yield();
    pthread_mutex_lock(&scene->gate.lock);
    assert_int_equal(scene->gate.probes, 1);
    pthread_mutex_unlock(&scene->gate.lock);
    assert_int_equal(store_gate_group(&scene->gate, 1), 0);
}

static int posts(sem_t *sem)
{
    int count;

    assert_int_equal(sem_getvalue(sem, &count), 0);
    return count;
}

static void the_writer_rests_after_changes_until_nothing_is_left(void **state)
{
    struct scene *scene = *state;
    struct store_answer changed = {0};
    struct store_answer again = {0};

    scene->gate.rests_left = 3;
    open_gated(scene);
    assert_int_equal(change(scene, &changed), ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &changed), ERR_NOT_FOUND);
    for (int i = 0; i < 4; i++)
        sem_wait(&scene->gate.rested);
    assert_int_equal(change(scene, &again), ERR_NONE);
    sem_wait(&scene->gate.rested);
    assert_int_equal(store_fixture_wait(scene->fx, &again), ERR_NOT_FOUND);
    store_fixture_close(scene->fx);
    assert_int_equal(posts(&scene->gate.rested), 0);
}

static void a_rest_that_fails_is_made_again_once_commits_work(void **state)
{
    struct scene *scene = *state;
    struct store_answer changed = {0};

    scene->gate.is_rest_to_fail = true;
    open_gated(scene);
    assert_int_equal(change(scene, &changed), ERR_NONE);
    sem_wait(&scene->gate.rested);
    sem_wait(&scene->gate.rested);
    assert_true(store_is_healthy(scene->fx->store));
    pthread_mutex_lock(&scene->gate.lock);
    assert_int_equal(scene->gate.probes, 1);
    pthread_mutex_unlock(&scene->gate.lock);
    assert_int_equal(store_fixture_wait(scene->fx, &changed), ERR_NOT_FOUND);
}

static void a_reader_rests_once_after_look_ups(void **state)
{
    struct scene *scene = *state;
    struct store_answer found = {0};

    open_gated(scene);
    assert_int_equal(store_app_find(scene->fx->store, scene->fx->mailbox, STR("app"),
                                    store_fixture_on_app, &found),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &found), ERR_NOT_FOUND);
    sem_wait(&scene->gate.reader_rested);
    store_fixture_close(scene->fx);
    assert_int_equal(posts(&scene->gate.reader_rested), 0);
}

/* The answers come in the order they are posted: the look-up's before that of the last hash. */
static void look_ups_do_not_wait_for_passwords_or_commits(void **state)
{
    enum { HASHES = 8 };
    struct scene *scene = *state;
    static struct store_answer hashes[HASHES];
    struct store_answer held = {0};
    struct store_answer found = {0};

    scene->gate.is_shut = true;
    open_gated(scene);
    assert_int_equal(change(scene, &held), ERR_NONE);
    for (size_t i = 0; i < HASHES; i++)
        assert_int_equal(store_password_hash(scene->fx->store, scene->fx->mailbox, STR("secret"),
                                             store_fixture_on_hash, &hashes[i]),
                         ERR_NONE);
    assert_int_equal(store_app_find(scene->fx->store, scene->fx->mailbox, STR("app"),
                                    store_fixture_on_app, &found),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(scene->fx, &found), ERR_NOT_FOUND);
    assert_false(held.done);
    assert_false(hashes[HASHES - 1].done);
    sem_post(&scene->gate.passes);
    assert_int_equal(store_fixture_wait(scene->fx, &held), ERR_NOT_FOUND);
    assert_int_equal(store_fixture_wait(scene->fx, &hashes[HASHES - 1]), ERR_NONE);
}

static void a_store_in_which_nothing_may_wait_is_refused(void **state)
{
    struct scene *scene = *state;

    scene->fx->config.max_waiting = 0;
    assert_int_equal(store_gate_open(&scene->gate, &scene->fx->config, &scene->fx->store),
                     ERR_INVALID);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(changes_that_come_during_a_commit_share_the_next_one),
        CASE(a_full_group_does_not_wait_for_its_time),
        CASE(a_group_is_committed_when_its_time_has_come),
        CASE(closing_commits_what_waits_and_answers_it),
        CASE(a_store_that_closes_without_a_mailbox_turn_frees_its_answers_later),
        CASE(a_full_store_refuses_until_an_answer_is_delivered),
        CASE(a_store_that_holds_its_bytes_refuses_until_an_answer_is_delivered),
        CASE(a_callback_has_room_for_the_next_call),
        CASE(a_failed_commit_fails_its_whole_group_and_the_next_one_heals),
        CASE(an_unhealthy_store_tries_again_by_itself),
        CASE(the_writer_rests_after_changes_until_nothing_is_left),
        CASE(a_rest_that_fails_is_made_again_once_commits_work),
        CASE(a_reader_rests_once_after_look_ups),
        CASE(look_ups_do_not_wait_for_passwords_or_commits),
        CASE(a_store_in_which_nothing_may_wait_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
