/*
 * share - an owner shares a device, changes a share or ends it; from a session, REST or an
 * operator's call, on any thread that has a desk.
 *
 * The owner's home decides and commits; the sharee is asked at his. Rules: docs/protocol.md,
 * "Shares". The thread of the desk.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "bus/relay.h"

#include <stdbool.h>
#include <stdint.h>

enum share_verb { SHARE_OFFER, SHARE_CHANGE, SHARE_END };

enum share_outcome {
    SHARE_DONE,       /* and committed; an offer: accepted */
    SHARE_REFUSED,    /* by the sharee */
    SHARE_UNANSWERED, /* no session of his has answered, or that was so lately */
    SHARE_EXISTS,     /* the device is shared with him already */
    SHARE_MISSING,    /* there is no such share to change or end */
    SHARE_UNKNOWN,    /* there is no such account */
    SHARE_FORBIDDEN,  /* the device is unknown or another's, a sharee's among them */
    SHARE_SELF,       /* with its owner */
    SHARE_FULL,       /* the device has as many shares as it may */
    SHARE_BUSY,       /* the same is being offered, or too much is under way */
    SHARE_FAILED,     /* the store, or no answer of the home */
};

struct share_rules {
    bool auto_accept;    /* without asking the sharee */
    uint64_t answer_ms;  /* for the sharee to answer an offer */
    uint64_t retry_ms;   /* after an unanswered offer the sharee is not asked again for so long */
    unsigned max_shares; /* of a device; at most STORE_LIST_MAX */
};

/* Plain texts; empty where nothing is said. */
struct share_request {
    enum share_verb verb;
    struct str owner; /* the apikey of who asks */
    struct str deviceid;
    struct str account; /* the sharee's: e-mail address, or phone number with country code */
    struct str name;    /* of the device, for him */
    struct str user_name;
    struct str note;
    int64_t permit;     /* of enum permit; below 0: not said */
    int64_t share_time; /* as the asker had it; passed on */
    bool is_forced;     /* the sharee is not asked: an operator's */
};

typedef void (*share_fn)(void *ctx, enum share_outcome outcome);

struct share_call; /* under way; ends with its callback or share_cancel() */

/* Copies the request; answer_ms as in the rules. on_outcome runs once, later. ERR_INVALID: a text
 * is too long or missing; ERR_FULL: too much is under way. */
struct share_question {
    struct share_request request;
    uint64_t answer_ms;
    share_fn on_outcome;
    void *ctx;
};
MUST_USE enum err share_ask(struct relay_desk *desk, const struct share_question *question,
                            struct share_call **out);

/* Nobody waits for it any more. What was asked may happen all the same. */
void share_cancel(struct share_call *call);
