/*
 * store_password - argon2id on a thread of the store; keeps nothing. See store.h. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

/* hash: NUL-terminated, borrowed for the callback. */
typedef void (*store_hash_fn)(void *ctx, enum err err, const char *hash);

MUST_USE enum err store_password_hash(struct store *store, struct mailbox *reply,
                                      struct str password, store_hash_fn on_hash, void *ctx);
MUST_USE enum err store_password_verify(struct store *store, struct mailbox *reply,
                                        struct str password, const char *hash,
                                        store_done_fn on_done, void *ctx); /* ERR_DENIED: wrong */
