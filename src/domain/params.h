/*
 * params - a device's params: merged by top-level key, selected by name, made fit for old firmware.
 *
 * Works on validated JSON text and passes values through byte for byte. Any thread.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

enum { PARAMS_MAX_MEMBERS = 256 };

/* What may be merged: an object, or an array of nothing but objects. */
MUST_USE bool params_is_change(struct json_value params);

/*
 * Appends `stored` (an object, or empty) with the members of `change` put over it: known keys keep
 * their place, new ones follow. A change that is an array of objects is applied in turn. Keys are
 * the same when their bytes are. ERR_INVALID: either is of a wrong kind; ERR_TOO_LARGE: the result
 * or the whole change has more than PARAMS_MAX_MEMBERS, or the result more than `max_bytes`;
 * nothing is appended then. Neither may lie in `out`.
 */
MUST_USE enum err params_merge(struct buf *out, struct str stored, struct json_value change,
                               size_t max_bytes);

/*
 * Appends the object of those members that `names` asks for: an array of strings, or a string with
 * names split at '|'. Blanks around names and items that are no strings are passed over; where no
 * name is left, all are meant. Returns how many members were written. Nothing of `stored` or
 * `names` may lie in `out`.
 */
size_t params_select(struct buf *out, struct str stored, struct json_value names);

/* Appends params as firmware before protocol version 7 needs them: booleans become 1 and 0; null,
 * empty arrays and empty objects become 0, at any depth. */
void params_normalize(struct buf *out, struct json_value params);

/*
 * Appends params without the white space between their tokens: firmware finds keys by their
 * letters. False where there is none; nothing is appended then.
 */
bool params_compact(struct buf *out, struct json_value params);
