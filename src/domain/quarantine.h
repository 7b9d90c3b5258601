/*
 * quarantine - unknown devices that have asked to be let in, for an operator to look through.
 *
 * In memory, for all workers: such a device keeps trying, so that after a restart the list fills
 * again by itself. Its bounds: `max` devices, of which the one that was silent for longest gives
 * way, and QUARANTINE_NEW_PER_MINUTE new ones a minute. The key that came first is kept; others
 * under the same id are counted, as one of the two lies. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "store/store_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUARANTINE_NEW_PER_MINUTE = 60, QUARANTINE_PEER_CAP = 64, QUARANTINE_MAX = 10000 };

struct quarantine_record {
    char id[STORE_DEVICE_ID_CAP];
    char key[STORE_DEVICE_KEY_CAP]; /* the factory key that it has shown first */
    char model[STORE_MODEL_CAP];
    char peer[QUARANTINE_PEER_CAP]; /* of its last try */
    int64_t first_ms;               /* wall */
    int64_t last_ms;
    uint64_t count;      /* of tries */
    uint64_t other_keys; /* of tries with another key */
    bool is_rejected;
};

struct quarantine;

struct quarantine *quarantine_new(size_t max);       /* 0: keeps none; at most QUARANTINE_MAX */
void quarantine_free(struct quarantine *quarantine); /* accepts NULL */

/* A try. Texts that are too long to be a device's are passed over. quarantine may be NULL. */
struct quarantine_try {
    struct str id;
    struct str key;
    struct str model;
    const char *peer;
    int64_t wall_ms;
};
void quarantine_note(struct quarantine *quarantine, const struct quarantine_try *it);

/* A copy of the device of that id, or false. */
MUST_USE bool quarantine_find(struct quarantine *quarantine, struct str id,
                              struct quarantine_record *out);
/* Copies the n-th device, in no order that lasts; false past the end. */
MUST_USE bool quarantine_at(struct quarantine *quarantine, size_t n, struct quarantine_record *out);
/* From here on it is marked as rejected. False: there is none. */
MUST_USE bool quarantine_reject(struct quarantine *quarantine, struct str id);
/* False: there is none. */
bool quarantine_remove(struct quarantine *quarantine, struct str id);
/* Forgets all, and says how many there were. */
size_t quarantine_clear(struct quarantine *quarantine);
