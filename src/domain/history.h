/*
 * history - what happens to the devices at home on one worker, kept for people who ask later.
 *
 * A watcher of device events (device_event.h): presence with its reason, and commands with their
 * end. Entries gather in memory and go to the store in groups when the owner of this object says
 * so, so that a command costs it no write; what a kill takes with it is what has happened since.
 * Of a device that does much only the newest `keep` are written at all. Entries past the bound of
 * memory, or that the store refuses, are dropped and counted. The owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/metric.h"
#include "domain/device_event.h"
#include "store/store_history.h"

#include <stdbool.h>
#include <stddef.h>

enum { HISTORY_BYTES_MAX = 4 * 1024 * 1024 }; /* of entries that wait */

struct history_config {
    struct store *store;
    struct mailbox *mailbox;    /* of the owning worker */
    struct metric_set *metrics; /* may be NULL */
    size_t keep;                /* of each device; 1 to STORE_HISTORY_KEEP_MAX */
    void (*wake)(void *ctx);    /* the first entry waits: history_flush() is wanted in a while */
    void *ctx;
};

struct history;

struct history *history_new(const struct history_config *config);
void history_free(
    struct history *history); /* accepts NULL; only when idle; what waits is dropped */

struct device_watcher history_watcher(struct history *history);

/* Hands what waits to the store. What that has no room for keeps waiting, and wakes again. */
void history_flush(struct history *history);
/* Nothing of its own is under way in the store. */
bool history_is_idle(const struct history *history);

/* What the store has of a device of this owner, read with history_entry.h; what waits is not among
 * it. Errors and callbacks as of store_history.h. */
MUST_USE enum err history_find(struct history *history, struct str id, struct str owner,
                               store_history_fn on_found, void *ctx);
MUST_USE enum err history_clear(struct history *history, struct str id, struct str owner,
                                store_done_fn on_done, void *ctx);
