/*
 * clock - texts of times. Reads no clock itself: net/loop does, and hands the time down.
 *
 * Wall times are milliseconds since 1970 (UTC), monotonic times milliseconds since some start.
 * Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_ISO_CAP = 25, CLOCK_DURATION_CAP = 24 };

/* "2017-09-17T00:24:54.955Z": 24 characters and a NUL, years 1970 to 9999. */
void clock_format_iso(int64_t wall_ms, char out[CLOCK_ISO_CAP]);

/*
 * "145s", "2m", "250ms", "30d", "1h30m" (from the larger unit to the smaller); a bare "0". False
 * when it is none or overflows.
 */
MUST_USE bool clock_parse_duration(struct str text, uint64_t *out_ms);

/*
 * The text that clock_parse_duration() reads back, in the largest unit that divides it: "145s",
 * "90m", "0"; returns out. CLOCK_DURATION_CAP is room for any.
 */
const char *clock_format_duration(uint64_t ms, char *out, size_t cap);
