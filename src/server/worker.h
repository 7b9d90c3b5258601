/*
 * worker - one thread with everything of its own: loop, listeners, HTTP, gateway, accounts.
 *
 * Made and opened on the main thread before its own starts, freed there after it has ended. While
 * it runs, the calls marked so belong to the worker's thread (they come by roll call) and the
 * others to none.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/problem.h"
#include "bus/bus.h"
#include "gateway/gateway.h"
#include "outbox/webhooks.h"
#include "server/code_setup.h"
#include "server/config.h"
#include "server/doors.h"
#include "server/tls_setup.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>

struct worker;

/* All borrowed for the worker's life. */
struct worker_config {
    const struct config *options;
    size_t max_conns; /* open at each door */
    struct store *store;
    struct bus *bus;
    struct device_epochs *epochs;
    struct quarantine *quarantine;
    struct relay *relay;
    struct login_limit *logins;
    struct webhooks *webhooks;
    const uint8_t *page_key; /* OAUTH_KEY_BYTES */
    const struct code_setup *codes;
    const struct tls_setup *tls;
    struct log *log;
};

/* Subscribes to the bus and opens a desk, a home. */
struct worker *worker_new(const struct worker_config *config);
/* Ended, or never started; accepts NULL. */
void worker_free(struct worker *worker);

struct gateway *worker_gateway(struct worker *worker);
struct mailbox *worker_mailbox(struct worker *worker);
struct metric_set *worker_metrics(struct worker *worker);

/* Opens every door; a port 0 in *doors becomes the real one. */
MUST_USE enum err worker_listen(struct worker *worker, struct doors *doors,
                                struct problem *problem);

MUST_USE enum err worker_start(struct worker *worker);
/* Ends the thread, once, and waits for it; then what was sent to it is delivered here. */
void worker_end(struct worker *worker);

/* On the worker's thread: no more clients; every link and connection is closed in order. */
void worker_close(struct worker *worker);
/* On the worker's thread: all are gone and nothing waits in the store. */
bool worker_is_idle(const struct worker *worker);
