/*
 * problem - a failure with a text for a person: what is wrong, and where.
 *
 * Only failures that an operator reads (configuration, certificates, migrations, a port in use)
 * fill one. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>

struct problem {
    enum err err;
    size_t line; /* in the file it speaks of, from 1; 0 where there is none */
    char text[240];
};

/* Fills *problem (NULL is accepted) and returns err, so that a caller can return the call. */
enum err problem_set(struct problem *problem, enum err err, size_t line, const char *format, ...)
    PRINTF_LIKE(4, 5);
