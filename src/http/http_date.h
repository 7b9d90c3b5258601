/* http_date - the Date header's form of a time (RFC 9110 section 5.6.7). Any thread. */
#pragma once

#include <stdint.h>

enum { HTTP_DATE_CAP = 30 };

/* "Sun, 06 Nov 1994 08:49:37 GMT": years 1970 to 9999; wall_s: seconds since 1970. */
void http_date_format(int64_t wall_s, char out[HTTP_DATE_CAP]);
