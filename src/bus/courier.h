/*
 * courier - letters to the home of an account: a question with an answer, or a notice without.
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

enum { COURIER_ACCOUNT_CAP = 37, COURIER_MAX_DESKS = 66, COURIER_LETTER_MAX = 2 * 1024 * 1024 };

struct loop;
struct courier;      /* of the process */
struct courier_desk; /* a thread's place to write and read letters */
struct courier_call; /* a question that has no answer yet */

/* Who is to be answered: a plain value, good until it was used or its asker's deadline is over. */
struct courier_ticket {
    uint64_t desk;
    uint64_t call;
};

struct courier_letter {
    struct str account; /* whose home it goes to */
    unsigned kind;      /* the writer's and the reader's own business */
    struct str body;
};

/* What a home does with its letters; on its own thread. */
struct courier_service {
    /* To be answered once, now or later, by courier_answer() with the ticket. */
    void (*on_question)(void *ctx, const struct courier_letter *letter,
                        struct courier_ticket ticket);
    void (*on_notice)(void *ctx, const struct courier_letter *letter);
};

struct courier_config {
    size_t max_waiting; /* letters to one desk that are under way, and questions of one desk */
    size_t max_waiting_bytes; /* what letters to one desk hold */
};

struct courier *courier_new(const struct courier_config *config);
void courier_free(struct courier *courier); /* after all desks; accepts NULL */

/* Opens a thread's desk; all before the first letter. A home is one of those that the accounts are
 * shared out among, in the order they were opened, and must be served before the first letter. */
struct courier_desk *courier_desk_new(struct courier *courier, struct loop *loop,
                                      struct metric_set *metrics, bool is_home);
/* Its loop delivers nothing more to it. Its questions end without an answer. Accepts NULL. */
void courier_desk_free(struct courier_desk *desk);
void courier_desk_serve(struct courier_desk *desk, const struct courier_service *service,
                        void *ctx);
/* No question of this desk is under way. */
bool courier_desk_is_idle(const struct courier_desk *desk);

/* Which home (0 for the first) is the account's, which never changes. */
size_t courier_home(const struct courier_desk *desk, struct str account);
bool courier_is_at_home(const struct courier_desk *desk, struct str account);

/* err: ERR_NONE, and the answer's body; ERR_UNAVAILABLE: none came by the deadline. */
typedef void (*courier_answer_fn)(void *ctx, enum err err, struct str body);

struct courier_question {
    struct courier_letter letter;
    uint64_t deadline_ms; /* from now on */
    courier_answer_fn on_answer;
    void *ctx;
};

/* ERR_FULL: too much is under way, here or there; ERR_TOO_LARGE: above COURIER_LETTER_MAX. Else
 * on_answer runs once, later, unless the call is cancelled. */
MUST_USE enum err courier_ask(struct courier_desk *desk, const struct courier_question *question,
                              struct courier_call **out);
/* Nobody waits for it any more: on_answer will not run. What was asked may happen all the same. */
void courier_cancel(struct courier_call *call);

/* Answers a question; any answer is taken, its number being bounded by the questions. */
void courier_answer(struct courier_desk *desk, struct courier_ticket ticket, struct str body);

/* Errors as of courier_ask(). Nobody says whether it was read. */
MUST_USE enum err courier_tell(struct courier_desk *desk, const struct courier_letter *letter);
