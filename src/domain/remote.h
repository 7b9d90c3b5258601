/*
 * remote - what an account asks of a device whose owner is at home on any worker.
 *
 * For everybody who is not an app's session of the owner: sessions of others, and REST, which is
 * answered by the worker that accepted it. The device's owner is looked up (a cache over the
 * store), his home is asked by letter, and there the same rules count as for his own sessions. The
 * thread of the worker that asks.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/accounts.h"
#include "domain/session.h"

#include <stdint.h>

struct remote_call; /* under way; ends with its callback or remote_cancel() */

struct remote_command {
    enum command_kind kind;
    struct str asker;    /* the apikey of the account that asks */
    uint64_t asker_conn; /* the session that asks, which is not told of its own change; or 0 */
    enum device_source source;
    struct str owner;               /* the device's, where it is known; else empty */
    struct command_request request; /* its apikey is only given back */
    void (*on_result)(void *ctx, const struct command_result *result);
    void *ctx;
};

/* Copies the request. on_result runs once, later. ERR_INVALID: a text is too long or the params are
 * of a wrong kind; ERR_FULL: too much is under way. */
MUST_USE enum err remote_command(struct accounts *accounts, const struct remote_command *command,
                                 struct remote_call **out);

/* err ERR_NONE: online[i] is '1' or '0' for ids[i]. */
typedef void (*remote_presence_fn)(void *ctx, enum err err, struct str online);

enum { REMOTE_PRESENCE_MAX = 1024 };

/* Which of an account's devices have a link: for lists, so nothing is said of who may see them. A
 * device that is not that owner's is offline. ERR_INVALID: more than REMOTE_PRESENCE_MAX. */
struct remote_presence {
    struct str owner;
    const struct str *ids; /* read within the call */
    size_t count;
    remote_presence_fn on_presence;
    void *ctx;
};
MUST_USE enum err remote_presence(struct accounts *accounts, const struct remote_presence *presence,
                                  struct remote_call **out);

/* Nobody waits for it any more: its callback will not run. What was asked may happen all the same.
 */
void remote_cancel(struct remote_call *call);
