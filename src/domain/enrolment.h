/*
 * enrolment - a new account, or a new password for one, for whoever shows the code that was sent to
 * its address. Of one worker; calls answer once, later or within the call, on its thread. Rules:
 * docs/protocol.md, "Verification codes".
 */
#pragma once

#include "base/attr.h"
#include "domain/login.h"
#include "domain/verification.h"
#include "store/store_user.h"

#include <stdbool.h>
#include <stdint.h>

struct enrolment_config {
    struct store *store;     /* borrowed, as are all */
    struct mailbox *mailbox; /* of the owning worker */
    struct verification *verification;
    struct login *login;
    struct metric_set *metrics;
    const char *region; /* of new accounts; may be empty */
    bool is_open;       /* accounts may be made */
};

struct enrolment;

struct enrolment *enrolment_new(const struct enrolment_config *config);
void enrolment_free(struct enrolment *enrolment); /* accepts NULL; no answer is owed */
bool enrolment_is_open(const struct enrolment *enrolment);

enum enrolment_verdict {
    ENROLMENT_DONE,
    ENROLMENT_INVALID, /* no account, or a password that can be none */
    ENROLMENT_CLOSED,  /* accounts are made by operators alone */
    ENROLMENT_WRONG,   /* the code is */
    ENROLMENT_EXISTS,  /* there is such an account already */
    ENROLMENT_UNKNOWN, /* there is none any more */
    ENROLMENT_FAILED,  /* the store did not answer */
};

/* user: when done, for the call; else NULL. */
typedef void (*enrolment_fn)(void *ctx, enum enrolment_verdict verdict,
                             const struct user_record *user);

/* Views are copied. */
struct enrolment_form {
    struct str account;
    struct str password;
    struct str code;
    int64_t wall_ms;
    enrolment_fn on_done;
    void *ctx;
};

void enrolment_register(struct enrolment *enrolment, const struct enrolment_form *form);
/* All of the account's tokens and sessions end with its old password. */
void enrolment_reset(struct enrolment *enrolment, const struct enrolment_form *form);
