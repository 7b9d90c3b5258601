/*
 * file - whole small files, read and replaced. Blocks: for the start and for operators' tools only.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"

#include <stddef.h>

/* Appends the file. ERR_TOO_LARGE past max_bytes, ERR_IO with a text that names file and reason. */
MUST_USE enum err file_read(const char *path, size_t max_bytes, struct buf *out,
                            struct problem *problem);

/* Replaces the file as a whole: a reader sees the old content or the new. Mode 0600. */
MUST_USE enum err file_replace(const char *path, struct str content, struct problem *problem);
