/*
 * store_gate - a backend that knows nothing, behind a gate: a test holds its commits back, makes
 * them fail, and learns which groups they had.
 */
#pragma once

#include "base/attr.h"
#include "store/store_backend.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>

enum { STORE_GATE_GROUPS = 16 };

struct store_gate {
    sem_t entered; /* posted by each commit as it starts */
    sem_t passes;  /* taken by each commit before it ends, while `is_shut` */
    sem_t rested;  /* posted by each rest of the writer */
    sem_t reader_rested;
    bool is_shut; /* set before the store opens */

    pthread_mutex_t lock; /* guards what follows */
    size_t failures;      /* commits that are to fail */
    size_t probes;
    size_t rests_left;                /* rests that say that there is more to do */
    bool is_rest_to_fail;             /* the next one */
    size_t groups[STORE_GATE_GROUPS]; /* changes in each commit; 0: a probe */
    size_t group_count;
};

void store_gate_init(struct store_gate *gate);
void store_gate_fini(struct store_gate *gate);

void store_gate_fail(struct store_gate *gate, size_t failures);
size_t store_gate_group(struct store_gate *gate, size_t number); /* 0 when there was none */

/* Opens a store over it; config->path is not looked at. The gate outlives the store. */
MUST_USE enum err store_gate_open(struct store_gate *gate, const struct store_config *config,
                                  struct store **out);
