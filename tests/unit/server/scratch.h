/*
 * scratch - a directory for one test, removed with all in it.
 */
#pragma once

enum { SCRATCH_PATH_CAP = 128 };

struct scratch {
    char directory[64];
};

/* cmocka's set-up and tear-down: *state is the struct scratch. */
int scratch_open(void **state);
int scratch_close(void **state);

/* The path of a file in it; returns out. */
const char *scratch_path(const struct scratch *scratch, const char *name,
                         char out[SCRATCH_PATH_CAP]);
