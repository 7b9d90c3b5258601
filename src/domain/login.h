/*
 * login - is this the password of that account? And a new one in its place.
 *
 * The work is the same whether or not there is such an account: a password is always verified, on a
 * thread of the store, if need be against one that nobody knows. Failures are limited. Of one
 * worker; calls answer once, later, on its thread. Rules: docs/protocol.md, "Login".
 */
#pragma once

#include "base/attr.h"
#include "domain/login_limit.h"
#include "domain/token_office.h"

#include <stdbool.h>

enum login_verdict {
    LOGIN_GRANTED,
    LOGIN_WRONG,     /* the password; or, unless unknown accounts may be told, whatever else */
    LOGIN_UNKNOWN,   /* no such account */
    LOGIN_INACTIVE,  /* it has no password */
    LOGIN_ELSEWHERE, /* the password is right, but the account belongs to another region */
    LOGIN_LIMITED,   /* too many have failed */
    LOGIN_FAILED,    /* the store did not answer */
};

struct login_config {
    struct store *store;         /* borrowed, as are all */
    struct mailbox *mailbox;     /* of the owning worker */
    struct login_limit *limit;   /* of all workers */
    struct token_office *office; /* of this worker */
    struct metric_set *metrics;
    const char *region;  /* whose accounts are at home here; empty: all */
    bool tells_unknown;  /* LOGIN_UNKNOWN and LOGIN_INACTIVE are told apart from LOGIN_WRONG */
    unsigned min_length; /* of a new password, in bytes */
};

struct login;

struct login *login_new(const struct login_config *config);
void login_free(struct login *login); /* accepts NULL; no answer is owed */

/* user: with LOGIN_GRANTED and LOGIN_ELSEWHERE, else NULL. */
typedef void (*login_fn)(void *ctx, enum login_verdict verdict, const struct user_record *user);

/* Views are copied. */
struct login_attempt {
    struct str account; /* or, when it is empty: */
    struct str apikey;
    struct str password;
    struct str peer_ip;
    uint64_t now_ms; /* monotonic */
    login_fn on_login;
    void *ctx;
};

/* on_login runs once, now or later, unless it returns false: a text breaks a bound. */
MUST_USE bool login_check(struct login *login, const struct login_attempt *attempt);

/* The hash that passwords of unknown accounts are verified against. */
const char *login_decoy(void);

/* May that be a new password? */
MUST_USE bool login_is_password(const struct login *login, struct str password);
/* Hashes it, stores it and ends all of the account's tokens. login_is_password() says yes. */
MUST_USE enum err login_set_password(struct login *login, struct str apikey, struct str password,
                                     store_done_fn on_done, void *ctx);
