/*
 * simulate_run - what the simulated devices and apps of one run share.
 *
 * Private to simulate. One thread.
 */
#pragma once

#include "ctl/client.h"
#include "ctl/consecutive_id.h"
#include "ctl/ctl.h"
#include "ctl/simulate_options.h"
#include "net/loop.h"
#include "tls/tls_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIMULATE_ID_CAP = CONSECUTIVE_ID_CAP };

struct simulate_run {
    struct simulate_options options;
    struct loop *loop;
    struct client_config client;
    size_t online;
    bool is_over;
    int status; /* enum ctl_exit */
};

/* One of the simulated clients. */
struct simulated {
    struct simulate_run *run;
    struct client *client;
    char id[SIMULATE_ID_CAP];
    char nonce[9];
    bool is_on; /* a device's switch */
    int step;   /* of an app's journey */
};

extern const struct client_events simulate_device_events;
extern const struct client_events simulate_app_events;

/* Prints requests, answers and frames, each with an arrow for its direction. */
void simulate_trace(void *ctx, struct client *client, enum client_trace what, struct str text);
void simulate_stop(struct simulate_run *run, int status);
