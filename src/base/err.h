/*
 * err - why a call failed. Zero means it did not.
 *
 * err.def is the one list. `struct problem` carries a text for a person beside the code; only
 * failures that an operator reads (configuration, certificates, migrations) fill one.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>

enum err {
#define ERR(name, text) ERR_##name,
#include "base/err.def"
#undef ERR
};

struct problem {
    enum err err;
    size_t line; /* in the file it speaks of, from 1; 0 where there is none */
    char text[240];
};

/* The table's text; never NULL. */
const char *err_text(enum err err);

/* Fills *problem (NULL is accepted) and returns err, so that a caller can return the call. */
enum err problem_set(struct problem *problem, enum err err, size_t line, const char *format, ...)
    PRINTF_LIKE(4, 5);
