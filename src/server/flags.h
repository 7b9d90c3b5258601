/*
 * flags - the command line behind a verb: --config FILE, --help, and one flag for every option.
 *
 * "--listen-tls VALUE" or "--listen-tls=VALUE"; a true-or-false option stands alone or takes its
 * value behind "=". A flag may stand once. Views into argv. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"
#include "server/option.h"

#include <stdbool.h>
#include <stddef.h>

struct flag {
    const struct option *option;
    struct str text;
};

struct flags {
    const char *config; /* of --config; NULL: not given */
    bool help;
    struct flag given[OPTION_COUNT];
    size_t count;
};

/* ERR_INVALID: an unknown flag (the nearest is named), a value missing, or a word out of place. */
MUST_USE enum err flags_parse(int argc, char *const *argv, struct problem *problem,
                              struct flags *out);
