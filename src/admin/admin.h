/*
 * admin - the operators' edge: the control socket (`switchyard ctl`) and the admin HTTP pages.
 *
 * Runs on the main thread's loop and is given all it works on; it never blocks. The control socket
 * is a Unix socket of mode 0600: who may open it may do everything. The HTTP pages (/livez,
 * /readyz, /metrics) are routes for an http_server that the server makes for its admin listener.
 * The loop's thread only.
 *
 * To end: admin_stop(); turn the loop until admin_is_idle(); then the store, the bus and the
 * workers may go, and admin_close() frees what is left.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/problem.h"
#include "bus/bus.h"
#include "bus/relay.h"
#include "domain/quarantine.h"
#include "domain/roll_call.h"
#include "http/http_route.h"
#include "net/loop.h"
#include "outbox/webhooks.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What only the server knows; called on the loop's thread. */
struct admin_hooks {
    bool (*is_draining)(void *ctx);    /* shutting down, or told to take no more clients */
    bool (*is_listening)(void *ctx);   /* every configured listener is open */
    int64_t (*cert_expiry)(void *ctx); /* Unix seconds; 0: no certificate in use */
};

/* Texts and pointers are borrowed for admin's life. */
struct admin_config {
    struct loop *loop;
    struct store *store;
    struct bus *bus;
    struct quarantine *quarantine; /* of all workers */
    struct relay_desk *desk;       /* of this thread; nobody's home */
    const struct roll_call *workers;
    const struct device_watchers *watchers; /* of this thread; NULL: nobody watches */
    struct outbox *outbox;
    struct webhooks *webhooks;
    struct log *log;                   /* `ctl log level` changes its level */
    struct metric_set *const *metrics; /* all sets of the process */
    size_t metric_count;
    struct metric_set *own_metrics; /* one of them, the main thread's: gauges set at each scrape */
    const struct admin_hooks *hooks;
    void *hooks_ctx;
    const char *socket_path; /* of the control socket; NULL: none */
    const char *version;
    const char *node_id;
    const char *region; /* of users that are created without one; may be empty */
    int64_t started_ms; /* wall time of the server's start; 0: admin_open() */
};

struct admin;

/*
 * Opens the control socket (a stale socket file is replaced) and prepares the HTTP routes.
 * ERR_EXISTS: another live server answers on socket_path, or it is no socket. ERR_INVALID: the path
 * is too long. ERR_IO: it can't be made there. *problem says what to do.
 */
MUST_USE enum err admin_open(const struct admin_config *config, struct problem *problem,
                             struct admin **out);
/* Takes no more requests, closes the clients, removes the socket file. The HTTP routes stay. */
void admin_stop(struct admin *admin);
/* Nothing waits in the store or at the workers on admin's behalf. */
bool admin_is_idle(const struct admin *admin);
/* Only when idle; the http_server that has the routes is gone. Accepts NULL. */
void admin_close(struct admin *admin);

/* /livez, /readyz and /metrics, for http_server_config.routes; live as long as admin. */
const struct http_route *admin_routes(const struct admin *admin, size_t *count);
/* For http_server_config.format_refusal of the same server: {"error":STATUS,"reason":"..."}. */
unsigned admin_format_refusal(struct buf *out, unsigned status, struct str path);
