/*
 * store_code - verification codes, by the hash of account, purpose and text. See store.h for how
 * calls end. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

enum {
    STORE_CODE_HASH_BYTES = 32,
    STORE_CODES_MAX = 10000, /* of which the first to expire go when more come */
};

struct code_record {
    char account[STORE_ACCOUNT_CAP]; /* need not exist */
    unsigned purpose;                /* of enum code_purpose */
    uint8_t hash[STORE_CODE_HASH_BYTES];
    int64_t expires_ms;
};

/* Replaces the account's earlier code of that purpose, and takes away what has expired by now_ms.
 */
MUST_USE enum err store_code_create(struct store *store, struct mailbox *reply,
                                    const struct code_record *code, int64_t now_ms,
                                    store_done_fn on_done, void *ctx);

/* One guess. */
struct code_guess {
    char account[STORE_ACCOUNT_CAP];
    unsigned purpose;
    uint8_t hash[STORE_CODE_HASH_BYTES];
    int64_t now_ms;
    unsigned max_attempts; /* the code is gone when so many have been wrong */
    bool is_right;         /* the answer; the code is gone then */
};

typedef void (*store_code_fn)(void *ctx, enum err err, const struct code_guess *guess);

/* A code that is not there, or has expired, is a wrong guess. */
MUST_USE enum err store_code_try(struct store *store, struct mailbox *reply,
                                 const struct code_guess *guess, store_code_fn on_guess, void *ctx);
