#include "store/store_engine.h"

#include "base/alloc.h"
#include "net/loop.h"
#include "store/store_request.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
    GROUP_MAX = 512,        /* changes in one commit */
    PROBE_US = 1000 * 1000, /* between two tries while unhealthy */
    REST_US = 1000 * 1000,  /* without a change before what can wait is done */
    THREADS = STORE_READERS + 2,
};

static const uint64_t NEVER_US = UINT64_MAX;

struct queue {
    struct link list;
    size_t len;
    pthread_cond_t ready; /* there is something to do, or `closing` */
};

/* What a reader thread is given. */
struct seat {
    struct store_engine *engine;
    unsigned number;
};

struct store_engine {
    const struct store_backend *backend;
    void *state;
    uint64_t commit_us;
    struct metric_set *metrics;
    struct log *log;
    atomic_bool healthy;
    bool is_rested;   /* the writer's: nothing that can wait is left */
    uint64_t rest_us; /* the writer's: otherwise, when to rest */

    pthread_mutex_t lock; /* guards what follows, and metrics that more than one thread writes */
    bool closing;
    struct queue changes;
    struct queue reads;
    struct queue passwords;

    struct seat seats[STORE_READERS];
    pthread_t threads[THREADS];
    size_t thread_count;
};

static void queue_init(struct queue *queue)
{
    pthread_condattr_t attr;

    link_init(&queue->list);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->ready, &attr);
    pthread_condattr_destroy(&attr);
}

/* The lock is held, as it is for the two below. */
static void count_queued(struct store_engine *engine)
{
    metric_set_to(engine->metrics, METRIC_STORE_QUEUE,
                  (int64_t)(engine->changes.len + engine->reads.len + engine->passwords.len));
}

/* Up to `max` requests from the front of the queue. */
static void queue_take(struct store_engine *engine, struct queue *queue, size_t max,
                       struct link *out)
{
    for (size_t i = 0; i < max && queue->len > 0; i++) {
        struct link *first = queue->list.next;

        link_remove(first);
        link_insert(out, first);
        queue->len--;
    }
    count_queued(engine);
}

/* Waits until something may have come or the time is reached. */
static void queue_wait_until(struct store_engine *engine, struct queue *queue, uint64_t until_us)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_us / 1000000),
        .tv_nsec = (long)(until_us % 1000000) * 1000,
    };

    if (until_us == NEVER_US)
        pthread_cond_wait(&queue->ready, &engine->lock);
    else
        pthread_cond_timedwait(&queue->ready, &engine->lock, &until);
}

/* Waits until a request is there, the store closes or the time is reached. */
static void queue_wait(struct store_engine *engine, struct queue *queue, uint64_t until_us)
{
    while (queue->len == 0 && !engine->closing &&
           (until_us == NEVER_US || loop_clock_us() < until_us))
        queue_wait_until(engine, queue, until_us);
}

static struct store_request *request_of(struct link *link)
{
    return CONTAINER_OF(link, struct store_request, link);
}

static void count(struct store_engine *engine, enum metric metric)
{
    pthread_mutex_lock(&engine->lock);
    metric_add(engine->metrics, metric, 1);
    pthread_mutex_unlock(&engine->lock);
}

static void answer(struct store_engine *engine, struct store_request *request, enum err err)
{
    request->err = err;
    if (err == ERR_IO)
        count(engine, METRIC_STORE_FAILED);
    store_request_post(request);
}

/* Lets a group gather until its first change has waited commit_us or it is full. */
static void gather(struct store_engine *engine)
{
    struct queue *queue = &engine->changes;
    uint64_t until_us = request_of(queue->list.next)->arrival_us + engine->commit_us;

    while (!engine->closing && queue->len < GROUP_MAX && loop_clock_us() < until_us)
        queue_wait_until(engine, queue, until_us);
}

/* When the writer has something to do, if no change comes before. */
static uint64_t idle_until_us(const struct store_engine *engine)
{
    if (!engine->healthy)
        return loop_clock_us() + PROBE_US;
    return engine->is_rested ? NEVER_US : engine->rest_us;
}

/* False when the store closes and nothing is left. An empty group means that it is time to probe
 * or to rest. */
static bool take_group(struct store_engine *engine, struct link *group)
{
    struct queue *queue = &engine->changes;
    uint64_t until_us = idle_until_us(engine);
    bool more;

    pthread_mutex_lock(&engine->lock);
    queue_wait(engine, queue, until_us);
    if (queue->len > 0)
        gather(engine);
    more = queue->len > 0 || !engine->closing;
    queue_take(engine, queue, GROUP_MAX, group);
    pthread_mutex_unlock(&engine->lock);
    return more;
}

