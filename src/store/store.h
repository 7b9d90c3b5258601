/*
 * store - what survives a restart: one facade, backends behind it.
 *
 * Every call is asynchronous and never blocks: non-zero means the callback will never run
 * (ERR_FULL: too much is waiting; ERR_INVALID: a record breaks a bound); zero means it runs exactly
 * once, later, on the thread that delivers `reply`. Arguments are copied before a call returns. A
 * change's callback runs after its commit, and commits are durable (changes are committed in
 * groups). A look-up sees all changes whose callbacks have run. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/problem.h"
#include "base/str.h"
#include "net/mailbox.h"
#include "store/store_record.h"

#include <stddef.h>
#include <stdint.h>

struct store;

struct store_config {
    const char *path;           /* of the SQLite file; NULL: the memory backend, for tests */
    unsigned commit_ms;         /* a group of changes is committed at most this late */
    size_t max_waiting;         /* requests not answered yet; past it ERR_FULL */
    size_t max_waiting_bytes;   /* what they hold, likewise; 0: no bound beside max_waiting */
    size_t journal_bytes;       /* memory of changes not in their rows yet; 0: 8 MiB */
    struct metric_set *metrics; /* borrowed, for the store's threads alone; may be NULL */
    struct log *log;            /* borrowed; may be NULL */
};

/*
 * Opens, migrates and starts the threads. With a problem text that says what to do: ERR_IO;
 * ERR_INVALID, no database of ours or of a newer schema; ERR_BUSY, in use by another server.
 */
MUST_USE enum err store_open(const struct store_config *config, struct problem *problem,
                             struct store **out);
/* Commits what is waiting, posts all answers, ends the threads. Accepts NULL. The mailboxes must
 * live until it returns; answers may be delivered later. */
void store_close(struct store *store);
/* False after a failed commit until one succeeds again, which is tried once a second: for
 * readiness. */
bool store_is_healthy(const struct store *store);

typedef void (*store_done_fn)(void *ctx, enum err err);
typedef void (*store_app_fn)(void *ctx, enum err err, const struct app_record *app);
typedef void (*store_user_fn)(void *ctx, enum err err, const struct user_record *user);
typedef void (*store_token_fn)(void *ctx, enum err err, const struct token_record *token);
typedef void (*store_device_fn)(void *ctx, enum err err, const struct device_record *device);

/* Look-ups: ERR_NOT_FOUND, ERR_IO; the record is NULL unless ERR_NONE. */
MUST_USE enum err store_app_find(struct store *store, struct mailbox *reply, struct str id,
                                 store_app_fn on_app, void *ctx);
MUST_USE enum err store_user_find(struct store *store, struct mailbox *reply, struct str apikey,
                                  store_user_fn on_user, void *ctx);
MUST_USE enum err store_user_find_account(struct store *store, struct mailbox *reply,
                                          struct str account, store_user_fn on_user, void *ctx);
MUST_USE enum err store_token_find(struct store *store, struct mailbox *reply,
                                   const uint8_t hash[STORE_TOKEN_HASH_BYTES],
                                   store_token_fn on_token, void *ctx);
MUST_USE enum err store_device_find(struct store *store, struct mailbox *reply, struct str id,
                                    store_device_fn on_device, void *ctx);

/* Lists: on_record runs once per record in the order of the key, then once with NULL at the end (or
 * once with the error). At most `limit` records whose key is greater than `after`; fewer are
 * the last ones. limit > STORE_LIST_MAX: ERR_INVALID. */
MUST_USE enum err store_app_list(struct store *store, struct mailbox *reply, struct str after,
                                 size_t limit, store_app_fn on_record, void *ctx);
MUST_USE enum err store_user_list(struct store *store, struct mailbox *reply, struct str after,
                                  size_t limit, store_user_fn on_record, void *ctx);
MUST_USE enum err store_device_list(struct store *store, struct mailbox *reply,
                                    const struct store_device_range *range,
                                    store_device_fn on_record, void *ctx);

/* Changes. ERR_EXISTS: the key is taken; ERR_NOT_FOUND: what it changes or refers to is not there.
 */
MUST_USE enum err store_app_create(struct store *store, struct mailbox *reply,
                                   const struct app_record *app, store_done_fn on_done, void *ctx);
MUST_USE enum err store_app_disable(struct store *store, struct mailbox *reply, struct str id,
                                    bool disabled, store_done_fn on_done, void *ctx);
MUST_USE enum err store_user_create(struct store *store, struct mailbox *reply,
                                    const struct user_record *user, store_done_fn on_done,
                                    void *ctx);
MUST_USE enum err store_user_set_password(struct store *store, struct mailbox *reply,
                                          const struct user_record *user, store_done_fn on_done,
                                          void *ctx); /* apikey and password_hash are read */
MUST_USE enum err store_token_create(struct store *store, struct mailbox *reply,
                                     const struct token_record *token, store_done_fn on_done,
                                     void *ctx);
MUST_USE enum err store_token_revoke(struct store *store, struct mailbox *reply,
                                     const struct token_record *token, store_done_fn on_done,
                                     void *ctx); /* hash and revoked_ms are read */
/* All of `count` (<= STORE_BATCH_MAX) or none; an existing device of the same id gives ERR_EXISTS.
 */
MUST_USE enum err store_device_create(struct store *store, struct mailbox *reply,
                                      const struct device_record *devices, size_t count,
                                      store_done_fn on_done, void *ctx);
/* owner empty: nobody's. ERR_NOT_FOUND also when there is no such user. */
MUST_USE enum err store_device_assign(struct store *store, struct mailbox *reply, struct str id,
                                      struct str owner, store_done_fn on_done, void *ctx);
MUST_USE enum err store_device_update(struct store *store, struct mailbox *reply,
                                      const struct store_device_change *change,
                                      store_done_fn on_done, void *ctx);

/* argon2id on the store's threads. hash: NUL-terminated, borrowed for the callback. */
typedef void (*store_hash_fn)(void *ctx, enum err err, const char *hash);
MUST_USE enum err store_password_hash(struct store *store, struct mailbox *reply,
                                      struct str password, store_hash_fn on_hash, void *ctx);
MUST_USE enum err store_password_verify(struct store *store, struct mailbox *reply,
                                        struct str password, const char *hash,
                                        store_done_fn on_done, void *ctx); /* ERR_DENIED: wrong */
