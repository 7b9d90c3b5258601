/*
 * server_private - what server.c (running and stopping) and server_open.c (opening and closing)
 * share.
 */
#pragma once

#include "admin/admin.h"
#include "bus/bus.h"
#include "bus/relay.h"
#include "domain/login_limit.h"
#include "domain/oauth.h"
#include "domain/roll_call.h"
#include "domain/webhook_watcher.h"
#include "net/loop.h"
#include "outbox/outbox.h"
#include "server/admin_site.h"
#include "server/announcer.h"
#include "server/code_setup.h"
#include "server/data_directory.h"
#include "server/doors.h"
#include "server/idle_trim.h"
#include "server/server.h"
#include "server/signals.h"
#include "server/tls_setup.h"
#include "server/worker.h"
#include "store/store.h"

#include <assert.h>

enum {
    SERVER_WORKERS_MAX = ROLL_CALL_MAX_WORKERS,
    SERVER_SETS_MAX = SERVER_WORKERS_MAX + 3, /* the workers', the store's, the outbox's, ours */
};

static_assert((int)SERVER_WORKERS_MAX < (int)BUS_MAX_SUBSCRIBERS, "each worker subscribes");
static_assert((int)SERVER_WORKERS_MAX < (int)RELAY_MAX_DESKS, "each worker has a desk");

/*
 *   STARTING --ready--> RUNNING --signal--> CLOSING --all idle--> LEAVING --> the loop stops
 *                                  workers close their links      admin closes
 */
enum server_state { SERVER_STARTING, SERVER_RUNNING, SERVER_CLOSING, SERVER_LEAVING };

struct server {
    struct server_config config;
    struct config *options;
    struct log *log;
    struct loop *loop;
    struct signals *signals;
    struct data_directory *data;
    struct tls_setup *tls;
    struct store *store;
    struct outbox *outbox;
    struct webhooks *webhooks;
    struct code_setup *codes;
    struct webhook_watcher webhook_watcher; /* of the main thread */
    struct bus *bus;
    struct device_epochs *epochs;
    struct quarantine *quarantine;
    struct relay *relay;
    struct relay_desk *desk; /* the main thread's */
    struct login_limit *logins;
    uint8_t page_key[OAUTH_KEY_BYTES]; /* of this run: a page outlives no restart */
    struct metric_set *store_metrics;
    struct metric_set *outbox_metrics;
    struct metric_set *own_metrics;
    struct metric_set *sets[SERVER_SETS_MAX];
    size_t set_count;
    size_t max_conns; /* of each worker at each door */
    size_t worker_count;
    struct worker *workers[SERVER_WORKERS_MAX];
    struct gateway *gateways[SERVER_WORKERS_MAX];
    struct roll_call roll_call;
    struct device_watchers watchers; /* of devices, on the main thread */
    struct doors doors;
    struct bus_node node;
    char control_path[CONFIG_PATH_CAP];
    char ports_path[CONFIG_PATH_CAP];
    struct admin *admin;
    struct admin_site *site;
    struct announcer *announcer;
    struct timer rotate;
    struct timer trim;
    struct idle_trim idle_trim;
    struct timer alive;
    struct timer poll;
    bool was_quiet; /* no letter was under way when the workers were asked whether they are idle */
    uint64_t sent;  /* letters until then */
    struct timer deadline;
    enum server_state state;
    enum server_end end;
};

/* server.c: what the opened server is driven by. */
void server_on_signal(void *ctx, int number);
void server_start_timers(struct server *server);
extern const struct admin_hooks server_admin_hooks;
