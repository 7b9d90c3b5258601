/*
 * history_setup - a worker's device history, made from the options, and the timer that flushes it.
 *
 * It is there to be read also when nothing is recorded. Of the owning worker.
 */
#pragma once

#include "domain/history.h"
#include "net/loop.h"
#include "server/config.h"

/* To be embedded; only here are its fields written. */
struct history_setup {
    struct history *history;
    struct timer timer;
    struct loop *loop;
    uint64_t flush_ms;
};

/* What a worker lends; its own, all borrowed. */
struct history_setup_desk {
    struct store *store;
    struct loop *loop;
    struct metric_set *metrics;
    struct device_watchers *watchers;
};

void history_setup_init(struct history_setup *setup, const struct config *options,
                        const struct history_setup_desk *desk);
/* Only when its history is idle. */
void history_setup_fini(struct history_setup *setup);
