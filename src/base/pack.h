/*
 * pack - numbers and texts as bytes, and back: for values that go to another thread or node.
 *
 * The reader knows the order; there are no names and no padding. Whatever it is given, a reader
 * stays within it and gives zeros and empty texts from the first thing on that is not there. Pure
 * functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

void pack_int(struct buf *out, int64_t number);   /* 8 bytes, lowest first */
void pack_text(struct buf *out, struct str text); /* its length, then its bytes */

struct pack_reader {
    struct str rest;
    bool has_failed;
};

int64_t pack_read_int(struct pack_reader *reader);
/* A view into what is read; never NULL, also when empty. */
struct str pack_read_text(struct pack_reader *reader);
/* Everything was there, and nothing is left over. */
MUST_USE bool pack_is_whole(const struct pack_reader *reader);
