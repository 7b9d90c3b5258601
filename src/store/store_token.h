/*
 * store_token - access and refresh tokens, by the hash of their text. See store.h for how calls
 * end. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

enum token_kind { TOKEN_ACCESS = 1, TOKEN_REFRESH = 2 };

struct token_record {
    uint8_t hash[STORE_TOKEN_HASH_BYTES]; /* SHA-256 of the token's text */
    enum token_kind kind;
    char apikey[STORE_APIKEY_CAP];
    char appid[STORE_APP_ID_CAP];  /* the app it was issued to */
    char region[STORE_REGION_CAP]; /* of the user; filled by look-ups, not stored */
    int64_t issued_ms;
    int64_t expires_ms;
    int64_t revoked_ms; /* 0: not revoked */
    int64_t pair;       /* access and refresh token issued together have the same; 0: alone */
};

/* Which tokens a new pair leaves valid. */
enum token_policy {
    TOKENS_MANY,        /* all, up to max_pairs of the account: the oldest go */
    TOKENS_PER_APP,     /* none that were issued to the same app */
    TOKENS_PER_ACCOUNT, /* none of the account */
};

/* A pair to issue. Both have the same apikey, appid and pair. */
struct store_token_grant {
    struct token_record access;
    struct token_record refresh;
    bool is_rotation; /* in exchange for the pair of the refresh token that has this hash */
    uint8_t old_hash[STORE_TOKEN_HASH_BYTES];
    enum token_policy policy;
    unsigned max_pairs;      /* > 0 */
    int64_t purge_before_ms; /* some tokens that expired before are forgotten with it */
};

typedef void (*store_token_fn)(void *ctx, enum err err, const struct token_record *token);

MUST_USE enum err store_token_find(struct store *store, struct mailbox *reply,
                                   const uint8_t hash[STORE_TOKEN_HASH_BYTES],
                                   store_token_fn on_token, void *ctx);
MUST_USE enum err store_token_create(struct store *store, struct mailbox *reply,
                                     const struct token_record *token, store_done_fn on_done,
                                     void *ctx);
MUST_USE enum err store_token_revoke(struct store *store, struct mailbox *reply,
                                     const struct token_record *token, store_done_fn on_done,
                                     void *ctx); /* hash and revoked_ms are read */

/* The following end tokens, which are forgotten: on_token runs for each (hash and apikey), then
 * with NULL. */

/* Issues the pair and ends what it replaces, all of it or nothing. ERR_DENIED: the refresh token
 * that is to be replaced is none, or has been replaced, revoked or forgotten. */
MUST_USE enum err store_token_grant(struct store *store, struct mailbox *reply,
                                    const struct store_token_grant *grant, store_token_fn on_token,
                                    void *ctx);
/* The token of that hash and the other of its pair. */
MUST_USE enum err store_token_end(struct store *store, struct mailbox *reply,
                                  const uint8_t hash[STORE_TOKEN_HASH_BYTES],
                                  store_token_fn on_token, void *ctx);
MUST_USE enum err store_token_end_all(struct store *store, struct mailbox *reply, struct str apikey,
                                      store_token_fn on_token, void *ctx);
