/*
 * code_setup - what all workers share to send verification codes, made from the options.
 */
#pragma once

#include "base/attr.h"
#include "base/problem.h"
#include "domain/enrolment.h"
#include "outbox/outbox.h"
#include "server/config.h"

struct code_setup;

/* Reads the file of credentials. ERR_IO, ERR_INVALID with a problem that says what to do. */
MUST_USE enum err code_setup_open(const struct config *config, struct outbox *outbox,
                                  struct log *log, struct problem *problem,
                                  struct code_setup **out);
void code_setup_close(struct code_setup *setup); /* accepts NULL */

/* What a worker lends; its own, all borrowed. */
struct code_setup_desk {
    struct store *store;
    struct mailbox *mailbox;
    struct metric_set *metrics;
    struct login *login;
};

struct verification *code_setup_verification(const struct code_setup *setup,
                                             const struct code_setup_desk *desk);
struct enrolment *code_setup_enrolment(const struct code_setup *setup,
                                       const struct code_setup_desk *desk,
                                       struct verification *verification);
