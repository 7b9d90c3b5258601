/*
 * webhook_watcher - makes of what happens to devices the events that webhooks are told of
 * (docs/webhooks.md). One for each thread on which things happen to devices.
 */
#pragma once

#include "base/buf.h"
#include "domain/device_event.h"
#include "outbox/webhooks.h"

/* In its owner's memory; stays where it is until the last event. */
struct webhook_watcher {
    struct webhooks *webhooks; /* borrowed */
    struct buf body;           /* scratch for one event */
};

/* Where no webhook wants a kind of event, it costs a look at a number. */
void webhook_watcher_start(struct webhook_watcher *watcher, struct webhooks *webhooks,
                           struct device_watchers *watchers);
void webhook_watcher_fini(struct webhook_watcher *watcher); /* zero-filled is accepted */
