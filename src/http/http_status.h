/* http_status - the reason phrases of the status codes that are sent here (RFC 9110 section 15). */
#pragma once

/* Never NULL; "Unknown" for a code that is not in the table. */
const char *http_status_text(unsigned status);
