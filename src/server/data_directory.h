/*
 * data_directory - makes the data directory and holds it, so that two servers never share one.
 *
 * The lock is the kernel's and ends with the process; the file "lock" stays and tells the process
 * id. Blocks; main thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"

struct data_directory;

/* ERR_BUSY: another server holds it. ERR_IO. The problem's text says what to do. */
MUST_USE enum err data_directory_open(const char *path, struct problem *problem,
                                      struct data_directory **out);
void data_directory_close(struct data_directory *directory); /* accepts NULL */
