/*
 * verification - codes that prove whose an e-mail address or a phone number is.
 *
 * Whoever asks for a code learns nothing of whether the account exists (unless an operator wants
 * clients to be told): the same is done for both, and the answer comes before anything is sent. One
 * for each worker; the limit and the sender are shared. The owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/metric.h"
#include "base/str.h"
#include "domain/code_limit.h"
#include "outbox/code_sender.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum { VERIFICATION_DIGITS = 6 };

struct verification_config {
    struct store *store;
    struct mailbox *mailbox; /* of the owning worker */
    struct code_limit *limit;
    const struct code_sender *sender;
    struct metric_set *metrics;
    uint64_t expiry_ms;
    unsigned max_attempts; /* wrong guesses, after which a code is gone */
    bool reveals;          /* ask: VERIFICATION_EXISTS, _UNKNOWN and _ELSEWHERE are told */
    const char *region;    /* of this node; empty: all */
};

struct verification;

struct verification *verification_new(const struct verification_config *config);
void verification_free(struct verification *verification); /* accepts NULL; only when idle */
bool verification_is_idle(const struct verification *verification);

enum verification_verdict {
    VERIFICATION_DONE,      /* the code is on its way; the guess is right */
    VERIFICATION_INVALID,   /* no e-mail address and no phone number */
    VERIFICATION_WRONG,     /* the guess is */
    VERIFICATION_EXISTS,    /* CODE_REGISTER: there is such an account */
    VERIFICATION_UNKNOWN,   /* any other: there is none */
    VERIFICATION_ELSEWHERE, /* any other: it is of another region, where clients should ask */
    VERIFICATION_TOO_OFTEN,
    VERIFICATION_NOT_SENT, /* no way leads there, or too much is waiting */
    VERIFICATION_FAILED,   /* the store did not answer */
};

/* region: of VERIFICATION_ELSEWHERE, else empty; for the call. */
typedef void (*verification_fn)(void *ctx, enum verification_verdict verdict, struct str region);

struct verification_question {
    enum code_purpose purpose;
    struct str account;
    struct str peer_ip;
    int64_t wall_ms;
    uint64_t now_ms;
    verification_fn on_verdict;
    void *ctx;
};

/* Sends a code. on_verdict runs once, maybe within the call. */
void verification_ask(struct verification *verification,
                      const struct verification_question *question);

/* Takes a guess, which a right one uses up: VERIFICATION_DONE, _WRONG or _FAILED; likewise. */
void verification_try(struct verification *verification,
                      const struct verification_question *question, struct str code);

/* "name@host" or "+" and 5 to 15 digits, in ASCII without spaces and quotes. */
bool verification_is_account(struct str account);
