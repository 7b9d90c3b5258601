/*
 * command_line - the words behind a verb and the configuration they lead to.
 *
 * Complaints go to stderr. Main thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "server/config.h"
#include "server/environment.h"
#include "server/flags.h"

#include <stdbool.h>

struct command_line {
    const char *file; /* of --config or SWITCHYARD_CONFIG; NULL: none */
    struct flags flags;
    struct environment environment;
};

/* Takes the flags apart. The words are borrowed. */
MUST_USE enum err command_line_parse(int argc, char *const *argv,
                                     const struct environment *environment,
                                     struct command_line *out);

/* What the configuration is made of; borrows *line. */
struct config_inputs command_line_inputs(const struct command_line *line);

/* Loads it; the caller frees it. */
MUST_USE enum err command_line_load(const struct command_line *line, struct config **out);

/* Tells a problem with the file's name where it has a line. */
void command_line_complain(const struct command_line *line, const struct problem *problem);
