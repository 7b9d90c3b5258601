/*
 * pair_exchange - one request to a device's own HTTP server, and its answer.
 *
 * That server is a sketch of one: the answer counts as whole once its body is one JSON object,
 * whatever the head says of its length. Blocks, with a loop of its own.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "net/address.h"

#include <stdint.h>

/*
 * Appends the answer's body to `out`. ERR_UNAVAILABLE: nobody answers there; ERR_CLOSED: the
 * request was sent, and no answer came; ERR_INVALID: what came is no HTTP answer with a JSON
 * object.
 */
MUST_USE enum err pair_exchange_run(const struct address *device, struct str request,
                                    uint64_t patience_ms, struct buf *out);
