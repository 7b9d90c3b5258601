#include "base/clock.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* From the largest down; a duration names each at most once, in this order. */
static const struct unit {
    const char *name;
    uint64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

static const int64_t LAST_MS = 253402300799999; /* the end of the year 9999 */

enum { UNITS = sizeof units / sizeof *units };

void clock_format_iso(int64_t wall_ms, char out[CLOCK_ISO_CAP])
{
    const time_t seconds = wall_ms / 1000;
    struct tm tm;
    size_t len;

    assert(wall_ms >= 0 && wall_ms <= LAST_MS);
    gmtime_r(&seconds, &tm);
    len = strftime(out, CLOCK_ISO_CAP, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, CLOCK_ISO_CAP - len, ".%03uZ", (unsigned)(wall_ms % 1000));
}

/* Takes what stands before the first byte that is a digit (or is none) off the front of *text. */
static struct str take_run(struct str *text, bool of_digits)
{
    size_t len = 0;
    struct str run;

    while (len < text->len && (text->ptr[len] >= '0' && text->ptr[len] <= '9') == of_digits)
        len++;
    run = str_sub(*text, 0, len);
    *text = str_sub(*text, len, text->len);
    return run;
}

bool clock_parse_duration(struct str text, uint64_t *out_ms)
{
    const struct unit *unit = units;
    uint64_t total = 0;

    if (text.len == 0)
        return false;
    if (str_eq(text, STR("0"))) {
        *out_ms = 0;
        return true;
    }
    for (; text.len > 0; unit++) {
        struct str digits = take_run(&text, true);
        struct str name = take_run(&text, false);
        uint64_t count;

        while (unit < units + UNITS && !str_eq(name, str_of(unit->name)))
            unit++;
        if (unit == units + UNITS || !str_to_u64(digits, &count))
            return false;
        if (__builtin_mul_overflow(count, unit->ms, &count) ||
            __builtin_add_overflow(total, count, &total))
            return false;
    }
    *out_ms = total;
    return true;
}

const char *clock_format_duration(uint64_t ms, char *out, size_t cap)
{
    const struct unit *unit = units;
    int len;

    while (ms % unit->ms != 0)
        unit++;
    len = snprintf(out, cap, "%" PRIu64 "%s", ms / unit->ms, ms == 0 ? "" : unit->name);
    assert(len > 0 && (size_t)len < cap);
    return out;
}
