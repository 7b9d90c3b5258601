/*
 * twin - the gateways of two workers, their loops turned by hand on the test's one thread, over a
 * memory store and a local bus; clients are bare sockets.
 *
 * Turning one loop at a time decides who hears of what first, so races between workers can be told
 * step by step.
 */
#pragma once

#include "base/buf.h"
#include "gateway/gateway.h"

#include <stdbool.h>
#include <stddef.h>

#define TWIN_OWNER "a4e77f7e-2116-4215-b961-6f3fc5982668" /* at home on the second worker */
#define TWIN_TOKEN "a-token-of-the-owner"

struct twin_worker {
    struct loop *loop;
    struct relay_desk *desk;
    struct access *access;
    struct gateway *gateway;
    struct conn_config conn;
};

struct twin {
    struct store *store;
    struct bus *bus;
    struct relay *relay;
    struct device_epochs *epochs;
    struct twin_worker workers[2];
    struct gateway *gateways[2];
};

/* A client of a worker: its socket, and all that it was sent. */
struct twin_client {
    struct twin *twin;
    int fd;
    struct buf got;
};

int twin_open(void **state);
int twin_open_impatient(void **state); /* links may be silent for a moment only */
/* Closes the gateways first where the test has not. */
int twin_close(void **state);

/* One turn of one worker's loop. */
void twin_turn(struct twin *twin, size_t worker);

void twin_connect(struct twin *twin, size_t worker, struct twin_client *client);
void twin_say(struct twin_client *client, const char *text);
void twin_ping(struct twin_client *client);
/* Turns both loops once; whether the client has been sent `text` by now. */
bool twin_was_sent(struct twin_client *client, const char *text);
/* Turns them until it was; fails the test when it never is. */
void twin_await(struct twin_client *client, const char *text);
void twin_hang_up(struct twin_client *client);

/* Commits the revocation of TWIN_TOKEN and posts it to both workers, whose loops have not turned
 * since. */
void twin_revoke(struct twin *twin);
/* App sessions and device links that a worker's accounts have. */
size_t twin_census(struct twin *twin, size_t worker);
