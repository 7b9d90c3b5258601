/*
 * store_user - the accounts. See store.h for how calls end. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"
#include "store/store_token.h"

struct user_record {
    char apikey[STORE_APIKEY_CAP];   /* lower-case UUID; what devices and apps call the account */
    char account[STORE_ACCOUNT_CAP]; /* e-mail address (any case, kept in lower case), or phone
                                        number with country code */
    char region[STORE_REGION_CAP];
    char password_hash[STORE_PASSWORD_CAP]; /* argon2id, or empty: no login by password */
    int64_t created_ms;
};

typedef void (*store_user_fn)(void *ctx, enum err err, const struct user_record *user);

MUST_USE enum err store_user_find(struct store *store, struct mailbox *reply, struct str apikey,
                                  store_user_fn on_user, void *ctx);
MUST_USE enum err store_user_find_account(struct store *store, struct mailbox *reply,
                                          struct str account, store_user_fn on_user, void *ctx);
MUST_USE enum err store_user_list(struct store *store, struct mailbox *reply, struct str after,
                                  size_t limit, store_user_fn on_record, void *ctx);
MUST_USE enum err store_user_create(struct store *store, struct mailbox *reply,
                                    const struct user_record *user, store_done_fn on_done,
                                    void *ctx);
MUST_USE enum err store_user_set_password(struct store *store, struct mailbox *reply,
                                          const struct user_record *user, store_done_fn on_done,
                                          void *ctx); /* apikey and password_hash are read */
/* The same, and all of the account's tokens and OAuth codes end with it: on_token runs for each
 * token (hash and apikey), then with NULL. */
MUST_USE enum err store_user_renew_password(struct store *store, struct mailbox *reply,
                                            const struct user_record *user, store_token_fn on_token,
                                            void *ctx);
