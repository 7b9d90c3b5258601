#include "http/http_date.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

void http_date_format(int64_t wall_s, char out[HTTP_DATE_CAP])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const int64_t last = 253402300799; /* the end of the year 9999 */
    time_t time = wall_s < 0 ? 0 : (time_t)(wall_s > last ? last : wall_s);
    struct tm tm;
    int len;

    gmtime_r(&time, &tm);
    len =
        snprintf(out, HTTP_DATE_CAP, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
                 days + (size_t)tm.tm_wday * 3, (unsigned)tm.tm_mday % 100,
                 months + (size_t)tm.tm_mon * 3, (unsigned)(tm.tm_year + 1900) % 10000,
                 (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
    assert(len == HTTP_DATE_CAP - 1);
}
