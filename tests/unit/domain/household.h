/*
 * household - an account with a device in a memory store, app sessions and links that write down
 * what they are told, and a clock that the test moves.
 *
 * A household is one worker's home. A second one may join it as its neighbour: another worker, in
 * whose home OTHER lives.
 */
#pragma once

#include "base/buf.h"
#include "domain/accounts.h"
#include "domain/device_link.h"
#include "domain/session.h"
#include "store/store.h"

#define OWNER "a4e77f7e-2116-4215-b961-6f3fc5982667"
#define OTHER "6d1f0c52-7b3e-4b44-9d8e-0f2f5a1b3c78" /* another worker's, where there are two */
#define DEVICE "100000140e"
#define FOREIGN "1000009999" /* OTHER's */

enum { HOUSEHOLD_COMMAND_MS = 4000, HOUSEHOLD_PENDING = 4, HOUSEHOLD_SESSIONS = 3 };

struct household {
    struct store *store;
    struct metric_set *metrics; /* of the store */
    struct relay *relay;
    struct relay_desk *desk;
    struct household *neighbour; /* NULL: lives alone */
    bool is_guest;               /* the neighbour has the store and the relay */
    struct loop *loop;
    struct mailbox *mailbox; /* the loop's */
    struct device_epochs *epochs;
    struct device_watchers watchers; /* none, until a test adds its own */
    struct accounts *accounts;
    uint64_t now_ms;
    uint64_t wake_ms; /* the last alarm that was asked for */
};

/* An app or a device: what it was told, one line each, in `told`. */
struct witness {
    struct household *home;
    uint64_t conn_id;
    struct buf told;
    struct session *session;
    struct device_link *link;
    char sequence[24]; /* of the last command */
    enum err opened;
    size_t max_params; /* of a device: longer ones are too large for it */
};

void household_open(struct household *home);
/* Joins a household that has just been opened; to be closed first. */
void household_join(struct household *guest, struct household *host);
void household_close(struct household *home);
/* Delivers the store's and the neighbour's answers until none is owed to either. */
void household_settle(struct household *home);
/* Delivers what is there, here and next door, so many times: notices, which nobody waits for. */
void household_turn(struct household *home, int times);
/* The device becomes somebody else's, in the store alone. */
void household_give(struct household *home, const char *id, const char *owner);
/* OWNER shares a device of his, in the store alone. */
void household_share(struct household *home, const char *id, const char *sharee, unsigned permit);
/* Moves the clock and runs the alarm. */
void household_wait(struct household *home, uint64_t ms);

void witness_app(struct witness *app, struct household *home, const char *apikey);
void witness_device(struct witness *device, struct household *home, const char *id);
/* With what was read of the device; asks the store for nothing by itself. */
void witness_device_read(struct witness *device, struct household *home, const char *id,
                         const struct device_reading *reading);
/* As witness_device(), of a firmware that takes commands at this pace. */
void witness_slow_device(struct witness *device, struct household *home, struct device_pace pace);
void witness_leave(struct witness *witness);
void witness_update(struct witness *app, const char *id, const char *sequence, const char *params);
void witness_upgrade(struct witness *app, const char *id, const char *sequence, const char *params);
void witness_query(struct witness *app, const char *id, const char *names);
void witness_ack(struct witness *device, int error);
enum err witness_report(struct witness *device, const char *params);
/* Asserts what was told since the last call. */
void witness_was_told(struct witness *witness, const char *lines);
