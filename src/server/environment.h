/*
 * environment - the one place that reads the process's environment.
 *
 * A value that can be made by hand, so that tests need not change the real one. Any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* "NAME=value" texts, ended by NULL; borrowed. */
struct environment {
    char *const *entries;
};

struct environment environment_process(void);

/* The value of a variable, or NULL when it is not set. */
const char *environment_find(const struct environment *environment, const char *name);

/* Walks the variables whose name starts with prefix, from *at = 0; false at the end. */
bool environment_next(const struct environment *environment, struct str prefix, size_t *at,
                      struct str *name, const char **value);