static void set_healthy(struct store_engine *engine, bool healthy)
{
    if (atomic_exchange(&engine->healthy, healthy) == healthy)
        return;
    if (healthy)
        log_info(engine->log, "store.healthy", "commits=succeed");
    else
        log_error(engine->log, "store.unhealthy", "commits=fail probe_ms=%d", PROBE_US / 1000);
}

static void probe(struct store_engine *engine)
{
    enum err err = engine->backend->begin(engine->state);

    if (err == ERR_NONE)
        err = engine->backend->probe(engine->state);
    if (err == ERR_NONE)
        err = engine->backend->commit(engine->state);
    set_healthy(engine, err == ERR_NONE);
}

/* A bit of what can wait; the rest at once, unless changes come. */
static void rest(struct store_engine *engine)
{
    bool more = false;
    enum err err = ERR_NONE;

    if (engine->backend->rest != NULL)
        err = engine->backend->rest(engine->state, &more);
    engine->is_rested = err == ERR_NONE && !more;
    engine->rest_us = loop_clock_us();
    set_healthy(engine, err == ERR_NONE);
}

/* Sets the answer of each change; what was not committed has not happened. */
static enum err apply_group(struct store_engine *engine, struct link *group)
{
    enum err err = engine->backend->begin(engine->state);

    for (struct link *link = group->next; link != group && err == ERR_NONE; link = link->next)
        request_of(link)->err = engine->backend->change(engine->state, request_of(link));
    return err == ERR_NONE ? engine->backend->commit(engine->state) : err;
}

static void count_commit(struct store_engine *engine, const struct link *group)
{
    uint64_t now_us = loop_clock_us();
    int64_t changes = 0;

    for (struct link *link = group->next; link != group; link = link->next) {
        changes += request_of(link)->err == ERR_NONE;
        metric_observe_us(engine->metrics, METRIC_STORE_COMMIT_SECONDS,
                          now_us - request_of(link)->arrival_us);
    }
    metric_add(engine->metrics, METRIC_STORE_COMMIT, 1);
    metric_add(engine->metrics, METRIC_STORE_CHANGE, changes);
}

/* A commit that fails is the answer of the whole group. */
static void count_failed(struct store_engine *engine, struct link *group, enum err err)
{
    for (struct link *link = group->next; link != group; link = link->next) {
        struct store_request *request = request_of(link);

        request->err = err ? err : request->err;
        if (request->err == ERR_IO)
            count(engine, METRIC_STORE_FAILED);
    }
}

static void commit_group(struct store_engine *engine, struct link *group)
{
    enum err err = apply_group(engine, group);

    if (err == ERR_NONE)
        count_commit(engine, group);
    count_failed(engine, group, err);
    set_healthy(engine, err == ERR_NONE);
    store_request_post_all(group);
    engine->is_rested = false;
    engine->rest_us = loop_clock_us() + REST_US;
}

static void *run_writer(void *arg)
{
    struct store_engine *engine = arg;
    struct link group;

    link_init(&group);
    while (take_group(engine, &group)) {
        if (!link_is_alone(&group))
            commit_group(engine, &group);
        else if (engine->healthy)
            rest(engine);
        else
            probe(engine);
    }
    return NULL;
}

/* The next request, or NULL when the store closes and none is left, or the time is reached. */
static struct store_request *take_one(struct store_engine *engine, struct queue *queue,
                                      uint64_t until_us)
{
    struct link taken;
    struct store_request *request = NULL;

    link_init(&taken);
    pthread_mutex_lock(&engine->lock);
    queue_wait(engine, queue, until_us);
    queue_take(engine, queue, 1, &taken);
    pthread_mutex_unlock(&engine->lock);
    if (!link_is_alone(&taken)) {
        request = request_of(taken.next);
        link_remove(&request->link);
    }
    return request;
}

static void *run_reader(void *arg)
{
    struct seat *seat = arg;
    struct store_engine *engine = seat->engine;
    const struct store_backend *backend = engine->backend;
    bool is_rested = true;

    for (;;) {
        uint64_t until_us = is_rested ? NEVER_US : loop_clock_us() + REST_US;
        struct store_request *request = take_one(engine, &engine->reads, until_us);

        if (request == NULL && is_rested)
            return NULL;
        if (request == NULL)
            backend->rest_reader(engine->state, seat->number);
        else
            answer(engine, request, backend->read(engine->state, seat->number, request));
        is_rested = request == NULL || backend->rest_reader == NULL;
    }
}

