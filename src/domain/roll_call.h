/*
 * roll_call - asks every worker the same question and gathers the answers.
 *
 * For operators' calls, not for the hot path: each question is a mail to each worker and one back.
 */
#pragma once

#include "base/buf.h"
#include "domain/accounts.h"
#include "net/mailbox.h"

#include <stddef.h>
#include <stdint.h>

enum { ROLL_CALL_MAX_WORKERS = 64 };

/* The workers that are asked; filled by the server once, before any call. */
struct roll_call {
    struct mailbox *mailboxes[ROLL_CALL_MAX_WORKERS];
    struct accounts *accounts[ROLL_CALL_MAX_WORKERS];
    size_t count;
};

/* Runs on each worker's thread and may append to `out`, that worker's own. */
typedef void (*roll_call_fn)(void *ctx, size_t worker, struct accounts *accounts, struct buf *out);
/* Runs once on the asking thread when all have answered: one buf per worker, freed after it. */
typedef void (*roll_call_done_fn)(void *ctx, const struct buf *answers, size_t count);

/* ctx must stay valid, and be safe to read from several threads, until on_done has run. */
void roll_call_ask(const struct roll_call *workers, struct mailbox *reply, roll_call_fn ask,
                   roll_call_done_fn on_done, void *ctx);
