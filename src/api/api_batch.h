/*
 * api_batch - commands to several devices at once, each at its owner's home. Private to api.
 *
 * A batch outlives the call that began it, when that does not wait for the devices. The owning
 * worker's thread only.
 */
#pragma once

#include "api/api.h"
#include "base/json.h"
#include "base/str.h"
#include "domain/session.h"
#include "net/timer.h"

#include <stddef.h>
#include <stdint.h>

struct api_batch;

/* What the change of a call is told to the account's sessions with, as if an app had made it: the
 * time. */
struct str api_batch_sequence(const struct api *api, char out[STR_U64_CAP]);

enum { API_BATCH_WAITS = -1 }; /* COMMAND_* else: how it ended */

struct api_batch_item {
    char deviceid[STORE_DEVICE_ID_CAP];
    size_t thing; /* the caller's number for it */
    int outcome;  /* enum command_outcome, or API_BATCH_WAITS while there is none */
};

/* Runs once, in api_batch_run() or later: all have ended, or the time is over. */
typedef void (*api_batch_fn)(void *ctx, const struct api_batch_item *items, size_t count);

/* For at most `cap` commands in the name of the account. */
struct api_batch *api_batch_new(struct api *api, struct str apikey, size_t cap);
/* Copies; one that is no device's id ends as forbidden, params of a wrong kind as invalid. */
void api_batch_add(struct api_batch *batch, size_t thing, struct str deviceid,
                   struct json_value params);
/* Takes the batch. on_end NULL: nobody waits. timeout_ms 0: as long as commands take. */
void api_batch_run(struct api_batch *batch, uint64_t timeout_ms, api_batch_fn on_end, void *ctx);
