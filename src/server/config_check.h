/*
 * config_check - what no single option can tell: whether the options fit each other.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "server/config.h"
#include "server/environment.h"

/* ERR_INVALID with a text that names the options and where they were set. */
MUST_USE enum err config_check(const struct config *config, struct problem *problem);

/* Appends one line for every variable that looks like an option but is none. */
void config_check_environment(const struct environment *environment, struct buf *out);
