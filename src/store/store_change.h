/*
 * store_change - the bytes of a row of the journal: the changes of one group, in their order.
 *
 *     version   { number  parts  [online_ms] [offline_ms] [len model] [len params] } ...
 *     a byte      varint  a byte   varint      varint      varint       varint
 *
 * A varint has seven bits a byte, the lowest first. What `parts` does not name is unchanged. Pure
 * functions; private to src/store and its tests.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/store_device.h"

#include <stdbool.h>
#include <stdint.h>

/* True when it changes nothing. */
bool store_change_is_empty(const struct store_device_change *change);

/* The bytes of a group begin so. */
void store_change_start(struct buf *out);
/* A change, not empty, to the device whose row has that number (> 0). Its texts are within the
 * bounds of a record; id and owner are not kept. */
void store_change_append(struct buf *out, int64_t number, const struct store_device_change *change);

/* Steps over what store_change_start() wrote. ERR_INVALID: they are of another version. */
MUST_USE enum err store_change_open(struct str *rest);
/*
 * Takes the next change off *rest; *out's texts are views of it, its id and owner empty.
 * ERR_NOT_FOUND: that was all; ERR_INVALID: these are not bytes that we wrote.
 */
MUST_USE enum err store_change_next(struct str *rest, int64_t *number,
                                    struct store_device_change *out);
