/*
 * store_backend - what a backend implements: reading, and groups of changes.
 *
 * The facade validates, queues, groups, counts and answers; a backend only keeps records. `state`
 * is what its open() made. Requests are read for their arguments and filled with the answer.
 * Private to src/store and its tests.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "store/store.h"

struct store_request;

enum { STORE_READERS = 2 };

struct store_backend {
    enum err (*open)(const struct store_config *config, struct problem *problem, void **out);
    void (*close)(void *state);

    /*
     * One group, on one thread at a time: begin, any number of changes, commit. A change that fails
     * leaves no trace and does not harm the others. When commit fails nothing of the group is
     * kept, and the next group may begin.
     */
    enum err (*begin)(void *state);
    enum err (*change)(void *state, struct store_request *request);
    enum err (*commit)(void *state);
    /* In place of a change, in a group of its own: writes something that means nothing, to learn
     * whether commits work again. */
    enum err (*probe)(void *state);
    /* Between groups, when no change has come for a while: does some of what can wait; *more: call
     * again. It may write, and fails as a commit does. NULL: there is never anything. */
    enum err (*rest)(void *state, bool *more);

    /* Reader threads, each with its own number below STORE_READERS, beside a group. */
    enum err (*read)(void *state, unsigned reader, struct store_request *request);
    /* When nothing has been read for a while: gives memory back. NULL: there is never any. */
    void (*rest_reader)(void *state, unsigned reader);
};

extern const struct store_backend store_sqlite_backend;

/* As store_open(), with any backend. */
MUST_USE enum err store_open_backend(const struct store_backend *backend,
                                     const struct store_config *config, struct problem *problem,
                                     struct store **out);
