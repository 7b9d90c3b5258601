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
