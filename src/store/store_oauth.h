/*
 * store_oauth - where the pages of apps may be sent back to after a login, and the codes that they
 * are sent with. See store.h for how calls end. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

#include <stdint.h>

enum {
    STORE_OAUTH_URL_CAP = 513,
    STORE_OAUTH_URLS_MAX = 16, /* of one app */
    STORE_OAUTH_HASH_BYTES = 32,
};

/* A redirect URL of an app. */
struct store_oauth_redirect {
    char appid[STORE_APP_ID_CAP];
    char url[STORE_OAUTH_URL_CAP];
};

/* A code, which is exchanged once for tokens. */
struct store_oauth_code {
    uint8_t hash[STORE_OAUTH_HASH_BYTES]; /* SHA-256 of its text */
    char apikey[STORE_APIKEY_CAP];
    char appid[STORE_APP_ID_CAP];
    char url[STORE_OAUTH_URL_CAP]; /* the redirect URL that it was sent to */
    int64_t expires_ms;
    int64_t purge_before_ms; /* of a new one: some that expired before are forgotten with it */
};

typedef void (*store_oauth_redirect_fn)(void *ctx, enum err err,
                                        const struct store_oauth_redirect *redirect);
typedef void (*store_oauth_code_fn)(void *ctx, enum err err, const struct store_oauth_code *code);

/* ERR_NOT_FOUND: no such app; ERR_FULL: it has STORE_OAUTH_URLS_MAX. */
MUST_USE enum err store_oauth_add(struct store *store, struct mailbox *reply,
                                  const struct store_oauth_redirect *redirect,
                                  store_done_fn on_done, void *ctx);
MUST_USE enum err store_oauth_remove(struct store *store, struct mailbox *reply,
                                     const struct store_oauth_redirect *redirect,
                                     store_done_fn on_done, void *ctx);
/* Is it registered, byte for byte? */
MUST_USE enum err store_oauth_find(struct store *store, struct mailbox *reply,
                                   const struct store_oauth_redirect *redirect,
                                   store_oauth_redirect_fn on_found, void *ctx);
/* All of the app, in order, then NULL. */
MUST_USE enum err store_oauth_list(struct store *store, struct mailbox *reply, struct str appid,
                                   store_oauth_redirect_fn on_record, void *ctx);

/* Takes the place of one that the app has for the account. */
MUST_USE enum err store_oauth_code_create(struct store *store, struct mailbox *reply,
                                          const struct store_oauth_code *code,
                                          store_done_fn on_done, void *ctx);
/* Finds the code and forgets it in the same commit. */
MUST_USE enum err store_oauth_code_take(struct store *store, struct mailbox *reply,
                                        const uint8_t hash[STORE_OAUTH_HASH_BYTES],
                                        store_oauth_code_fn on_code, void *ctx);
