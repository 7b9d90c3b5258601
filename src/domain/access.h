/*
 * access - who may come in: access tokens and apps, from a bounded cache over the store.
 *
 * One per worker. A verdict follows the founding document's codes: denied (401) for a token that is
 * missing, malformed, unknown or revoked; expired (402); forbidden (403) where the app is unknown,
 * disabled, or not the one the token was issued to. Revocations arrive by the bus and count at
 * once. The owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/metric.h"
#include "base/str.h"
#include "bus/bus.h"
#include "store/store.h"
#include "store/store_app.h"
#include "store/store_device.h"
#include "store/store_user.h"

#include <stdbool.h>
#include <stdint.h>

enum access_verdict {
    ACCESS_GRANTED,
    ACCESS_DENIED,
    ACCESS_EXPIRED,
    ACCESS_FORBIDDEN,
    ACCESS_FAILED, /* the store did not answer */
};

struct access_grant {
    enum access_verdict verdict;
    char apikey[STORE_APIKEY_CAP]; /* the rest only when granted */
    char appid[STORE_APP_ID_CAP];
    char region[STORE_REGION_CAP];
    unsigned quirks; /* of enum app_quirk */
    uint8_t token_hash[STORE_TOKEN_HASH_BYTES];
    uint64_t generation; /* how many revocations the worker that gave it had heard of */
};

struct access_config {
    struct store *store;     /* borrowed */
    struct mailbox *mailbox; /* of the owning worker; borrowed */
    struct metric_set *metrics;
    size_t max_cached; /* tokens, and apps, each */
    uint64_t cache_ms; /* an entry is asked for again after this long */
    bool unknown_apps; /* tokens that were issued to no app of ours hold */
};

struct access;

struct access *access_new(const struct access_config *config);
void access_free(struct access *access); /* accepts NULL; only when idle */
/* No question is under way: nothing waits in the store on its behalf. */
bool access_is_idle(const struct access *access);

/* Times of one question: wall for expiry, monotonic for the cache. */
struct access_time {
    int64_t wall_ms;
    uint64_t now_ms;
};

typedef void (*access_fn)(void *ctx, const struct access_grant *grant);

/* Views are copied when the answer has to wait. */
struct access_question {
    struct str token;          /* the text behind "Bearer "; ptr NULL: asks for the app alone */
    const uint8_t *token_hash; /* instead of the text, of a grant that is asked about again */
    struct str appid;          /* empty: not checked, the token's app counts */
    struct access_time time;
    access_fn on_grant;
    void *ctx;
};

/*
 * Answers from the cache when it can: true, and *grant is filled. False: on_grant will be called
 * once, later. Without a token the grant is of the app alone (its quirks; apikey empty): for apps
 * that may dispatch unauthorized.
 */
bool access_check(struct access *access, const struct access_question *question,
                  struct access_grant *grant);

/* The whole record of an app or an account: on_found runs once, later, as the store's do. */
MUST_USE enum err access_find_app(struct access *access, struct str appid, store_app_fn on_found,
                                  void *ctx);
MUST_USE enum err access_find_user(struct access *access, struct str apikey, store_user_fn on_found,
                                   void *ctx);

/* A grant that another worker has given still holds here: this worker has heard of no revocation
 * that the other had not. All hear of the same ones in the same order, so counting does. False: ask
 * again (a revocation that this worker has yet to hear of ends the session then). */
bool access_is_current(const struct access *access, const struct access_grant *grant);

/* A device by its id and factory key. */
enum device_verdict {
    DEVICE_GRANTED,
    DEVICE_WRONG_KEY,
    DEVICE_UNKNOWN,  /* not in the store */
    DEVICE_DISABLED, /* the key is right, but an operator has disabled it */
    DEVICE_UNOWNED,  /* the key is right, but the device belongs to nobody yet */
    DEVICE_FAILED,   /* the store did not answer */
};

typedef void (*access_device_fn)(void *ctx, enum device_verdict verdict,
                                 const struct device_record *device);

/* on_verdict runs once, later; the device is given when granted, else NULL. ERR_FULL: the store is
 * too busy. */
MUST_USE enum err access_check_device(struct access *access, struct str id, struct str key,
                                      access_device_fn on_verdict, void *ctx);

/* To be called for every bus event. */
void access_on_event(struct access *access, const struct bus_event *event);
