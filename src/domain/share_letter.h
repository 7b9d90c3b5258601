/*
 * share_letter - requests, offers and outcomes of shares as bytes. Private to domain. Pure
 * functions; views point into what was read.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "domain/share.h"

#include <stdbool.h>

/* An offer to the sharee is written as the request that it comes from. */
void share_letter_write_request(struct buf *out, const struct share_request *request);
MUST_USE bool share_letter_read_request(struct str body, struct share_request *out);

void share_letter_write_outcome(struct buf *out, enum share_outcome outcome);
MUST_USE bool share_letter_read_outcome(struct str body, enum share_outcome *out);