static void *run_hasher(void *arg)
{
    struct store_engine *engine = arg;
    struct store_request *request;

    while ((request = take_one(engine, &engine->passwords, NEVER_US)) != NULL)
        answer(engine, request, store_request_verb(request)->work(request));
    return NULL;
}

static enum err start_thread(struct store_engine *engine, void *(*run)(void *), void *arg,
                             const char *name)
{
    pthread_t *thread = &engine->threads[engine->thread_count];

    if (pthread_create(thread, NULL, run, arg) != 0)
        return ERR_UNAVAILABLE;
    pthread_setname_np(*thread, name);
    engine->thread_count++;
    return ERR_NONE;
}

static enum err start_threads(struct store_engine *engine)
{
    enum err err = start_thread(engine, run_writer, engine, "store-write");

    for (unsigned i = 0; i < STORE_READERS && err == ERR_NONE; i++) {
        engine->seats[i] = (struct seat){.engine = engine, .number = i};
        err = start_thread(engine, run_reader, &engine->seats[i], "store-read");
    }
    return err ? err : start_thread(engine, run_hasher, engine, "store-password");
}

/* Signals are the main thread's: a new thread inherits the mask that holds while it is made. */
static enum err start_threads_without_signals(struct store_engine *engine)
{
    sigset_t all;
    sigset_t before;
    enum err err;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = start_threads(engine);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

static void end_threads(struct store_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->closing = true;
    pthread_cond_broadcast(&engine->changes.ready);
    pthread_cond_broadcast(&engine->reads.ready);
    pthread_cond_broadcast(&engine->passwords.ready);
    pthread_mutex_unlock(&engine->lock);
    while (engine->thread_count > 0)
        pthread_join(engine->threads[--engine->thread_count], NULL);
}

static void engine_free(struct store_engine *engine)
{
    pthread_cond_destroy(&engine->changes.ready);
    pthread_cond_destroy(&engine->reads.ready);
    pthread_cond_destroy(&engine->passwords.ready);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}

enum err store_engine_start(const struct store_backend *backend, void *state,
                            const struct store_config *config, struct store_engine **out)
{
    struct store_engine *engine = alloc_zero(sizeof *engine);
    enum err err;

    engine->backend = backend;
    engine->state = state;
    engine->commit_us = (uint64_t)config->commit_ms * 1000;
    engine->metrics = config->metrics;
    engine->log = config->log;
    atomic_init(&engine->healthy, true);
    engine->is_rested = true;
    pthread_mutex_init(&engine->lock, NULL);
    queue_init(&engine->changes);
    queue_init(&engine->reads);
    queue_init(&engine->passwords);
    if ((err = start_threads_without_signals(engine))) {
        end_threads(engine);
        engine_free(engine);
        return err;
    }
    *out = engine;
    return ERR_NONE;
}

void store_engine_stop(struct store_engine *engine)
{
    end_threads(engine);
    assert(engine->changes.len + engine->reads.len + engine->passwords.len == 0);
    engine->backend->close(engine->state);
    engine_free(engine);
}

static struct queue *queue_for(struct store_engine *engine, enum store_class class)
{
    switch (class) {
    case STORE_LOOK_UP:
        return &engine->reads;
    case STORE_CHANGE:
        return &engine->changes;
    case STORE_HASHING:
        return &engine->passwords;
    }
    return NULL;
}

/* The writer is woken by the first change, which starts a group, and by the one that fills it. */
static bool has_news(const struct store_engine *engine, const struct queue *queue)
{
    return queue != &engine->changes || queue->len == 1 || queue->len == GROUP_MAX;
}

void store_engine_submit(struct store_engine *engine, struct store_request *request)
{
    struct queue *queue = queue_for(engine, store_request_verb(request)->class);
    bool wakes;

    request->arrival_us = loop_clock_us();
    pthread_mutex_lock(&engine->lock);
    assert(!engine->closing);
    link_insert(&queue->list, &request->link);
    queue->len++;
    wakes = has_news(engine, queue);
    count_queued(engine);
    pthread_mutex_unlock(&engine->lock);
    /* Behind the lock, which the woken thread wants: on the same core it would only wait again. */
    if (wakes)
        pthread_cond_signal(&queue->ready);
}

void store_engine_count_drop(struct store_engine *engine)
{
    count(engine, METRIC_QUEUE_DROP_STORE);
}

bool store_engine_is_healthy(const struct store_engine *engine)
{
    return atomic_load(&engine->healthy);
}
