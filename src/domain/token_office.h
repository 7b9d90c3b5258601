/*
 * token_office - issues pairs of tokens, exchanges and ends them.
 *
 * Texts are 40 hex digits; the store keeps their hashes. What ends is published on the bus once it
 * is committed, so that each worker forgets it and ends its sessions. Of one worker; calls answer
 * once, later, on its thread. Rules: docs/protocol.md, "Tokens".
 */
#pragma once

#include "base/attr.h"
#include "base/log.h"
#include "base/metric.h"
#include "bus/bus.h"
#include "domain/access.h"
#include "store/store_token.h"
#include "store/store_user.h"

#include <stdint.h>

enum { TOKEN_OFFICE_TEXT_CAP = 41 };

struct token_office_config {
    struct store *store;     /* borrowed, as are all */
    struct mailbox *mailbox; /* of the owning worker */
    struct bus *bus;
    struct metric_set *metrics;
    struct log *log;
    int64_t access_ms;  /* how long an access token is valid */
    int64_t refresh_ms; /* likewise */
    enum token_policy policy;
    unsigned max_pairs; /* of one account */
};

struct token_office_pair {
    char access[TOKEN_OFFICE_TEXT_CAP];
    char refresh[TOKEN_OFFICE_TEXT_CAP];
    int64_t access_expires_ms; /* wall */
    int64_t refresh_expires_ms;
};

struct token_office;

struct token_office *token_office_new(const struct token_office_config *config);
void token_office_free(struct token_office *office); /* accepts NULL; no answer is owed */

/* Unless granted, pair and user are NULL. They are wiped after the call. A refresh gives both, an
 * issue the pair alone. */
typedef void (*token_office_fn)(void *ctx, enum access_verdict verdict,
                                const struct token_office_pair *pair,
                                const struct user_record *user);

/* Views are copied. */
struct token_office_order {
    struct str apikey;  /* to issue */
    struct str refresh; /* to exchange: the text of a refresh token */
    struct str appid;   /* issue: empty for none; exchange: empty for the token's own */
    int64_t wall_ms;
    token_office_fn on_pair;
    void *ctx;
};

/* ERR_FULL: the store is too busy; ERR_INVALID: a text breaks a bound. */
MUST_USE enum err token_office_issue(struct token_office *office,
                                     const struct token_office_order *order);
/*
 * A new pair for a refresh token, which ends with its access token in the same commit: whoever
 * shows it again is denied. Expired: ACCESS_EXPIRED; another app's: ACCESS_FORBIDDEN.
 */
MUST_USE enum err token_office_exchange(struct token_office *office,
                                        const struct token_office_order *order);

/* Ends the token of that hash and the other of its pair. */
MUST_USE enum err token_office_end(struct token_office *office,
                                   const uint8_t hash[STORE_TOKEN_HASH_BYTES],
                                   store_done_fn on_done, void *ctx);
/* A new password, given as its hash, ends all of the account's. */
MUST_USE enum err token_office_renew_password(struct token_office *office, struct str apikey,
                                              const char *password_hash, store_done_fn on_done,
                                              void *ctx);
