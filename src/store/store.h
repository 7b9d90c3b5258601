/*
 * store - what survives a restart: a facade for each resource (store_app.h, store_device.h, ...),
 * backends behind them.
 *
 * Every call of a facade is asynchronous and never blocks: non-zero means the callback will never
 * run (ERR_FULL: too much is waiting; ERR_INVALID: a record breaks a bound); zero means it runs
 * exactly once, later, on the thread that delivers `reply`. Arguments are copied before a call
 * returns. A change's callback runs after its commit, and commits are durable (changes are
 * committed in groups). A look-up sees all changes whose callbacks have run. Any thread.
 *
 * Look-ups end with ERR_NOT_FOUND or ERR_IO; the record is NULL unless ERR_NONE. A list's callback
 * runs once per record in the order of the key, then once with NULL at the end (or once with the
 * error). At most `limit` records whose key is greater than `after`; fewer are the last ones.
 * limit > STORE_LIST_MAX: ERR_INVALID. Changes end with ERR_EXISTS when the key is taken, with
 * ERR_NOT_FOUND when what they change or refer to is not there.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/problem.h"
#include "base/str.h"
#include "net/mailbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct store_config {
    const char
        *path; /* of the SQLite file; NULL: one without a name, gone when it closes: for tests */
    unsigned commit_ms;         /* a group of changes is committed at most this late */
    size_t max_waiting;         /* requests not answered yet; past it ERR_FULL */
    size_t max_waiting_bytes;   /* what they hold, likewise; 0: no bound beside max_waiting */
    size_t journal_bytes;       /* memory of changes not in their rows yet; 0: 8 MiB */
    struct metric_set *metrics; /* borrowed, for the store's threads alone; may be NULL */
    struct log *log;            /* borrowed; may be NULL */
};

/*
 * Opens, migrates and starts the threads. With a problem text that says what to do: ERR_IO;
 * ERR_INVALID, no database of ours or of a newer schema; ERR_BUSY, in use by another server.
 */
MUST_USE enum err store_open(const struct store_config *config, struct problem *problem,
                             struct store **out);
/* Commits what is waiting, posts all answers, ends the threads. Accepts NULL. The mailboxes must
 * live until it returns; answers may be delivered later. */
void store_close(struct store *store);
/* False after a failed commit until one succeeds again, which is tried once a second: for
 * readiness. */
bool store_is_healthy(const struct store *store);

/* The callback of a change, and of whatever has nothing to tell but how it ended. */
typedef void (*store_done_fn)(void *ctx, enum err err);
