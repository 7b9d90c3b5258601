/*
 * relay - letters to the home of an account: a question with an answer, or a notice without.
 *
 * An account is at home on one worker; whoever wants something of it writes there, and can't tell
 * whether that is his own worker, another one, or (with another backend) another node. A letter is
 * plain bytes (base/pack.h), copied and bounded; sending never blocks. Every question ends once, by
 * its answer or its deadline, on the thread that asked. Letters of one desk to another arrive in
 * the order they were sent.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/metric.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RELAY_ACCOUNT_CAP = 37, RELAY_MAX_DESKS = 66, RELAY_LETTER_MAX = 2 * 1024 * 1024 };

struct loop;
struct relay;      /* of the process */
struct relay_desk; /* a thread's place to write and read letters */
struct relay_call; /* a question that has no answer yet */

/* Who is to be answered: a plain value, good until it was used or its asker's deadline is over. */
struct relay_ticket {
    uint64_t desk;
    uint64_t call;
};

struct relay_letter {
    struct str account; /* whose home it goes to */
    unsigned kind;      /* the writer's and the reader's own business */
    struct str body;
};

/* What a home does with its letters; on its own thread. */
struct relay_service {
    /* To be answered once, now or later, by relay_answer() with the ticket. */
    void (*on_question)(void *ctx, const struct relay_letter *letter, struct relay_ticket ticket);
    void (*on_notice)(void *ctx, const struct relay_letter *letter);
};

struct relay_config {
    size_t max_waiting; /* letters to one desk that are under way, and questions of one desk */
    size_t max_waiting_bytes; /* what letters to one desk hold */
};

struct relay *relay_new(const struct relay_config *config);
void relay_free(struct relay *relay); /* after all desks; accepts NULL */

/*
 * True when no letter is under way: all that were sent have been read and dealt with. *sent: how
 * many there were until now, so that who asks twice learns whether any was sent between. Any
 * thread.
 */
bool relay_is_quiet(const struct relay *relay, uint64_t *sent);

/* Opens a thread's desk; all before the first letter. A home is one of those that the accounts are
 * shared out among, in the order they were opened, and must be served before the first letter. */
struct relay_desk *relay_desk_new(struct relay *relay, struct loop *loop,
                                  struct metric_set *metrics, bool is_home);
/* Its loop delivers nothing more to it. Its questions end without an answer. Accepts NULL. */
void relay_desk_free(struct relay_desk *desk);
void relay_desk_serve(struct relay_desk *desk, const struct relay_service *service, void *ctx);
/* No question of this desk is under way. */
bool relay_desk_is_idle(const struct relay_desk *desk);

/* Which home (0 for the first) is the account's, which never changes. */
size_t relay_home(const struct relay_desk *desk, struct str account);
bool relay_is_at_home(const struct relay_desk *desk, struct str account);

/* err: ERR_NONE, and the answer's body; ERR_UNAVAILABLE: none came by the deadline. */
typedef void (*relay_answer_fn)(void *ctx, enum err err, struct str body);

struct relay_question {
    struct relay_letter letter;
    uint64_t deadline_ms; /* from now on */
    relay_answer_fn on_answer;
    void *ctx;
};

/* ERR_FULL: too much is under way, here or there; ERR_TOO_LARGE: above RELAY_LETTER_MAX. Else
 * on_answer runs once, later, unless the call is cancelled. */
MUST_USE enum err relay_ask(struct relay_desk *desk, const struct relay_question *question,
                            struct relay_call **out);
/* Nobody waits for it any more: on_answer will not run. What was asked may happen all the same. */
void relay_cancel(struct relay_call *call);

/* Answers a question; any answer is taken, its number being bounded by the questions. */
void relay_answer(struct relay_desk *desk, struct relay_ticket ticket, struct str body);

/* Errors as of relay_ask(). Nobody says whether it was read. */
MUST_USE enum err relay_tell(struct relay_desk *desk, const struct relay_letter *letter);
