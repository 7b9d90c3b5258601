/*
 * message_timers - a device's timers without what only apps read. Pure function, any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/*
 * Appends `params`, one validated JSON object, with its `timers` shortened: of each entry the
 * members `mId` and `coolkit_timer_type`, by which apps know it again, are left out. What is no
 * array of objects, or has too many members to look at, passes through.
 */
void message_timers_shorten(struct buf *out, struct str params);
