/*
 * store_direct - a backend called without the threads of a store: one call after the other.
 *
 * For tests: requests are made, carried out and freed here.
 */
#pragma once

#include "store/store_backend.h"
#include "store/store_device_verb.h"
#include "store/store_request.h"

#include <stdbool.h>
#include <stddef.h>

struct store_direct {
    const struct store_backend *backend;
    void *state;
};

/* path NULL: the model of it. Fails the test when it can't be opened. */
void store_direct_open(struct store_direct *direct, const char *path, size_t journal_bytes);
void store_direct_close(struct store_direct *direct);

/* Fail the test unless they succeed. */
void store_direct_begin(struct store_direct *direct);
void store_direct_commit(struct store_direct *direct);
bool store_direct_rest(struct store_direct *direct); /* true: there is more to do */

/* Within a group. */
enum err store_direct_create_user(struct store_direct *direct, const char *apikey);
enum err store_direct_create_device(struct store_direct *direct, const char *id, const char *owner);
enum err store_direct_assign(struct store_direct *direct, const char *id, const char *owner);
enum err store_direct_update(struct store_direct *direct, const struct store_device_change *change);

/* A group of its own: devices d0, d1, ..., nobody's. */
void store_direct_create_devices(struct store_direct *direct, unsigned count);
/* A group of its own: {"n":n} as the device's params. */
void store_direct_number(struct store_direct *direct, const char *id, unsigned n);

/* A request filled with the answer, which is in its err; the caller frees it. Reader 0. */
struct store_request *store_direct_find(struct store_direct *direct, const char *id);
struct store_request *store_direct_list(struct store_direct *direct, const char *owner,
                                        const char *after, size_t limit);
/* The n of the device's params; fails the test when there is none. */
unsigned store_direct_find_number(struct store_direct *direct, const char *id);
