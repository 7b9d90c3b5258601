/*
 * admin_rig - a whole admin over a real control socket: the store in memory, a local bus and one
 * worker's accounts, all on one loop, and a client that asks.
 */
#pragma once

#include "admin/admin.h"
#include "net/local_socket.h"

enum { ADMIN_RIG_MAX_EVENTS = 16 };

struct admin_rig {
    struct loop *loop;
    struct store *store;
    struct bus *bus;
    struct device_epochs *epochs;
    struct relay *relay;
    struct relay_desk *desk; /* the worker's */
    struct relay_desk *own_desk;
    struct outbox *outbox;
    struct webhooks *webhooks;
    struct log *log;
    struct metric_set *metrics;
    struct roll_call workers;
    struct admin_config config;
    struct admin *admin;
    bool is_draining;
    bool is_listening;
    char directory[32];
    char path[64];

    struct local_socket *client; /* NULL when closed */
    struct buf answers;          /* all lines since the last question */
    bool is_answered;            /* the final line has come */

    struct bus_event events[ADMIN_RIG_MAX_EVENTS]; /* heard by a worker */
    int event_count;
};

/* For cmocka: *state is the rig. */
int admin_rig_open(void **state);
int admin_rig_close(void **state);

void admin_rig_connect(struct admin_rig *rig);
void admin_rig_disconnect(struct admin_rig *rig);

/* A user whom the store has, without the dear hash of a password; apikey NULL: a random one. */
void admin_rig_add_user(struct admin_rig *rig, const char *account, const char *apikey);

/* Sends a line and turns the loop until the final line, or the end of the channel; returns all
 * lines, NUL-terminated, valid until the next question. */
const char *admin_rig_ask(struct admin_rig *rig, const char *line);
/* Asks, and expects the final line to be a result; returns it. */
const char *admin_rig_do(struct admin_rig *rig, const char *line);
/* Asks, and expects a refusal with this code and text. */
void admin_rig_expect_refusal(struct admin_rig *rig, const char *line, const char *code,
                              const char *text);

/* The text of a string member anywhere in the answers: the first "key":"...". */
void admin_rig_member(const struct admin_rig *rig, const char *key, char *out, size_t cap);
