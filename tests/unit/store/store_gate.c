#include "store_gate.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct gated {
    struct store_gate *gate;
    size_t changes; /* of the group that is being made */
};

void store_gate_init(struct store_gate *gate)
{
    memset(gate, 0, sizeof *gate);
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->passes, 0, 0);
    sem_init(&gate->rested, 0, 0);
    sem_init(&gate->reader_rested, 0, 0);
    pthread_mutex_init(&gate->lock, NULL);
}

void store_gate_fini(struct store_gate *gate)
{
    pthread_mutex_destroy(&gate->lock);
    sem_destroy(&gate->passes);
    sem_destroy(&gate->rested);
    sem_destroy(&gate->reader_rested);
    sem_destroy(&gate->entered);
}

void store_gate_fail(struct store_gate *gate, size_t failures)
{
    pthread_mutex_lock(&gate->lock);
    gate->failures = failures;
    pthread_mutex_unlock(&gate->lock);
}

size_t store_gate_group(struct store_gate *gate, size_t number)
{
    size_t changes;

    pthread_mutex_lock(&gate->lock);
    changes = number < gate->group_count ? gate->groups[number] : 0;
    pthread_mutex_unlock(&gate->lock);
    return changes;
}

/* The path's bytes are the gate's address: the one thing that a test can hand to a backend. */
static enum err gate_open(const struct store_config *config, struct problem *problem, void **out)
{
    struct gated *gated = alloc_zero(sizeof *gated);
    void *gate;

    memcpy(&gate, config->path, sizeof gate);
    gated->gate = gate;
    (void)problem;
    *out = gated;
    return ERR_NONE;
}

static void gate_close(void *state)
{
    free(state);
}

static enum err gate_begin(void *state)
{
    ((struct gated *)state)->changes = 0;
    return ERR_NONE;
}

static enum err gate_change(void *state, struct store_request *request)
{
    (void)request;
    ((struct gated *)state)->changes++;
    return ERR_NOT_FOUND;
}

static enum err gate_commit(void *state)
{
    struct gated *gated = state;
    struct store_gate *gate = gated->gate;
    enum err err = ERR_NONE;

    sem_post(&gate->entered);
    if (gate->is_shut)
        sem_wait(&gate->passes);
    pthread_mutex_lock(&gate->lock);
    if (gate->group_count < STORE_GATE_GROUPS)
        gate->groups[gate->group_count++] = gated->changes;
    if (gate->failures > 0) {
        gate->failures--;
        err = ERR_IO;
    }
    pthread_mutex_unlock(&gate->lock);
    return err;
}

static enum err gate_probe(void *state)
{
    struct store_gate *gate = ((struct gated *)state)->gate;

    pthread_mutex_lock(&gate->lock);
    gate->probes++;
    pthread_mutex_unlock(&gate->lock);
    return ERR_NONE;
}

static enum err gate_rest(void *state, bool *more)
{
    struct store_gate *gate = ((struct gated *)state)->gate;
    enum err err;

    pthread_mutex_lock(&gate->lock);
    *more = gate->rests_left > 0;
    gate->rests_left -= *more;
    err = gate->is_rest_to_fail ? ERR_IO : ERR_NONE;
    gate->is_rest_to_fail = false;
    pthread_mutex_unlock(&gate->lock);
    sem_post(&gate->rested);
    return err;
}

static void gate_rest_reader(void *state, unsigned reader)
{
    struct store_gate *gate = ((struct gated *)state)->gate;

    assert(reader < STORE_READERS);
    sem_post(&gate->reader_rested);
}

static enum err gate_read(void *state, unsigned reader, struct store_request *request)
{
    (void)state;
    (void)reader;
    (void)request;
    return ERR_NOT_FOUND;
}

static const struct store_backend gate_backend = {
    .open = gate_open,
    .close = gate_close,
    .begin = gate_begin,
    .change = gate_change,
    .commit = gate_commit,
    .probe = gate_probe,
    .rest = gate_rest,
    .read = gate_read,
    .rest_reader = gate_rest_reader,
};

enum err store_gate_open(struct store_gate *gate, const struct store_config *config,
                         struct store **out)
{
    struct store_config with_gate = *config;

    with_gate.path = (const char *)&gate;
    return store_open_backend(&gate_backend, &with_gate, NULL, out);
}
