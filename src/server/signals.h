/*
 * signals - SIGTERM, SIGINT and SIGHUP as events of the main loop.
 *
 * Blocks them for the calling thread and all threads that it makes afterwards: open it first.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "net/loop.h"

struct signals;

typedef void (*signals_fn)(void *ctx, int number);

MUST_USE enum err signals_open(struct loop *loop, signals_fn on_signal, void *ctx,
                               struct signals **out);
/* Accepts NULL. The signals are as they were before; those that came meanwhile are dropped. */
void signals_close(struct signals *signals);
