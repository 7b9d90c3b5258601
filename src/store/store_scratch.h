/*
 * store_scratch - a directory for a SQLite file that nobody shall keep: for tests.
 *
 * Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"

enum { STORE_SCRATCH_CAP = 64 };

/* Makes the directory and gives the path of a file in it, which is not there yet. ERR_IO. */
MUST_USE enum err store_scratch_make(char path[static STORE_SCRATCH_CAP], struct problem *problem);
/* Removes the directory, and in it whatever SQLite and we have made beside that file. */
void store_scratch_remove(const char *path);
