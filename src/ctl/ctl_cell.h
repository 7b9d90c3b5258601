/*
 * ctl_cell - one value of the server's JSON as a person reads it.
 *
 * The name of a member says what it is: *_at is a time, *_ms a duration, *_bytes a size. Control
 * bytes never reach the terminal. Pure, any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"

/* "created_at": "created"; underscores become spaces. */
void ctl_cell_label(struct str key, struct buf *out);
void ctl_cell_format(struct str key, struct json_value value, struct buf *out);

/* How many columns of a terminal it takes: characters, not bytes. */
size_t ctl_cell_width(struct str text);
