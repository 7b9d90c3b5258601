/*
 * store_engine - the threads of an open store and the queues in front of them.
 *
 *     changes   -> one writer: gathers a group, commits it, answers it
 *     look-ups  -> STORE_READERS readers
 *     passwords -> one hasher, apart because argon2id takes tens of milliseconds and 64 MiB
 *
 * While one group is written to disk the next one gathers. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "store/store_backend.h"

struct store_engine;

/* Takes the backend's state on success: store_engine_stop() closes it. ERR_UNAVAILABLE when a
 * thread can't be started. */
MUST_USE enum err store_engine_start(const struct store_backend *backend, void *state,
                                     const struct store_config *config, struct store_engine **out);
/* Carries out and posts all that waits, ends the threads, closes the backend. */
void store_engine_stop(struct store_engine *engine);

/* Takes the request. Any thread; the caller bounds how many there are. */
void store_engine_submit(struct store_engine *engine, struct store_request *request);

/* A request found no room. Any thread. */
void store_engine_count_drop(struct store_engine *engine);

/* False after a failed commit until one succeeds again; tried once a second by itself. */
bool store_engine_is_healthy(const struct store_engine *engine);
