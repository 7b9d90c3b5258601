/*
 * household - an account with a device in a memory store, and a clock that the test moves; its apps
 * and devices are witnesses.
 *
 * A household is one worker's home. A second one may join it as its neighbour: another worker, in
 * whose home OTHER lives.
 */
#pragma once

#include "base/buf.h"
#include "domain/accounts.h"
#include "store/store.h"
#include "witness.h"

#define OWNER "a4e77f7e-2116-4215-b961-6f3fc5982667"
#define OTHER "6d1f0c52-7b3e-4b44-9d8e-0f2f5a1b3c78" /* another worker's, where there are two */
#define DEVICE "100000140e"
#define FOREIGN "1000009999" /* OTHER's */

enum { HOUSEHOLD_COMMAND_MS = 4000, HOUSEHOLD_PENDING = 4, HOUSEHOLD_SESSIONS = 3 };
enum { HOUSEHOLD_ANSWER_MS = 30000, HOUSEHOLD_RETRY_MS = 180000, HOUSEHOLD_SHARES = 2 };
enum { HOUSEHOLD_PERMIT = 1 }; /* of the shares that witnesses offer */

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
    bool accepts_shares;
    uint64_t now_ms;
    uint64_t wake_ms; /* the last alarm that was asked for */
};

void household_open(struct household *home);
/* With shares.auto_accept. */
void household_open_with(struct household *home, bool accepts_shares);
/* Joins a household that has just been opened; to be closed first. */
void household_join(struct household *guest, struct household *host);
void household_close(struct household *home);
/* Delivers the store's and the neighbour's answers until none is owed to either. */
void household_settle(struct household *home);
/* Delivers what is there, here and next door, so many times: notices, which nobody waits for. */
void household_turn(struct household *home, int times);
void household_add_user(struct household *home, const char *apikey, const char *account);
/* The device becomes somebody else's, in the store alone. */
void household_give(struct household *home, const char *id, const char *owner);
/* OWNER shares a device of his, in the store alone. */
void household_share(struct household *home, const char *id, const char *sharee, unsigned permit);
/* Moves the clock and runs the alarm. */
void household_wait(struct household *home, uint64_t ms);
