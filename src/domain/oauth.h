/*
 * oauth - codes that an app's page is sent back with, and the seal of the page that a login was
 * typed into.
 *
 * A code is random, short-lived, bound to its app and redirect URL, and exchanged once; the store
 * keeps its hash. A seal proves that a form was made here, for this browser and not long ago. Of
 * one worker; calls answer once, later, on its thread. Rules: docs/protocol.md, "OAuth 2.0".
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "net/mailbox.h"
#include "store/store_oauth.h"

#include <stdbool.h>
#include <stdint.h>

enum { OAUTH_CODE_CAP = 41, OAUTH_SEAL_CAP = 65, OAUTH_KEY_BYTES = 32 };

struct oauth_config {
    struct store *store;     /* borrowed */
    struct mailbox *mailbox; /* of the owning worker; borrowed */
    const uint8_t *key;      /* OAUTH_KEY_BYTES, of all workers; borrowed */
    int64_t code_ms;         /* how long a code can be exchanged */
    int64_t page_ms;         /* how long a page can be sent */
};

struct oauth;

struct oauth *oauth_new(const struct oauth_config *config);
void oauth_free(struct oauth *oauth); /* accepts NULL; no answer is owed */

/* What an app asks for when it sends somebody to the page. */
struct oauth_request {
    struct str appid;
    struct str url; /* where to send them back to */
    struct str state;
};

/* May it be registered: an absolute URL without a fragment, of characters that need no quoting, its
 * authority a name or an address and a port? Not for schemes that a browser would run. */
bool oauth_is_url(struct str url);

/* Is the URL registered for the app, byte for byte? redirect is NULL unless ERR_NONE. */
MUST_USE enum err oauth_find_url(struct oauth *oauth, const struct oauth_request *request,
                                 store_oauth_redirect_fn on_found, void *ctx);

/* A page as it was sent to a browser. */
struct oauth_page {
    struct oauth_request request;
    struct str cookie; /* what that browser alone knows */
    int64_t made_ms;   /* wall */
};

void oauth_seal(const struct oauth *oauth, const struct oauth_page *page,
                char out[static OAUTH_SEAL_CAP]);
/* The page is ours, this browser's, and young enough. */
MUST_USE bool oauth_is_sealed(const struct oauth *oauth, const struct oauth_page *page,
                              struct str seal, int64_t wall_ms);

/* code: NULL unless ERR_NONE. */
typedef void (*oauth_code_fn)(void *ctx, enum err err, const char *code);
struct oauth_grant {
    struct oauth_request request;
    struct str apikey;
    int64_t wall_ms;
    oauth_code_fn on_code;
    void *ctx;
};
MUST_USE enum err oauth_issue(struct oauth *oauth, const struct oauth_grant *grant);

/*
 * Takes a code, which is gone then. ERR_NOT_FOUND: there is none, or it is another app's or was
 * sent to another URL; ERR_EXPIRED. apikey: NULL unless ERR_NONE.
 */
typedef void (*oauth_taken_fn)(void *ctx, enum err err, const char *apikey);
struct oauth_exchange {
    struct str code;
    struct str appid;
    struct str url;
    int64_t wall_ms;
    oauth_taken_fn on_taken;
    void *ctx;
};
MUST_USE enum err oauth_take(struct oauth *oauth, const struct oauth_exchange *exchange);
