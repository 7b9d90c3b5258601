/*
 * store_history_pack - entries of a device's history one behind the other, each with its length.
 *
 *     { length, two bytes, lowest first   bytes } ...
 *
 * What an entry says is the domain's. Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { STORE_HISTORY_ENTRY_MAX = 1024 };

/* An entry is what is appended between the two, at most STORE_HISTORY_ENTRY_MAX bytes. */
size_t store_history_begin(struct buf *out);
void store_history_end(struct buf *out, size_t begin);
/* Takes the oldest off *rest; false at the end, and where no whole entry follows. */
MUST_USE bool store_history_next(struct str *rest, struct str *entry);
/* How many there are. */
size_t store_history_count(struct str entries);
/* The newest of them, `keep` at most. */
struct str store_history_newest(struct str entries, size_t keep);
