/*
 * order - what an operator tells a device: asked by the main thread, done at its owner's home.
 *
 * Not for the hot path: each order is a mail to a worker, which asks as the device's owner would,
 * and one back.
 */
#pragma once

#include "domain/change.h"
#include "domain/roll_call.h"
#include "domain/session.h"

/* Copied. */
struct order {
    enum command_kind kind;
    struct str deviceid;
    struct str owner;
    struct json_value params; /* as the kind needs them */
};

/* error: the device's, with COMMAND_DEVICE_ERROR. */
typedef void (*order_fn)(void *ctx, enum command_outcome outcome, int64_t error);

/* on_done runs once, on the thread of `reply`. */
void order_give(const struct roll_call *workers, struct mailbox *reply, const struct order *order,
                order_fn on_done, void *ctx);
